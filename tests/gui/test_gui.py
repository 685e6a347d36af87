"""Wireshark's windows show with the profile what the catalogue of captures expects.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections

import pytest

import desktop

if desktop.lacking():
    pytest.skip(f"the tests of the GUI need what is not installed here: {desktop.lacking()}",
                allow_module_level=True)

import window
from accessible import KEY_DOWN, KEY_RETURN, STATE_ACTIVE, NotThere, act_until, wait_for

SCENARIOS = desktop.sandbox.catalogue()
FAILED, SEVERAL = "client-certificate-missing-alert", "several-clients"
MISMATCH = "certificate-name-mismatch"
COLUMNS = ["No.", "Time", "Verdict", "Look at", "Info", "Source", "Destination", "Protocol",
           "Session", "Endpoint", "Finding", "Windows error"]
VERDICTS = {1: "Connected", 3: "Failed"}
FINDINGS = desktop.sandbox.interface()["findings"]


def findings_of(name):
    """Slug and frame of each finding of a scenario."""
    return [(finding["slug"], finding["frame"]) for session in SCENARIOS[name]["sessions"]
            for finding in session["findings"]]


def table_of(dialog):
    """The tree or table of a dialog."""
    return dialog.tables()[0]


def rows_of(dialog):
    """The rows of a dialog's table as dicts by heading."""
    table = table_of(dialog)
    return [dict(zip(table.headings(), row)) for row in table.rows()]


def apply_filter(dialog):
    """Has a statistics window count anew."""
    dialog.find("push button", "Apply").press()


def test_capture_opens_without_a_dialog_and_shows_the_diagnosis(open_capture):
    wireshark = open_capture(FAILED)
    assert wireshark.alerts == []
    assert [window.role for window in wireshark.windows()] == ["frame"]
    assert wireshark.packets().headings() == COLUMNS
    rows = [dict(zip(COLUMNS, row)) for row in wireshark.packets().rows()]
    [session] = SCENARIOS[FAILED]["sessions"]
    assert len(rows) == SCENARIOS[FAILED]["frames"]
    told = [(row["Session"], row["Endpoint"], row["Verdict"], row["Look at"], row["Finding"])
            for row in rows]
    assert set(told) == {("0", session["endpoint"], "Failed", "client",
                          "client certificate missing")}
    assert [int(row["Windows error"], 16) for row in rows if row["Windows error"]] == \
        [session["windows_error"]]
    deciding = rows[session["decided_in"] - 1]
    assert deciding["Info"].startswith("[IP-HTTPS: client certificate missing] ")
    assert wireshark.quit() == 0


def test_packet_details_sum_the_session_up(open_capture):
    wireshark = open_capture(FAILED, "-g", SCENARIOS[FAILED]["sessions"][0]["decided_in"])
    line = wireshark.details_line("DirectAccess IP-HTTPS")
    assert "Failed, client certificate missing; look at: client (session 0, da.example.com:443)" \
        in line.name


@pytest.mark.parametrize("frame", [1, SCENARIOS[FAILED]["sessions"][0]["decided_in"]])
def test_packet_details_show_the_next_step_without_a_click(open_capture, frame):
    wireshark = open_capture(FAILED, "-g", frame)
    assert "certutil" in wireshark.details_line("[Next step: ").name


def test_packet_details_hold_the_certificate_against_the_expected_name(open_capture):
    [session] = SCENARIOS[MISMATCH]["sessions"]
    shown = next(finding["frame"] for finding in session["findings"]
                 if finding["slug"] == "certificate_name_mismatch")
    wireshark = open_capture(MISMATCH, "-g", shown)
    line = wireshark.details_line("expected name: ")
    assert line.name == "[Server certificate: CN=www.example.net (expected name: da.example.com)]"


def test_link_leads_to_the_frame_that_decides(open_capture):
    wireshark = open_capture(FAILED, "-g", "1")
    decided_in = SCENARIOS[FAILED]["sessions"][0]["decided_in"]
    act_until("the frame", lambda: wireshark.details_line("[Decided in: ").click("b1d"),
              lambda: wireshark.find_in_details(f"Frame {decided_in}: ")[0])


@pytest.fixture(name="at_decision")
def fixture_at_decision(open_capture):
    """Wireshark with the frame selected that decides the first of several sessions."""
    return open_capture(SEVERAL, "-g", SCENARIOS[SEVERAL]["sessions"][0]["decided_in"])


def failed_frames():
    """The frames that decide failed sessions."""
    return [session["decided_in"] for session in SCENARIOS[SEVERAL]["sessions"]
            if session["verdict"] == 3]


@pytest.mark.parametrize("line, display_filter", [
    ("[Endpoint: ", "tcp"),
    ("[Verdict: ", "!tcp.stream == 1"),
    ("[Windows error: ", f"frame.number in {{{', '.join(map(str, failed_frames()))}}}"),
    ("[Session: ", "tcp.stream == 0"),
])
def test_field_is_applied_as_filter(at_decision, line, display_filter):
    at_decision.details_line(line).select()
    at_decision.choose("Analyze", "Apply as Filter", "Selected")
    wanted = [str(number) for number in frames_of(at_decision, display_filter)]
    wait_for("the frames", lambda: at_decision.packets().column(0) == wanted)


