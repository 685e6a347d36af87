"""In whatever form a capture comes, nothing is said of it that the clean one does not show.

forms.py makes the forms, cases.py reads many of them at a time; what may not be said stands in its complaints().

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses
import functools

import pytest

import cases
import sandbox
import shared
from forms import FORMS

SCENARIOS = sandbox.catalogue()
# Their certificates do not bear another name, or are known by their thumbprints.
UNMOVABLE = {"certificate-plain-subject", "certificate-self-signed", "certificate-self-signed-connected",
             "certificate-expected", "certificate-not-expected"}
SUBJECTS = [name for name, scenario in SCENARIOS.items() if name not in UNMOVABLE and not scenario["withdrawn"]]
SPREAD = SUBJECTS[::4]
FRAMES_MAX = 15  # of captures of which each frame is tried
SMALL = [name for name in SUBJECTS if SCENARIOS[name]["frames"] <= FRAMES_MAX and SCENARIOS[name]["sessions"]]
CAPTURES_MIN = 50
SELDOM = {"early-dns-answer"}  # there are fewer captures with a lookup


def server_row(name, host=""):
    """An endpoint row for the server's address, should nothing else tell whose session it is; host: its name too."""
    servers = [session["server"] for session in SCENARIOS[name]["sessions"] if session["server"]]
    return [[host, server, "", "", ""] for server in servers[:1]]


def clean(name, by_address=False, series=0):
    """The capture as it is."""
    case = cases.clean_case(name, series)
    if not by_address:
        return case
    hosts = [row[0] for row in case.endpoints if row[0] and not row[0].startswith("*")]
    return dataclasses.replace(case, endpoints=case.endpoints + server_row(name, *hosts[:1]))


def subjects_of(form):
    """The captures that are tried in a form."""
    return [name for name in (SMALL if form.per_frame else SUBJECTS if form.by_address else SPREAD)
            if name not in form.spared and (server_row(name) or not form.by_address)]


def in_form(form):
    """Captures in a form: pairs of a name and a case."""
    series = list(FORMS.values()).index(form)
    subjects = {name: clean(name, form.by_address, series) for name in subjects_of(form)}
    return [(name, dataclasses.replace(case, frames=frames))
            for name, case in subjects.items() for frames in form.variants(case.frames)]


def answers(tshark, preferences, two_pass):
    """The sessions of all captures in all forms with these preferences, by the name of the form."""
    tried = {form_name: in_form(form) for form_name, form in FORMS.items() if form.preferences == preferences}
    told = iter(cases.read_all(tshark, [case for pairs in tried.values() for _, case in pairs], two_pass, preferences))
    return {form_name: [(name, next(told)) for name, _ in pairs] for form_name, pairs in tried.items()}


def clean_answers(tshark, two_pass):
    """The sessions of the clean captures, by whether there is a row for the server, and by name."""
    told = {by_address: cases.read_all(tshark, [clean(name, by_address) for name in SUBJECTS], two_pass)
            for by_address in (False, True)}
    return {by_address: dict(zip(SUBJECTS, sessions)) for by_address, sessions in told.items()}


@pytest.fixture(name="once", scope="module")
def fixture_once(tshark):
    """A function: what a function finds with tshark, found once by all workers and unpacked once by each."""
    @functools.lru_cache(maxsize=None)
    def found(find, *arguments):
        return shared.once((find.__name__, *arguments), lambda: find(tshark, *arguments))
    return found


@pytest.fixture(name="clean_ones")
def fixture_clean_ones(once, two_pass):
    """clean_answers(), found once."""
    return once(clean_answers, two_pass)


def test_many_captures_in_one_tell_what_each_tells_alone(clean_ones):
    told = {name: [(session.verdict, sorted(session.findings)) for session in sessions]
            for name, sessions in clean_ones[False].items()}
    assert told == {name: [(session["verdict"], sorted(finding["slug"] for finding in session["findings"]))
                           for session in SCENARIOS[name]["sessions"]] for name in SUBJECTS}


@pytest.mark.parametrize("form_name", FORMS)
def test_nothing_is_invented(once, form_name, two_pass, clean_ones):
    form = FORMS[form_name]
    told = once(answers, form.preferences, two_pass)
    wrong = [(name, said) for name, sessions in told[form_name]
             for said in [cases.complaints(form.rule, clean_ones[form.by_address][name], sessions)] if said]
    assert wrong == []
    assert len({name for name, _ in told[form_name]}) >= CAPTURES_MIN or form_name in SELDOM
