#!/usr/bin/env python3
"""Counts the instructions of tshark with and without the plugin: a measure that does not depend on what else runs.

usage: instructions.py [-o README] [LOAD.MODE...]

Prints a row for each: ratios of ours to none, of what the frames take, tshark's start taken off; the
first row is that start. A whole run (no row named) goes into README. Needs valgrind.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(SOURCE / "tests" / "bench")]

# pylint: disable=wrong-import-position
import loads
import sandbox
import table
from table import FOREIGN, LOADS, MODES

# Unlike callgrind it does not follow calls, and is done in half the time.
COUNTING = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
COUNTED = re.compile(r"I +refs: +([\d,]+)")
START = "start", "one-line"
# Now and then a run takes some millions more, so the least of some runs counts; all rows depend on the start.
RUNS, RUNS_OF_START = 2, 5


class Counter:
    """Counts in a sandbox, as many at a time as there are processors."""

    def __init__(self, room):
        self.room = room
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        self.captures = {}
        self.counts = {}

    def prepare(self, rows):
        """Makes the captures and begins to count."""
        for load in dict.fromkeys(load for load, _ in [START, *rows]):
            path = self.room.output / f"{load}.pcap"
            loads.write(path, LOADS[load].sessions(LOADS[load].few))
            self.captures[load] = [path]
            if LOADS[load].is_tunnel:
                self.captures[load].append(table.export(self.room, path, self.room.output / f"{load}-inner.pcap"))
        for load, mode in dict.fromkeys([START, *rows]):
            for is_ours in (False, True):
                captures = self.captures[load][:1] if is_ours else self.captures[load]
                arguments = [*table.options(load, is_ours), *MODES[mode]]
                self.counts[load, mode, is_ours] = [
                    [self.pool.submit(self._count, capture, arguments, is_ours)
                     for _ in range(RUNS_OF_START if load == "start" else RUNS)] for capture in captures]

    def _count(self, capture, arguments, is_ours):
        process = self.room.start(*COUNTING, "tshark", "-n", "-r", capture, *arguments,
                                  environment=None if is_ours else sandbox.WITHOUT_PLUGIN, text=True,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.communicate()[1]
        if process.returncode != 0:
            raise RuntimeError(said)
        return int(COUNTED.search(said)[1].replace(",", ""))

    def _of_frames(self, load, mode, is_ours):
        """What a load's frames take, of a tunnel without our plugin what its two parts take."""
        start = 0 if load == "start" else self._of_frames(*START, is_ours)
        return sum(min(count.result() for count in counts) - start for counts in self.counts[load, mode, is_ours])

    def ratio(self, load, mode):
        """Of ours to none."""
        return self._of_frames(load, mode, True) / self._of_frames(load, mode, False)

    def close(self):
        self.pool.shutdown(cancel_futures=True)


def rows_of(counter, rows):
    """The table, each row as soon as it is counted."""
    yield "| load | mode | at most | ours / none |"
    yield "|---|---|---|---|"
    for load, mode in rows:
        limit = LOADS[load].modes.get(mode)
        yield f"| {table.named(load, LOADS[load].few)} | {mode} | {limit or ''} | {counter.ratio(load, mode):.3f} |"


def row(text):
    load, _, mode = text.partition(".")
    if load not in LOADS or LOADS[load].few is None or mode not in MODES:
        raise argparse.ArgumentTypeError(f"{text}: no row")
    return load, mode


def main():
    parser = argparse.ArgumentParser(description="Counts the instructions of tshark with and without the plugin.")
    parser.add_argument("row", type=row, nargs="*", metavar="LOAD.MODE")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="the README that gets the figures of a whole run")
    given = parser.parse_args()
    rows = given.row or [(name, mode) for name, load in LOADS.items() if load.few is not None
                         for mode in load.modes if mode in FOREIGN]
    room = sandbox.Sandbox()
    counter = Counter(room)
    lines = []
    try:
        counter.prepare(rows)
        for line in rows_of(counter, rows):
            print(line, flush=True)
            lines.append(line)
    finally:
        counter.close()
        room.close()
    if given.output and not given.row:
        table.write_into(given.output, "instructions.py", lines)


if __name__ == "__main__":
    main()