def frames_of(wireshark, display_filter):
    """The frames that tshark finds with a filter of Wireshark's own fields."""
    return wireshark.room.frames(desktop.sandbox.capture_of(SEVERAL), display_filter)


def streams(chosen):
    """A filter for the TCP streams of the sessions chosen."""
    return " || ".join(f"tcp.stream == {session['stream']}"
                       for session in SCENARIOS[SEVERAL]["sessions"] if chosen(session))


def test_filter_buttons_pick_sessions_and_frames(open_capture):
    wireshark = open_capture(SEVERAL)
    picks = {"Failed": streams(lambda session: session["verdict"] == 3),
             "DirectAccess": streams(lambda session: True)}
    for button, display_filter in picks.items():
        wireshark.main.find("push button", button).press()
        wanted = [str(number) for number in frames_of(wireshark, display_filter)]
        wait_for(button, lambda: wireshark.packets().column(0) == wanted)
    for button in ("Cause", "Tunnel", "Reconnects"):
        assert wireshark.main.find_all("push button", button) \
            or wireshark.main.find_all("button menu", button), button


def test_expert_information_lists_the_findings(open_capture):
    wireshark = open_capture(SEVERAL)
    wireshark.choose("Analyze", "Expert Information")
    dialog = wait_for("the dialog", lambda: wireshark.window("Expert Information"))
    wanted = collections.Counter(slug for slug, _ in findings_of(SEVERAL))

    def told():
        return sorted((row["Severity"], int(row["Count"])) for row in rows_of(dialog)
                      if row["Protocol"] == "IP-HTTPS")
    assert wait_for("the findings", told) == sorted(
        (FINDINGS[slug]["severity"].capitalize(), count) for slug, count in wanted.items())


def sessions_wanted(chosen=lambda session: True):
    """What the sessions table has to show of each session."""
    return [(str(index), session["client"], session["endpoint"], VERDICTS[session["verdict"]],
             str(session["decided_in"]))
            for index, session in enumerate(SCENARIOS[SEVERAL]["sessions"]) if chosen(session)]


def sessions_told(dialog):
    """The same as it stands in the window."""
    return [(row["Session"], row["Client"].rpartition(":")[0], row["Endpoint"], row["Verdict"],
             row["Decided in"]) for row in rows_of(dialog)]


def findings_told(dialog):
    """The counts of findings as they stand in the window, below the node Findings."""
    rows = [row[:2] for row in table_of(dialog).rows()]
    start = next((i for i, row in enumerate(rows) if row[0] == "Findings"), None)
    if start is None:
        raise NotThere("Findings")
    slugs = {slug for slug, _ in findings_of(SEVERAL)}
    below = {}
    for name, count in rows[start + 1:]:
        if name not in slugs:
            break
        below[name] = int(count)
    return below


@pytest.fixture(name="sessions")
def fixture_sessions(open_capture):
    """Wireshark with the sessions table open: itself, and that window."""
    wireshark = open_capture(SEVERAL)
    wireshark.choose("Statistics", "IP-HTTPS", "Sessions")
    sessions = wait_for("the sessions", lambda: wireshark.window("Sessions"))
    wait_for("rows", lambda: sessions_told(sessions))
    return wireshark, sessions


@pytest.fixture(name="statistics")
def fixture_statistics(sessions):
    """Wireshark with both statistics open: itself, the sessions' and the findings' window."""
    wireshark, sessions = sessions
    wireshark.choose("Statistics", "IP-HTTPS", "Findings")
    findings = wait_for("the findings", lambda: wireshark.window("Findings"))
    wait_for("counts", lambda: findings_told(findings))
    return wireshark, sessions, findings


def test_statistics_count_sessions_and_findings(statistics):
    wireshark, sessions, findings = statistics
    assert sessions_told(sessions) == sessions_wanted()
    assert findings_told(findings) == collections.Counter(
        slug for slug, _ in findings_of(SEVERAL))
    sessions.find("text").set_text("ip.addr == 192.0.2.11")
    apply_filter(sessions)
    wanted = sessions_wanted(lambda session: session["client"] == "192.0.2.11")
    assert wait_for("fewer rows", lambda: len(rows_of(sessions)) == len(wanted))
    assert sessions_told(sessions) == wanted
    assert wireshark.quit() == 0


def test_statistics_follow_a_new_dissection(statistics):
    wireshark, sessions, findings = statistics
    [connected] = [session for session in SCENARIOS[SEVERAL]["sessions"]
                   if session["verdict"] == 1]
    wireshark.main.find("push button", "Failed").press()
    wait_for("the failed sessions", lambda: wireshark.packets().row_count()
             < SCENARIOS[SEVERAL]["frames"])
    wireshark.choose("Edit", "Ignore All Displayed")
    wait_for("the new dissection", lambda: wireshark.packets().row_count() == 0)
    apply_filter(sessions)
    wait_for("one session", lambda: len(rows_of(sessions)) == 1)
    assert sessions_told(sessions) == [("0", connected["client"], connected["endpoint"],
                                        "Connected", str(connected["decided_in"]))]
    apply_filter(findings)
    wait_for("its findings", lambda: findings_told(findings)
             == {finding["slug"]: 1 for finding in connected["findings"]})
    assert wireshark.quit() == 0


