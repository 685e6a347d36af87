"""Prints what the plugin finds in captures: each session with its verdict, findings and remedies.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import pathlib
import sys
import textwrap
import xml.etree.ElementTree

import sandbox

WIDTH = 100


def first(element, name, attribute="show"):
    """An attribute of the first field of that name below the element, "" if there is none."""
    found = element.find(f".//field[@name='{name}']")
    return "" if found is None else found.get(attribute)


def value_name(element, name):
    """The name that Wireshark shows for a value: "Connected" of "Verdict: Connected (1)"."""
    return first(element, name, "showname").partition(": ")[2].rpartition(" (")[0]


def windows_error(finding):
    """Code and symbol of a finding's Windows error, "" if the evidence does not tell it."""
    code = first(finding, "iphttps.windows_error")
    return f"{code} {value_name(finding, 'iphttps.windows_error')}" if code else ""


def read_sessions(pdml):
    """The sessions of a capture by index: what the last frame of each tells, and all findings."""
    sessions = {}
    for packet in xml.etree.ElementTree.fromstring(pdml).iter("packet"):
        tree = packet.find("proto[@name='iphttps']")
        if tree is None:
            continue
        session = sessions.setdefault(int(first(tree, "iphttps.session")), {"findings": []})
        session["endpoint"] = first(tree, "iphttps.endpoint")
        session["verdict"] = value_name(tree, "iphttps.verdict")
        session["stopped"] = first(tree, "iphttps.stopped")
        frame = first(packet, "num")
        session["findings"] += [(frame, one) for one in tree.iter("field")
                                if one.get("name") == "iphttps.finding"]
    return sessions


def print_labelled(label, text):
    """Prints a text behind its label, wrapped; nothing if it is empty."""
    if text:
        print(textwrap.fill(text, WIDTH, initial_indent=f"      {label:<11}",
                            subsequent_indent=" " * 17, break_on_hyphens=False))


def print_session(index, session):
    """Prints one session."""
    print(f"  session {index}, {session['endpoint']}: {session['verdict']}")
    if session["stopped"]:
        print(textwrap.indent(textwrap.fill(session["stopped"], WIDTH - 4), "    "))
    for frame, finding in session["findings"]:
        print(f"    frame {frame}: {finding.get('show')}")
        print_labelled("", first(finding, "_ws.expert.message"))
        print_labelled("cause", first(finding, "iphttps.finding.cause"))
        for step in finding.iter("field"):
            if step.get("name") == "iphttps.finding.next_step":
                print_labelled("next step", step.get("show"))
        print_labelled("Windows", windows_error(finding))


def endpoints_for(capture, given):
    """The rows given by the user; for a capture of the catalogue those of its scenario."""
    if given or capture.resolve().parent != sandbox.CAPTURES:
        return given
    return sandbox.catalogue().get(capture.stem, {}).get("endpoints", [])


def report(room, capture, endpoints):
    """Prints the sessions of one capture; false if tshark cannot read it."""
    print(capture)
    done = room.read(capture, "-2", "-Y", "iphttps", "-T", "pdml", endpoints=endpoints, check=False)
    if done.stderr:
        print(textwrap.indent(done.stderr, "  "), end="")
    sessions = read_sessions(done.stdout) if done.returncode == 0 else {}
    for index, session in sorted(sessions.items()):
        print_session(index, session)
    if not sessions:
        print("  no DirectAccess session")
    print()
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
