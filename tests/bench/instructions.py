#!/usr/bin/env python3
"""Counts the instructions of tshark with and without the plugin: a measure that does not depend on what else runs.

usage: instructions.py [LOAD.MODE...]

Prints a row for each: ratios of ours to none, of what the frames take, tshark's start taken off; the first row is
that start. Needs valgrind, and takes some minutes.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(SOURCE / "tests" / "bench")]

# pylint: disable=wrong-import-position
import bench
import loads
import sandbox

SMALL = {
    "start": lambda: (),
    "a": lambda: loads.mixed(170),
    "protocols": lambda: loads.many_protocols(3),
    "short": lambda: loads.repeated(loads.short(), 300),
    "quic": lambda: loads.repeated(loads.quic(), 40),
    "smb": lambda: loads.repeated(loads.file_share(), 40),
    "none": lambda: loads.tls(150, 0),
    "b": lambda: loads.tls(400, 100),
    "all": lambda: loads.tls(150, 1),
}
COLLECTED = re.compile(r"Collected : (\d+)")


class Counter:
    """Counts in a sandbox, each run once."""

    def __init__(self, room):
        self.room = room
        self.counted = {}

    def _capture(self, load):
        path = self.room.output / f"{load}.pcap"
        if not path.exists():
            loads.write(path, SMALL[load]())
        return path

    def count(self, load, mode, environment):
        key = load, mode, bool(environment)
        if key not in self.counted:
            done = self.room.start(
                "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "tshark", "-n", "-r",
                self._capture(load), *bench.MODES[mode], environment=environment, text=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.counted[key] = int(COLLECTED.search(done.communicate()[1])[1])
        return self.counted[key]

    def ratio(self, load, mode):
        """Of ours to none."""
        ours, none = (self.count(load, mode, environment)
                      - (0 if load == "start" else self.count("start", "one-line", environment))
                      for environment in (None, sandbox.WITHOUT_PLUGIN))
        return ours / none


def main():
    wanted = sys.argv[1:] or [f"{load}.{mode}" for load in SMALL for mode in bench.FOREIGN
                              if load != "start" or mode == "one-line"]
    room = sandbox.Sandbox()
    try:
        counter = Counter(room)
        print("| load | mode | ours / none |\n|---|---|---|")
        for load, mode in (one.split(".") for one in wanted):
            print(f"| {load} | {mode} | {counter.ratio(load, mode):.3f} |", flush=True)
    finally:
        room.close()


if __name__ == "__main__":
    main()
