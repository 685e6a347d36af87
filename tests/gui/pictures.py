#!/usr/bin/python3
"""Makes the pictures of the documentation, docs/images/*.png, from the real Wireshark.

usage: pictures.py [NAME...], with the plugin built and IPHTTPS_PLUGIN_DIR set as for the tests

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import time

import desktop
import window
from accessible import wait_for

IMAGES = desktop.sandbox.SOURCE / "docs" / "images"
SCENARIOS = desktop.sandbox.catalogue()
SETTLE_S = 1.0


def open_at_decision(screen, name, select=None):
    """Wireshark with a scenario's capture; the frame that decides, or another, is selected."""
    frame = select or SCENARIOS[name]["sessions"][0]["decided_in"]
    return window.Wireshark(screen, desktop.sandbox.capture_of(name), "-g", frame,
                            endpoints=SCENARIOS[name]["endpoints"])


def photograph(screen, wireshark, name, widget=None):
    """Takes a picture when nothing moves any more and the mouse is out of the way."""
    width, height = desktop.SCREEN_SIZE
    wireshark.main.mouse(width - 1, height - 1, "abs")
    time.sleep(SETTLE_S)
    IMAGES.mkdir(parents=True, exist_ok=True)
    screen.photograph(IMAGES / f"{name}.png", widget.box() if widget else None)


def packet_list(screen, name):
    """Sessions of several clients: colours, columns and filter buttons."""
    wireshark = open_at_decision(screen, "several-clients", select=1)
    photograph(screen, wireshark, name)
    return wireshark


def packet_details(screen, name):
    """The finding of a session, with cause and next step."""
    wireshark = open_at_decision(screen, "null-rejected-alert")
    wireshark.details_line("[Next step: ")
    photograph(screen, wireshark, name)
    return wireshark


def dialog(screen, name, title, *path):
    """A window that is opened by the menus."""
    wireshark = open_at_decision(screen, "several-clients")
    wireshark.choose(*path)
    opened = wait_for(title, lambda: wireshark.window(title))
    photograph(screen, wireshark, name, opened)
    return wireshark


def expert_information(screen, name):
    """The findings among the expert information."""
    return dialog(screen, name, "Expert", "Analyze", "Expert Information")


def report(screen, name):
    """Tools > IP-HTTPS > Report."""
    return dialog(screen, name, "Report", "Tools", "IP-HTTPS", "Report")


def sessions(screen, name):
    """Statistics > IP-HTTPS > Sessions."""
    return dialog(screen, name, "Sessions", "Statistics", "IP-HTTPS", "Sessions")


SMALL_SCREEN, WIDE_SCREEN = (1280, 800), (1600, 800)
MAIN_WINDOWS = {"packet-list", "packet-details"}  # which fit a small screen; dialogs open wider
PICTURES = {"packet-list": packet_list, "packet-details": packet_details, "report": report,
            "expert-information": expert_information, "sessions": sessions}


def main():
    """Makes the pictures named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*PICTURES, []], metavar="NAME",
                        help=f"one of {', '.join(PICTURES)}")
    for name in parser.parse_args().names or PICTURES:
        desktop.SCREEN_SIZE = SMALL_SCREEN if name in MAIN_WINDOWS else WIDE_SCREEN
        screen = desktop.Desktop()
        try:
            PICTURES[name](screen, name).close()
        finally:
            screen.close()


if __name__ == "__main__":
    main()
