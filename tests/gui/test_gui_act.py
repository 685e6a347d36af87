"""What one can do with sessions and tunnels from the menus: filter, and export.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import desktop

if desktop.lacking():
    pytest.skip(f"the tests of the GUI need what is not installed here: {desktop.lacking()}",
                allow_module_level=True)

from accessible import KEY_DOWN, KEY_RETURN, KEY_RIGHT, act_until, wait_for

SCENARIOS = desktop.sandbox.catalogue()
SEVERAL = "several-clients"
LOOKED_UP = "name-with-a-only"
TUNNEL = "healthy-null-sha256"
STRIPPED, PDUS = "IP-HTTPS tunnel", "IP-HTTPS tunnel PDUs"


def frames_of(wireshark, name, display_filter):
    """The frames that tshark finds, as the packet list numbers them."""
    found = wireshark.room.frames(desktop.sandbox.capture_of(name), display_filter, two_pass=True,
                                  endpoints=SCENARIOS[name]["endpoints"])
    return [str(number) for number in found]


def test_conversation_filter_isolates_a_session_over_dns_and_tcp(open_capture):
    [session] = SCENARIOS[LOOKED_UP]["sessions"]
    wireshark = open_capture(LOOKED_UP, "-g", session["decided_in"])
    wireshark.choose("Analyze", "Conversation Filter", "DirectAccess session")
    wanted = frames_of(wireshark, LOOKED_UP, "iphttps.session == 0")
    assert set(wanted) > set(frames_of(wireshark, LOOKED_UP, "dns && iphttps")) > set()
    wait_for("the session", lambda: wireshark.packets().column(0) == wanted)


def test_row_of_the_response_times_applies_as_filter(open_capture):
    wireshark = open_capture(SEVERAL)
    wireshark.choose("Statistics", "Service Response Time", "IP-HTTPS")
    dialog = wait_for("the times", lambda: wireshark.window("Service Response Time"))
    tree = wait_for("the rows", lambda: next(
        (one for one in dialog.tables() if one.row_count() > 2), None))
    row = next(i for i in range(tree.row_count()) if tree.cell(i, 1).name == "192.0.2.10")
    wanted = frames_of(wireshark, SEVERAL, "iphttps.session == 1")

    def apply():
        tree.cell(row, 1).click()
        tree.cell(row, 1).click("b3c")
        for key in (KEY_DOWN, KEY_RIGHT, KEY_RETURN):
            dialog.type_key(key)
    act_until("the session", apply, lambda: wireshark.packets().column(0) == wanted)


def choices_of(box):
    """The names of the choices of a combo box."""
    return [choice.name for part in box.children() for choice in part.children()]


def inner_packets(wireshark):
    """How many packets there are in the tunnel."""
    frames = wireshark.room.fields(desktop.sandbox.capture_of(TUNNEL), "iphttps.tunnel.length")
    return sum(len(frame["iphttps.tunnel.length"]) for frame in frames)


def is_exported(wireshark):
    """Whether the exported capture is open in the place of the other."""
    return any("Untitled" in one.name for one in wireshark.windows())


@pytest.mark.parametrize("menu, export", [("Strip Headers", STRIPPED),
                                          ("Export PDUs to File", PDUS)], ids=["packets", "pdus"])
def test_tunnel_is_exported(open_capture, menu, export):
    wireshark = open_capture(TUNNEL)
    wireshark.choose("File", menu)
    # Some versions give the dialog no title of its own.
    dialog = wait_for("the dialog", lambda: next(
        (one for one in wireshark.windows() if one.role == "dialog"), None))
    box = dialog.find("combo box")
    choices = choices_of(box)
    assert export in choices

    # Keys might press OK as well; the wheel chooses, and no more.
    def turn():
        steps = choices.index(export) - choices.index(box.name)
        for _ in range(abs(steps)):
            box.click("b5c" if steps > 0 else "b4c")
    act_until("the choice", turn, lambda: box.name == export)
    dialog.find("push button", "OK").press()
    wait_for("the new capture", lambda: is_exported(wireshark))
    wanted = inner_packets(wireshark)
    wait_for("the inner packets", lambda: wireshark.packets().row_count() == wanted)
    source = wireshark.packets().headings().index("Source")
    assert all(":" in address for address in wireshark.packets().column(source))
