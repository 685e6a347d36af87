"""What the benchmark measures: loads, modes and targets; and how its tables get into the README.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import shutil
import sys

import loads
import sandbox

MODES = {
    "one-line": [],
    "two-pass": ["-2"],
    "filter": ["-Y", "tcp.flags.reset == 1"],
    "fields": ["-T", "fields", "-e", "frame.number", "-e", "tcp.stream"],
    "json": ["-T", "json"],
    "sessions": ["-q", "-z", "iphttps,sessions"],
}
# Modes with the most that ours may take of none.
FOREIGN = {"one-line": 1.03, "two-pass": 1.03, "filter": 1.02, "fields": 1.02}

# `sessions` makes them of a count: `count` of them for seconds, `few` for instructions, where it is not None.
# `modes` has the targets; `row` is one of the table of endpoints; `has_peers` that other plugins are measured, too.
Load = collections.namedtuple("Load", "text sessions count few modes row has_peers is_tunnel",
                              defaults=(None, False, False))

LOADS = {
    "start": Load("start alone", lambda count: (), 0, 0, {"one-line": 1.01}),
    "a": Load("(a) mixed traffic without DirectAccess", loads.mixed, 9000, 500, FOREIGN, has_peers=True),
    "protocols": Load("noise for many protocols", loads.many_protocols, 200, 9, FOREIGN),
    "short": Load("{} short connections", lambda count: loads.repeated(loads.short(), count), 40_000, 1000, FOREIGN),
    "quic": Load("{} QUIC connections", lambda count: loads.repeated(loads.quic(), count), 5000, 120, FOREIGN),
    "smb": Load("{} files read over SMB2", lambda count: loads.repeated(loads.file_share(), count), 4000, 120, FOREIGN),
    "none": Load("{} TLS sessions, none DirectAccess", lambda count: loads.tls(count, 0), 20_000, 500, FOREIGN),
    "named": Load("(a) with a row for a host name", loads.mixed, 9000, 500, {"one-line": 1.05},
                  row=("da.example.com",)),
    "b2": Load("(b) {} TLS sessions, 1 % DirectAccess", lambda count: loads.tls(count, 100), 2000, None,
               {"json": None}),
    "b10": Load("(b) {} TLS sessions, 1 % DirectAccess", lambda count: loads.tls(count, 100), 10_000, 1000,
                {"one-line": None, "filter": 1.08, "fields": 1.08}, has_peers=True),
    "b100": Load("(b) {} TLS sessions, 1 % DirectAccess", lambda count: loads.tls(count, 100), 100_000, None,
                 {"one-line": None, "filter": 1.08, "fields": 1.08}),
    "all": Load("{} TLS sessions, all DirectAccess", lambda count: loads.tls(count, 1), 20_000, 500,
                {"one-line": 1.3, "two-pass": None, "filter": None, "fields": None, "sessions": None}),
    "refused": Load("{} refused connections after a connected session", loads.refused, 70_000, 1000,
                    {"one-line": 1.5}),
    "refused-known": Load("{} refused connections to the address of a row",
                          lambda count: loads.refused(count, is_shown=False), 70_000, 1000, {"one-line": 1.5},
                          row=("", "203.0.113.10")),
    "c": Load("(c) one tunnel with {} packets", loads.one_tunnel, 1_000_000, 10_000, {"one-line": 1.05},
              is_tunnel=True),
}
WITHOUT_DIRECTACCESS = [name for name, load in LOADS.items() if load.modes is FOREIGN]


def named(name, count=None):
    """The text of a load with its count of sessions, if not that for seconds."""
    return LOADS[name].text.format(f"{LOADS[name].count if count is None else count:,}")


def options(name, is_ours):
    """What tshark is told on a load in any mode.

    Without our plugin http would put the whole tunnel together as the body of a message, again with
    each segment, and take hours.
    """
    load = LOADS[name]
    if load.is_tunnel and not is_ours:
        return ["--disable-protocol", "http"]
    return ["-o", f"uat:iphttps_endpoints:{sandbox.table_row(load.row)}"] if load.row and is_ours else []


def export(room, tunnel, path):
    """Writes the packets of a tunnel as a capture of their own."""
    exported = room.output / "exported.pcap"
    if room.start("tshark", "-r", tunnel, "-U", "IP-HTTPS tunnel", "-w", exported).wait() != 0:
        sys.exit(f"the packets of {tunnel} could not be exported")
    return shutil.move(exported, path)


def write_into(readme, program, lines):
    """Replaces what stands between the two marks of a program."""
    begin, end = (f"<!-- {word} of what {program} writes -->" for word in ("begin", "end"))
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    readme.write_text(before + begin + "\n\n" + "\n".join(lines) + "\n\n" + end + after, encoding="utf-8")
