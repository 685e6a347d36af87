"""Every server on port 443 is an endpoint: what is said then of anybody's traffic has to be true.

Whoever reads a capture with a row too many meets nothing else. What the plugin finds in foreign captures with such a row
is listed here, each with why it is true of these captures; in whatever form they come, nothing is found beside it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses

import pytest

import cases
import sandbox
import shared
from forms import FORMS, NO_INVENTION

ROWS = [["", "0.0.0.0/0", "443", "", ""], ["", "::/0", "443", "", ""]]
SCENARIOS = sandbox.catalogue()
SUBJECTS = [name for name, scenario in SCENARIOS.items() if scenario["group"] == "Foreign traffic"]
FRAMES_MAX = 15  # of captures of which each frame is tried
# Where its request is lost or late, the answer to it is all that there is: and that is DirectAccess's own.
SPARED = {"foreign-sstp": {"connected"}}

ASKED = "the server asks for a certificate"
# By capture, in the order of its sessions with findings: the findings of each, and why they are true.
TRUE = {
    "foreign-certificate-expired": [
        (["certificate_expired", "certificate_rejected"],
         "it had ended ten days before, and the client's alert is certificate_expired")],
    "foreign-certificate-silently-rejected": [
        (["certificate_self_signed", "certificate_silently_rejected"],
         "it is, and the client resets behind it")],
    "foreign-certificate-untrusted": [
        (["certificate_untrusted"], "the client's alert is unknown_ca")],
    "foreign-client-certificates": [
        (["client_certificate_requested", "closed_after_handshake"],
         f"{ASKED}, gets it, and the client closes without having asked for anything"),
        (["client_certificate_missing", "client_certificate_requested"],
         f"{ASKED}, gets an empty one, and ends the handshake"),
        (["client_certificate_issuer_not_listed", "client_certificate_rejected",
          "client_certificate_requested"],
         f"{ASKED} of one CA, gets one of another, and ends the handshake")],
    "foreign-handshake-failure": [
        (["hello_rejected"], "the server's alert is handshake_failure")],
    "foreign-monitors": [
        (["hello_rejected"], "the server answers the hello of SSL 3 with an alert"),
        (["closed_after_handshake"], "a monitor that only wants the handshake"),
        (["certificate_untrusted"], "the monitor trusts another CA, and says so in TLS 1.2"),
        (["hello_rejected"], "the hello of SSL 3, again"),
        (["closed_after_handshake"], "the handshake, again")],
    "foreign-mutual-tls": [
        (["client_certificate_missing", "client_certificate_requested"],
         f"{ASKED}, gets an empty one, and ends the handshake")],
    "foreign-mutual-tls-400": [
        (["client_certificate_requested"], f"{ASKED}; that it refuses the page is no session's end")],
    "foreign-protocol-version": [
        (["hello_rejected"], "the server's alert is protocol_version")],
    "foreign-retry-rejected": [
        (["handshake_failed"], "the client's alert ends it: which certificate it saw is hidden"),
        (["handshake_failed"], "the same without a HelloRetryRequest")],
    "foreign-scanner": [
        (["null_cipher_not_selected"], "NULL suites are among what it offers, and AES is chosen")],
    "foreign-scanner-rejected": [
        (["hello_rejected"], "the server's alert is handshake_failure")],
    "foreign-ssh": [
        (["not_tls"], "what answers is an SSH server"),
        (["no_client_hello", "not_tls"], "the client had gone before the SSH server spoke"),
        (["not_tls"], "what answers is an SSH server")],
    "withdrawn-certificate": [
        (["certificate_expired", "certificate_name_mismatch", "certificate_self_signed"],
         "its certificate is all that")],
}


def subject(name):
    """The capture with the rows."""
    capture = cases.capture_of(name)
    return cases.Case(name, capture.frames, ROWS, capture.keys)


def said(sessions):
    """The findings of those sessions that have some."""
    return [session.told() for session in sessions if session.told()]


@pytest.fixture(name="clean_ones")
def fixture_clean_ones(tshark):
    """The sessions of all captures by their names."""
    return shared.once("stress", lambda: dict(zip(SUBJECTS, cases.read_all(
        tshark, [subject(name) for name in SUBJECTS], False))))


def test_all_that_is_found_is_true(clean_ones):
    told = {name: said(sessions) for name, sessions in clean_ones.items() if said(sessions)}
    assert told == {name: [findings for findings, _ in listed] for name, listed in TRUE.items()}


def test_the_second_pass_finds_the_same(tshark, clean_ones):
    withdrawn = {name for name in SUBJECTS if SCENARIOS[name]["withdrawn"]}
    names = [name for name in SUBJECTS if name not in withdrawn]
    told = cases.read_all(tshark, [subject(name) for name in names], True)
    assert [said(sessions) for sessions in told] == [said(clean_ones[name]) for name in names]


def test_no_note_on_whole_captures(clean_ones):
    noted = {name for name, sessions in clean_ones.items()
             if any(cases.CAPTURE_NOTES & set(session.findings) for session in sessions)}
    assert noted == set()


def in_form(form_name):
    """The captures in a form: pairs of a name and a case."""
    form = FORMS[form_name]
    return [(name, dataclasses.replace(case, frames=frames))
            for name in SUBJECTS if not form.per_frame or SCENARIOS[name]["frames"] <= FRAMES_MAX
            for case in [subject(name)] for frames in form.variants(case.frames)]


def answers(tshark, preferences):
    """What is told of all captures in all forms with these preferences, by the name of the form."""
    tried = {name: in_form(name) for name, form in FORMS.items() if form.preferences == preferences}
    told = iter(cases.read_all(tshark, [case for pairs in tried.values() for _, case in pairs], False, preferences))
    return {form_name: [(name, next(told)) for name, _ in pairs] for form_name, pairs in tried.items()}


def allowed(sessions, name, form):
    """The sessions of a capture with all that may be told of them in the form."""
    if form.rule != NO_INVENTION:
        return sessions
    return [dataclasses.replace(session, findings=[*session.findings, *SPARED.get(name, ())])
            for session in sessions]


@pytest.mark.parametrize("form_name", FORMS)
def test_nothing_is_invented_in_any_form(tshark, form_name, clean_ones):
    form = FORMS[form_name]
    told = shared.once(("stress", form.preferences), lambda: answers(tshark, form.preferences))
    wrong = [(name, said) for name, sessions in told[form_name]
             for said in [cases.complaints(form.rule, allowed(clean_ones[name], name, form), sessions)] if said]
    assert wrong == []
