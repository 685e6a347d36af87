"""Writes expected.json and its readable form, the README.md of the captures.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import fcntl
import json
import os

from net import ADDRESSES

VERDICTS = ("in progress", "connected", "handshake complete", "failed", "closed")
TAGGED_BY = ("", "configured endpoint", "tunnel request", "only NULL suites offered",
             "a NULL suite offered first", "endpoint seen earlier")

# In the order of the catalogue; other groups follow.
GROUPS = ("Healthy sessions", "Name resolution", "TCP connection", "Proxies",
          "Answers to the Client Hello", "Client certificate", "Server certificate")

INTRODUCTION = """\
# Test captures

<!-- Written by generate/generate together with expected.json; edit catalogue.py, not this file. -->

One scenario a capture, made from real software in network namespaces and captured by dumpcap on
the client's interface. `generate/generate` makes them all anew, `generate/generate NAME…` some of
them, `generate/generate --list` lists them. It needs root, says which Debian packages it lacks,
and leaves nothing behind but the files of this folder. How to add a scenario:
[generate/README.md](generate/README.md).

The tests read the expectations from `expected.json`; the tables below show the same. A finding's
frame is the one that the display filter beside it matches first in Wireshark *without* the plugin,
so that the plugin is never its own witness. A capture that is "untouched" must look as if the
plugin were not installed: no field, no finding. A finding that a capture "just misses" is one
that it must not raise although it has much of what the finding asks for.

The addresses are of those reserved for documentation (RFC 5737, RFC 3849):

| host | IPv4 | IPv6 |
|---|---|---|
{hosts}

The DirectAccess server's name is da.example.com. Certificates and keys are made anew at each run
and are not kept; where content is encrypted and yet readable, the session keys are in the capture
(Decryption Secrets Block).

Beside the capture of a tunnel, `NAME.packets.json` holds what its two ends put into it, by their
own count: for each tunnel in the capture's order, and each direction, the number of packets, their
bytes, and for each packet its length and the first 16 hex digits of its SHA-256. Both ends agreed
on all that came out. `complete` says whether the capture has all of them; where it has not, the
catalogue tells what was taken out.
"""


def update(folder, made, order):
    """Brings both files in `folder` up to date with `made`, which maps names to what scenario.make
    returned, in the order of the names `order`. Other captures keep their entries, as long as there
    are such captures."""
    path = folder / "expected.json"
    lock = os.open(folder, os.O_RDONLY)  # two runs at the same time must not undo each other
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        expected = {**(json.loads(path.read_text()) if path.exists() else {}), **made}
        expected = {name: expected[name] for name in dict.fromkeys([*order, *expected])
                    if name in expected and (folder / f"{name}.pcapng").exists()}
        _write(path, json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
        _write(folder / "README.md", _readme(expected))
    finally:
        os.close(lock)


def _write(path, text):
    path.write_text(text)
    os.chown(path, path.parent.stat().st_uid, path.parent.stat().st_gid)


def _readme(expected):
    hosts = "\n".join(f"| {name} | {v4} | {v6} |" for name, (v4, v6) in ADDRESSES.items())
    parts = [INTRODUCTION.format(hosts=hosts)]
    groups = dict.fromkeys(entry["group"] for entry in expected.values())
    for group in sorted(groups, key=lambda group: (GROUPS + (group,)).index(group)):
        parts.append(f"## {group}\n\n| capture | scenario and how it is made | software | taken "
                     "| expected |\n|---|---|---|---|---|")
        parts += [_row(name, entry) for name, entry in expected.items() if entry["group"] == group]
        parts.append("")
    return "\n".join(parts)


def _row(name, entry):
    scenario = f"**{entry['title']}**<br>{entry['made']}"
    if entry["endpoints"]:
        rows = "; ".join(", ".join(cell for cell in row if cell) for row in entry["endpoints"])
        scenario += f"<br>Configured endpoint: {rows}."
    taken = (f"{entry['start'].replace('T', ' ').replace('Z', ' UTC')}, {entry['frames']} frames, "
             + ", ".join(entry["addresses"]))
    cells = [f"[{name}]({name}.pcapng)", scenario, ", ".join(entry["software"]), taken,
             _expected(entry)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _expected(entry):
    if entry["untouched"]:
        return "untouched"
    if entry["withdrawn"]:
        return "tag withdrawn: no finding; untouched on a second pass"
    parts = [f"Session {index}: {_session(session)}"
             for index, session in enumerate(entry["sessions"])]
    parts += [f"just misses `{slug}`" for slug in entry.get("near_miss_of", [])]
    return "<br>".join(parts)


def _session(session):
    text = f"{VERDICTS[session['verdict']]}, tagged by {TAGGED_BY[session['tagged_by']]}"
    if not session["findings"]:
        return text + ", no finding"
    return text + "".join(f"<br>frame {finding['frame']}: `{finding['slug']}` ({_choice(finding)})"
                          for finding in session["findings"])


def _choice(finding):
    """How the frame is picked."""
    nth = f"match {finding['match']} of " if finding["match"] > 1 else ""
    return f"{nth}`{finding['filter']}`"