def test_sessions_are_sorted_by_number(sessions):
    table = table_of(sessions[1])
    column = table.headings().index("Decided in")
    frames = sorted(session["decided_in"] for session in SCENARIOS[SEVERAL]["sessions"])
    wanted = [str(frame) for frame in frames]
    assert sorted(wanted) != wanted
    for order in (wanted, wanted[::-1]):
        act_until("the order", lambda: table.heading("Decided in").click(),
                  lambda order=order: table.column(column) == order)


def test_sessions_are_copied(sessions):
    _, sessions = sessions
    told = rows_of(sessions)
    sessions.find("push button", "Copy").press()
    copied = wait_for("the copy", sessions.find("text").paste).splitlines()
    assert [line for line in copied if all(heading in line for heading in told[0])]
    for row in told:
        assert [line for line in copied if all(text in line for text in row.values())], row


@pytest.fixture(name="profile_sources")
def fixture_profile_sources(screen):
    """What the profile is imported from: the zip, and a folder that holds the profile's."""
    packed = desktop.sandbox.profile_zip()
    if not packed:
        pytest.skip("the plugin was not built by CMake in the folder above IPHTTPS_PLUGIN_DIR")
    return [screen.room.readable(packed), screen.room.unpacked(packed)]


def import_profile(wireshark, from_folder, source):
    """Imports profiles by Edit > Configuration Profiles > Import; what Wireshark says of it."""
    wireshark.choose("Edit", "Configuration Profiles")
    dialog = wait_for("the profiles", lambda: wireshark.window("Configuration Profiles"))
    # Keys that are typed before the dialog has the focus are lost.
    wait_for("its turn", lambda: dialog.has_state(STATE_ACTIVE))
    dialog.find("button menu", "Import").open_menu()
    for key in [KEY_DOWN] * (2 if from_folder else 1) + [KEY_RETURN]:
        dialog.type_key(key)
    chooser = wait_for("the chooser", lambda: wireshark.window("import"))
    chooser.find("text").set_text(str(source))
    next(button for button in chooser.find_all("push button")
         if window.plain(button.name) in ("Open", "Choose")).press()
    box = wait_for("the answer", lambda: wireshark.window("Importing"))
    answer = " ".join(label.name for label in box.find_all("label"))
    box.find("push button", "OK").press()
    # Until it has closed, the dialog below it takes no click.
    wait_for("its end", lambda: not any("Importing" in one.name for one in wireshark.windows()))
    return dialog, answer


@pytest.mark.parametrize("from_folder", [False, True], ids=["zip", "folder"])
def test_profile_is_imported(open_capture, profile_sources, from_folder):
    wireshark = open_capture(FAILED, profile=None)
    dialog, answer = import_profile(wireshark, from_folder, profile_sources[from_folder])
    assert "1 profile(s) imported" in answer
    profiles = table_of(dialog)

    def choose_profile():
        names = profiles.column(0)
        if window.PROFILE in names:
            profiles.cell(names.index(window.PROFILE), 0).select()
        return window.PROFILE in names

    wait_for("the profile", choose_profile)
    dialog.find("push button", "OK").press()
    wait_for("its columns", lambda: wireshark.packets().headings() == COLUMNS)
    assert wireshark.main.find_all("push button", "Failed")


def test_newer_versions_choose_the_profile_by_themselves(open_capture):
    wireshark = open_capture(FAILED, chosen=False)
    if wireshark.room.version() >= (4, 4):
        wait_for("its columns", lambda: wireshark.packets().headings() == COLUMNS)
    else:
        assert "Verdict" not in wireshark.packets().headings()


def test_flow_graph_offers_the_sessions(open_capture):
    wireshark = open_capture(FAILED)
    wireshark.choose("Statistics", "Flow Graph")
    dialog = wait_for("the flow graph", lambda: wireshark.window("Flow"))
    kinds = [item for box in dialog.find_all("combo box") for item in names_below(box)]
    assert "IP-HTTPS Flows" in kinds


def names_below(box):
    """The names of the choices of a combo box."""
    return [choice.name for part in box.children() for choice in part.children()]


def test_profile_without_the_plugin_leaves_the_packets_readable(open_capture):
    wireshark = open_capture(FAILED, environment=desktop.sandbox.WITHOUT_PLUGIN)
    tells_of_colours = wireshark.room.version() >= (4, 2)
    assert bool(wireshark.alerts) == tells_of_colours
    assert all("Could not compile" in text for text in wireshark.alerts)
    assert wireshark.packets().headings() == COLUMNS
    assert wireshark.packets().row_count() == SCENARIOS[FAILED]["frames"]
    assert wireshark.quit() == 0
