"""Tools > IP-HTTPS > Report shows the same as tshark prints, and its buttons do what they say.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import desktop

if desktop.lacking():
    pytest.skip(f"the tests of the GUI need what is not installed here: {desktop.lacking()}",
                allow_module_level=True)

from accessible import wait_for

SCENARIOS = desktop.sandbox.catalogue()
SEVERAL = "several-clients"


def printed(room, name, endpoints):
    """What tshark prints."""
    return room.read(desktop.sandbox.capture_of(name), "-q", "-z", "iphttps,report",
                     endpoints=endpoints).stdout


def words_of(text):
    """What is read of a text, in whatever lines; the window shows its labels and sentences as a table, whose cells
    Qt tells apart by characters that nobody sees."""
    return "".join(" " if 0xfdd0 <= ord(one) <= 0xfdef else one for one in text).split()


def text_of(report):
    """The text of the report's window."""
    return max((field.text() for field in report.find_all("text")), key=len)


@pytest.fixture(name="report")
def fixture_report(open_capture):
    """Wireshark with the report open: itself, and that window."""
    wireshark = open_capture(SEVERAL)
    wireshark.choose("Tools", "IP-HTTPS", "Report")
    return wireshark, wait_for("the report", lambda: wireshark.window("IP-HTTPS Report"))


def deciding_frames():
    """The frame that decides the first session of each group: those that failed, and the other."""
    sessions = SCENARIOS[SEVERAL]["sessions"]
    return [next(session["decided_in"] for session in sessions if session["verdict"] == verdict)
            for verdict in (3, 1)]


def test_report_says_what_tshark_prints(report):
    wireshark, window = report
    wanted = printed(wireshark.room, SEVERAL, [])
    wait_for("the text", lambda: words_of(text_of(window)) == words_of(wanted))
    assert wireshark.quit() == 0


def test_buttons_lead_to_the_failed_sessions_and_the_deciding_frames(report):
    wireshark, window = report
    window.find("push button", "Show failed sessions").press()
    failed = " || ".join(f"tcp.stream == {session['stream']}"
                         for session in SCENARIOS[SEVERAL]["sessions"] if session["verdict"] == 3)
    wanted = [str(number) for number in
              wireshark.room.frames(desktop.sandbox.capture_of(SEVERAL), failed)]
    wait_for("the failed sessions", lambda: wireshark.packets().column(0) == wanted)
    window.find("push button", "Go to deciding frame").press()
    assert wireshark.details_line(f"Frame {deciding_frames()[0]}: ")


def test_text_is_copied(report):
    wireshark, window = report
    wait_for("the text", lambda: text_of(window))
    wanted = printed(wireshark.room, SEVERAL, [])
    window.find("push button", "Copy").press()
    field = min(window.find_all("text"), key=lambda one: len(one.text()))  # the search
    assert " ".join(wait_for("the copy", field.paste).split()) == " ".join(wanted.split())


def test_report_can_be_closed_and_opened_again(report):
    wireshark, window = report
    wait_for("the text", lambda: text_of(window))
    window.find("push button", "Close").press()
    wait_for("its end", lambda: not any("Report" in one.name for one in wireshark.windows()))
    wireshark.main.find("push button", "Failed").press()
    wireshark.choose("Tools", "IP-HTTPS", "Report")
    window = wait_for("the report", lambda: wireshark.window("IP-HTTPS Report"))
    wanted = printed(wireshark.room, SEVERAL, [])
    wait_for("the text", lambda: words_of(text_of(window)) == words_of(wanted))
    assert wireshark.quit() == 0


def test_report_says_where_there_is_nothing(open_capture):
    wireshark = open_capture("connect-refused", endpoints=[])
    wireshark.choose("Tools", "IP-HTTPS", "Report")
    window = wait_for("the report", lambda: wireshark.window("IP-HTTPS Report"))
    wait_for("the hint", lambda: "203.0.113.10:443 refused 1 connection"
             in " ".join(words_of(text_of(window))))
