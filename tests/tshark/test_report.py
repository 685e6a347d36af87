"""The report says in words what the catalogue of captures expects.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
WIDTH = 100
VERDICTS = {0: "in progress", 1: "connected", 2: "TLS complete, content not readable", 3: "failed",
            4: "closed, nothing decided"}
ORDER = (3, 1, 2, 4, 0)
NOTHING = "This capture holds no DirectAccess (IP-HTTPS) session."


def catalogue_of_findings():
    """Title and severity of each finding, by its name, from the reference."""
    text = (sandbox.SOURCE / "plugin" / "README.md").read_text(encoding="utf-8")
    return {slug: (title, severity) for slug, title, severity in re.findall(
        r"^\| `(\w+)` \| ([^|]+) \| (error|warning|note|chat) \|", text, re.MULTILINE)}


FINDINGS = catalogue_of_findings()


@pytest.fixture(scope="module")
def report_of(tshark, told):
    """A function: the report of a scenario's capture, each run of spaces and line breaks a space."""
    def read(name, two_pass=False, display_filter=None):
        if display_filter is None:
            text = report_in(told(name, two_pass)[1])
        else:
            text = tshark.read(sandbox.capture_of(name), "-q", "-z",
                               f"iphttps,report,{display_filter}", two_pass=two_pass,
                               endpoints=SCENARIOS[name]["endpoints"]).stdout
        assert all(len(line) <= WIDTH for line in text.splitlines())
        return " ".join(text.split())
    return read


def report_in(text):
    """The report among other statistics, which have lines of = around them."""
    return re.search(r"^(This capture holds no|\d+ DirectAccess sessions? ?.*[:.]$)(.|\n)*?(?=^===|\Z)",
                     text, re.MULTILINE)[0]


def totals(sessions):
    """The report's first sentence."""
    if len(sessions) == 1:
        return f"1 DirectAccess session: {VERDICTS[sessions[0]['verdict']]}."
    clients = {session["client"] for session in sessions}
    verdicts = [session["verdict"] for session in sessions]
    counts = ", ".join(f"{verdicts.count(verdict)} {VERDICTS[verdict]}" for verdict in ORDER
                       if verdict in verdicts)
    plural = "s" if len(clients) > 1 else ""
    return f"{len(sessions)} DirectAccess sessions of {len(clients)} client{plural}: {counts}."


@pytest.mark.parametrize("name", SCENARIOS)
def test_report_says_what_the_catalogue_expects(report_of, name, two_pass):
    text = report_of(name, two_pass)
    sessions = SCENARIOS[name]["sessions"]
    assert text.startswith(totals(sessions) if sessions else NOTHING)
    for session in sessions:
        assert session["endpoint"] in text
        assert VERDICTS[session["verdict"]].upper() in text
        for finding in session["findings"]:
            title, severity = FINDINGS[finding["slug"]]
            assert severity == "chat" or title in text, finding


def test_failure_comes_with_its_box_cause_next_step_code_and_frame(report_of):
    text = report_of("client-certificate-missing-alert")
    [session] = SCENARIOS["client-certificate-missing-alert"]["sessions"]
    assert "FAILED: client certificate missing Look at client" in text
    assert "Stopped after Client certificate: the server sent the fatal alert handshake_failure " \
        "(40)" in text
    assert "certutil -pulse" in text
    assert "Windows 0x90320 SEC_I_INCOMPLETE_CREDENTIALS" in text
    assert f"Frame {session['decided_in']} (session 0)" in text


def test_attempts_that_failed_alike_are_told_once(report_of):
    text = report_of("several-attempts")
    sessions = SCENARIOS["several-attempts"]["sessions"]
    [client] = {session["client"] for session in sessions}
    assert f"{len(sessions)} attempts of client {client}, all the same" in text
    assert text.count("Cause ") == 1


def test_filter_leaves_out_other_sessions(report_of, two_pass):
    text = report_of("several-clients", two_pass, "ip.addr == 192.0.2.10")
    assert text.startswith("1 DirectAccess session: connected.")
    assert "failed" not in text.lower()


def test_filter_that_no_session_passes_is_said_to_be_the_reason(report_of):
    assert report_of("several-clients", False, "udp") \
        == "No frame that passes the filter belongs to a DirectAccess (IP-HTTPS) session."


def test_broken_filter_is_complained_about(tshark):
    done = tshark.read(sandbox.capture_of("several-clients"), "-q", "-z", "iphttps,report,tcp ==",
                       check=False)
    assert "iphttps,report" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name, told", [
    ("connect-timeout", "did not answer 1 connection, first tried in frame 1"),
    ("connect-refused", "refused 1 connection, first in frame 2"),
    ("name-not-found", "the lookup of da.example.com failed"),
])
def test_failure_at_an_endpoint_that_no_row_names_is_hinted_at(tshark, name, told, two_pass):
    text = " ".join(tshark.read(sandbox.capture_of(name), "-q", "-z", "iphttps,report",
                                two_pass=two_pass).stdout.split())
    assert text.startswith(NOTHING)
    assert told in text
    assert "The table of endpoints is empty." in text


def test_working_traffic_of_others_is_no_hint(report_of):
    text = report_of("foreign-https")
    assert text.startswith(NOTHING)
    assert "may be DirectAccess" not in text
