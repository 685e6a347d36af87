"""Every capture of the catalogue shows exactly the sessions and findings its scenario has.

The expectations are those of testcaptures/expected.json, made from what each scenario sets up and
from frames that Wireshark finds without the plugin.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
UNTOUCHED = [name for name, scenario in SCENARIOS.items() if scenario["untouched"]]
WITHDRAWN = [name for name, scenario in SCENARIOS.items() if scenario["withdrawn"]]
DIAGNOSED = [name for name, scenario in SCENARIOS.items() if scenario["sessions"]]

# What a session is asked for, by the names of the catalogue; all are read from its last frame.
FIELDS = {
    "endpoint": "iphttps.endpoint",
    "tagged_by": "iphttps.tagged_by",
    "verdict": "iphttps.verdict",
    "decided_in": "iphttps.decided_in",
    "client_type": "iphttps.client",
    "cipher_suite": "iphttps.cipher_suite",
    "phase": "iphttps.phase",
}
# On the second pass every frame of a session tells the same.
LASTING = ("endpoint", "tagged_by", "verdict", "decided_in", "client_type", "cipher_suite")


def by_session(frames):
    """The frames of each session, in the order of the sessions' indexes."""
    sessions = {}
    for frame in frames:
        for index in frame["iphttps.session"]:
            sessions.setdefault(int(index), []).append(frame)
    return [sessions[index] for index in sorted(sessions)]


def number(frame):
    """The frame's number."""
    return int(frame["frame.number"][0])


def value(frame, key):
    """A field's value as the catalogue writes it, None if the frame lacks it."""
    texts = frame[FIELDS[key]]
    if not texts:
        return None
    return texts[0] if key == "endpoint" else int(texts[0], 0)


def diagnosis(frames):
    """What the frames of one session tell, in the catalogue's words."""
    told = {key: value(frames[-1], key) for key in FIELDS}
    told["findings"] = sorted((number(frame), slug)
                              for frame in frames for slug in frame["iphttps.finding"])
    told["windows_error"] = sorted({int(code, 0) for frame in frames
                                    for code in frame["iphttps.windows_error"]})
    return told


def expectation(session, told):
    """The same as the catalogue has it, with what it leaves open filled in from what was told."""
    wanted = {key: told[key] if session[key] is None else session[key] for key in FIELDS}
    wanted["findings"] = sorted((finding["frame"], finding["slug"])
                                for finding in session["findings"])
    error = session["windows_error"]
    known = error is None or error in told["windows_error"]
    wanted["windows_error"] = told["windows_error"] if known else [error]
    if error == sandbox.NO_CODE:
        wanted["windows_error"] = []
    return wanted


@pytest.mark.parametrize("name", DIAGNOSED)
def test_sessions_are_diagnosed(rows, name, two_pass):
    told = [diagnosis(frames) for frames in by_session(rows(name, two_pass))]
    sessions = SCENARIOS[name]["sessions"]
    assert len(told) == len(sessions), [one["findings"] for one in told]
    assert told == [expectation(session, one) for session, one in zip(sessions, told)]


def stream(frame):
    """The TCP stream that the frame belongs to, None for DNS and for what is not TCP."""
    return frame["tcp.stream"][0] if frame["tcp.stream"] and not frame["dns.id"] else None


@pytest.mark.parametrize("name", DIAGNOSED)
def test_second_pass_shows_whole_sessions(rows, name):
    frames = rows(name, two_pass=True)
    for session in by_session(frames):
        for key in LASTING:
            assert {value(frame, key) for frame in session} == {value(session[-1], key)}, key
        streams = {stream(frame) for frame in session} - {None}
        whole = [number(frame) for frame in frames if stream(frame) in streams]
        assert [number(frame) for frame in session if stream(frame)] == whole


def shown_of_ours(frames):
    """What the plugin shows, as pairs of a field's name and its texts."""
    return [(name, texts) for frame in frames for name, texts in frame.items()
            if texts and name.split(".")[0] == "iphttps"]


@pytest.mark.parametrize("name", UNTOUCHED)
def test_foreign_traffic_is_left_alone(rows, name, two_pass):
    assert not shown_of_ours(rows(name, two_pass))


@pytest.mark.parametrize("name", WITHDRAWN)
def test_withdrawn_tag_leaves_nothing_behind(rows, name):
    assert not shown_of_ours(rows(name, two_pass=True))


@pytest.mark.parametrize("name", WITHDRAWN)
def test_withdrawn_tag_raises_nothing_on_the_first_pass(rows, name):
    frames = rows(name, two_pass=False)
    tagged = [number(frame) for frame in frames if frame["iphttps.session"]]
    assert not [frame for frame in frames if frame["iphttps.finding"]]
    assert tagged and tagged[-1] < number(frames[-1])
