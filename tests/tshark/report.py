"""Prints what the plugin reports of captures: sessions, what went wrong with them, and the next step.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import pathlib
import sys
import textwrap

import sandbox


def endpoints_for(capture, given):
    """The rows given by the user; for a capture of the catalogue those of its scenario."""
    if given or capture.resolve().parent != sandbox.CAPTURES:
        return given
    return sandbox.catalogue().get(capture.stem, {}).get("endpoints", [])


def report(room, capture, endpoints):
    """Prints the report of one capture; false if tshark cannot read it."""
    print(capture)
    done = room.read(capture, "-q", "-z", "iphttps,report", endpoints=endpoints, check=False)
    print(textwrap.indent(done.stderr + done.stdout, "  "), end="")
    return done.returncode == 0


def main():
    """Reads the command line and reports on each capture."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__.splitlines()[0])
    parser.add_argument("-e", "--endpoint", action="append", default=[], metavar="ROW",
                        help="a DirectAccess endpoint: host name,address,port,thumbprint; the last "
                        "ones may be left out, and either of the first two may be empty")
    parser.add_argument("capture", nargs="*", type=pathlib.Path,
                        help="default: the captures of testcaptures/")
    arguments = parser.parse_args()
    given = [row.split(",") for row in arguments.endpoint]
    room = sandbox.Sandbox()
    try:
        captures = arguments.capture or sorted(sandbox.CAPTURES.glob("*.pcapng"))
        read = [report(room, capture, endpoints_for(capture, given)) for capture in captures]
    finally:
        room.close()
    return 0 if all(read) else 1


if __name__ == "__main__":
    sys.exit(main())
