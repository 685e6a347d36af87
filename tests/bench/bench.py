#!/usr/bin/env python3
"""Measures what the plugin costs, side by side with none, with the floor plugin, with TRANSUM and with any other.

usage: bench.py FOLDER FLOOR [-r ROUNDS] [-l LOAD]... [-m MODE]... [-p NAME=FOLDER]... [-o README]

FOLDER gets the loads; FLOOR is the folder of plugins with the floor plugin, IPHTTPS_PLUGIN_DIR that
with ours. A round of a row runs its configurations one after the other, each time another first, so
that what else the machine does hits all alike; rounds of one row lie apart, among those of the others.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import collections
import math
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(SOURCE / "tests" / "bench")]

# pylint: disable=wrong-import-position
import loads
import sandbox
from table import LOADS, MODES, WITHOUT_DIRECTACCESS, named, options
import table

ENOUGH_S = 8  # of processor time without a plugin, after which a row needs no further round
LEAST_ROUNDS, MOST_ROUNDS = 3, 50
ERROR_OF_MEDIAN = 1.25  # times that of a mean

# What stands for our statistics with the others.
QUIET = ["-q", "-z", "conv,tcp"]
OPTIONS_OF_PEERS = {"TRANSUM": ["--enable-protocol", "transum"]}

Measurement = collections.namedtuple("Measurement", "seconds peak_kib")


class Bench:
    """Runs tshark in its configurations."""

    def __init__(self, room, folder, peers):
        """`peers` are folders of plugins by name."""
        self.room = room
        self.folder = folder
        self.results = collections.defaultdict(list)
        self.frames = {}
        self.plugins = {"none": room.home, "ours": room.plugins}
        for name, peer in peers.items():
            self.plugins[name] = shutil.copytree(peer, room.folder / "peers" / name)
            self._check(name)
        self.captures = {}

    def _check(self, name):
        """A peer that is not loaded would cost nothing."""
        wanted = {path.name for path in self.plugins[name].rglob("*.so")}
        listed = self.room.run("-G", "plugins", environment={"WIRESHARK_PLUGIN_DIR": str(self.plugins[name])}).stdout
        if not wanted or any(plugin not in listed for plugin in wanted):
            sys.exit(f"bench: {name}: tshark does not load {', '.join(wanted) or 'any plugin'} from there")

    def make(self, rows):
        """The captures of the loads, always anew, since what they are made from changes."""
        for name in {**dict.fromkeys(load for load, _ in rows), "start": None}:
            load = LOADS[name]
            path = self.folder / f"{name}.pcap"
            self.frames[name] = loads.write(path, load.sessions(load.count))
            self.captures[name] = [path]
            if load.is_tunnel:
                self.captures[name].append(table.export(self.room, path, self.folder / f"{name}-inner.pcap"))

    def configurations(self, load):
        return list(self.plugins) if LOADS[load].has_peers else ["none", "ours"]

    def _tshark(self, configuration, capture, *arguments):
        process = self.room.start(
            "tshark", "-n", "-r", capture, *arguments,
            environment={"WIRESHARK_PLUGIN_DIR": str(self.plugins[configuration])},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        complaints = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 or complaints:
            sys.exit(f"bench: {capture.name}, {configuration}, {' '.join(arguments)}: {complaints}")
        return Measurement(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)

    def run(self, load, mode, configuration):
        """What one run of tshark took, or on a tunnel without our plugin those on its two parts."""
        arguments = MODES[mode]
        if configuration != "ours":
            arguments = [*OPTIONS_OF_PEERS.get(configuration, []), *(QUIET if mode == "sessions" else arguments)]
        capture, *inner = self.captures[load]
        whole = self._tshark(configuration, capture, *options(load, configuration == "ours"), *arguments)
        if not inner or configuration == "ours":
            return whole
        part, start = (self._tshark(configuration, one, *arguments) for one in (*inner, *self.captures["start"]))
        return Measurement(whole.seconds + part.seconds - start.seconds, max(whole.peak_kib, part.peak_kib))

    def round(self, load, mode):
        """Runs all configurations of a row once."""
        names = self.configurations(load)
        first = len(self.results[load, mode, "none"]) % len(names)
        for configuration in names[first:] + names[:first]:
            self.results[load, mode, configuration].append(self.run(load, mode, configuration))

    def is_enough(self, load, mode):
        done = self.results[load, mode, "none"]
        return len(done) >= LEAST_ROUNDS and sum(one.seconds for one in done) >= ENOUGH_S

    def measure(self, rows, rounds):
        """So many rounds of each row, or if None as many as it takes."""
        for number in range(rounds or MOST_ROUNDS):
            pending = [row for row in rows if rounds or not self.is_enough(*row)]
            if pending:
                print(f"bench: round {number + 1} of {len(pending)} rows", flush=True)
            for load, mode in pending:
                self.round(load, mode)

    def rounds(self, load, mode):
        return len(self.results[load, mode, "none"])

    def seconds(self, load, mode, configuration):
        """The median of the rounds' processor times."""
        return statistics.median(one.seconds for one in self.results[load, mode, configuration])

    def peak(self, load, configuration, mode="one-line"):
        """The median of the rounds' peaks of memory in KiB."""
        return statistics.median(one.peak_kib for one in self.results[load, mode, configuration])

    def ratios(self, load, mode, configuration):
        """Those of the rounds to no plugin."""
        return [one.seconds / none.seconds for one, none in
                zip(self.results[load, mode, configuration], self.results[load, mode, "none"])]

    def ratio(self, load, mode, configuration="ours"):
        """The median of the rounds' ratios to no plugin; NaN where it was not measured."""
        found = self.ratios(load, mode, configuration)
        return statistics.median(found) if found else math.nan

    def error(self, load, mode):
        """The standard error of our ratio; NaN of a single round."""
        found = self.ratios(load, mode, "ours")
        return ERROR_OF_MEDIAN * statistics.stdev(found) / math.sqrt(len(found)) if len(found) > 1 else math.nan


def version(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    return re.search(r"\d+\.\d[.\d]*\d", done.stdout)[0]


def machine():
    model = next((line.split(":", 1)[1].strip() for line in
                  pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                  if line.startswith("model name")), platform.machine())
    return (f"{model}, {os.cpu_count()} processors; Linux {platform.release()}, "
            f"Wireshark {version('tshark', '--version')}, gcc {version('gcc', '--version')}")


def shown(number, digits=2):
    return "" if math.isnan(number) else f"{number:.{digits}f}"


def times(bench, rows):
    """The table of processor times."""
    peers = list(bench.plugins)[2:]
    yield f"| load | frames | mode | rounds | none s | ours | ± | {' | '.join(peers)} |"
    yield f"|---|---|---|---|---|---|---|{'---|' * len(peers)}"
    for load, mode in rows:
        ratios = [shown(bench.ratio(load, mode, name)) for name in peers]
        yield (f"| {named(load)} | {bench.frames[load]:,} | {mode} | {bench.rounds(load, mode)} | "
               f"{bench.seconds(load, mode, 'none'):.2f} | {shown(bench.ratio(load, mode), 3)} | "
               f"{shown(bench.error(load, mode), 3)} | {' | '.join(ratios)} |")


def peaks(bench, rows):
    """The table of peaks of memory."""
    yield f"| load | {' | '.join(f'{name} MiB' for name in bench.plugins)} |"
    yield f"|---|{'---|' * len(bench.plugins)}"
    for load in (load for load, mode in rows if mode == "one-line"):
        sizes = [f"{bench.peak(load, name) / 1024:.1f}" if name in bench.configurations(load) else ""
                 for name in bench.plugins]
        yield f"| {named(load)} | {' | '.join(sizes)} |"


def growth(bench, configuration):
    """How many times as long a frame takes among 100,000 sessions as among 10,000, tshark's start taken off."""
    few, many = ((bench.seconds(load, "one-line", configuration) - bench.seconds("start", "one-line", configuration))
                 / bench.frames[load] for load in ("b10", "b100"))
    return many / few


def held(bench, load):
    """Bytes that a session of a load takes more than without a plugin."""
    return (bench.peak(load, "ours") - bench.peak(load, "none")) * 1024 / LOADS[load].count


# What is no ratio of a row: text, the rows' loads, the most it may be, and how it is found.
DERIVED = (
    ("(b): time of a frame among 100,000 sessions to 10,000, ours", ("start", "b10", "b100"), 1.1,
     lambda bench: growth(bench, "ours")),
    ("the same without a plugin, for comparison", ("start", "b10", "b100"), None,
     lambda bench: growth(bench, "none")),
    ("bytes of an untagged TLS session", ("none",), 200, lambda bench: held(bench, "none")),
    ("bytes of a tagged session", ("all",), 2048, lambda bench: held(bench, "all")),
)


def measured(bench, load, mode):
    return f"{bench.ratio(load, mode):.3f} ± {bench.error(load, mode):.3f}"


def targets(bench, rows):
    """Where we stand against the targets."""
    yield "| target | at most | measured |"
    yield "|---|---|---|"
    for mode, limit in table.FOREIGN.items():
        found = [load for load in WITHOUT_DIRECTACCESS if (load, mode) in rows]
        if found:
            highest = max(found, key=lambda load, mode=mode: bench.ratio(load, mode))
            yield (f"| without DirectAccess, {mode}, the highest load: ours to none | {limit} | "
                   f"{measured(bench, highest, mode)} |")
    for load, mode in rows:
        limit = LOADS[load].modes[mode]
        if limit and load not in WITHOUT_DIRECTACCESS:
            yield f"| {named(load)}, {mode}: ours to none | {limit} | {measured(bench, load, mode)} |"
    for text, needed, limit, measure in DERIVED:
        if all((load, "one-line") in rows for load in needed):
            value = measure(bench)
            yield f"| {text} | {limit or ''} | {value:.{0 if value > 10 else 2}f} |"


def report(bench, rows, minutes):
    yield f"{machine()}. The run took {minutes:.0f} minutes."
    yield ""
    yield from targets(bench, rows)
    yield ""
    yield ("Processor time of `tshark -n -r`: seconds without a plugin, and ratios to that, each the median of the "
           "rounds; ± is the standard error of ours.")
    yield ""
    yield from times(bench, rows)
    yield ""
    yield "Peak memory with one line a frame:"
    yield ""
    yield from peaks(bench, rows)


def stock_transum(room):
    """A folder of plugins with the TRANSUM that Wireshark brings; None where that is not to be found."""
    folder = room.folder / "stock"
    for epan in room.plugins.glob("*/epan"):
        for found in pathlib.Path("/usr/lib").glob(f"*/wireshark/plugins/{epan.parent.name}/epan/transum.so"):
            (folder / epan.parent.name / "epan").mkdir(parents=True)
            shutil.copy(found, folder / epan.parent.name / "epan")
            return folder
    return None


def peer(text):
    """NAME=FOLDER, the folder as WIRESHARK_PLUGIN_DIR names it."""
    name, equals, folder = text.partition("=")
    if not name.isidentifier() or name in ("none", "ours") or not equals:
        raise argparse.ArgumentTypeError(f"{text}: not NAME=FOLDER with a name of its own")
    if not any(pathlib.Path(folder).glob("*/epan/*.so")):
        raise argparse.ArgumentTypeError(f"{folder}: there is no VERSION/epan/PLUGIN.so")
    return name, pathlib.Path(folder)


def arguments_given():
    parser = argparse.ArgumentParser(description="Measures what the plugin costs.")
    parser.add_argument("folder", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("floor", type=pathlib.Path)
    parser.add_argument("-r", "--rounds", type=int, help="so many of each row, instead of as many as it takes")
    parser.add_argument("-l", "--load", action="append", choices=LOADS)
    parser.add_argument("-m", "--mode", action="append", choices=MODES)
    parser.add_argument("-p", "--peer", action="append", type=peer, default=[], metavar="NAME=FOLDER",
                        help="another plugin to compare with: a folder with VERSION/epan/PLUGIN.so")
    parser.add_argument("-o", "--output", type=pathlib.Path,
                        help="the README that gets the figures of a whole run")
    return parser.parse_args()


def main():
    given = arguments_given()
    rows = [(load, mode) for load in given.load or LOADS for mode in LOADS[load].modes
            if mode in (given.mode or MODES)]
    given.folder.mkdir(parents=True, exist_ok=True)
    given.folder.chmod(0o755)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # a run that moves between processors takes longer
    began = time.monotonic()
    room = sandbox.Sandbox()
    try:
        transum = stock_transum(room)
        bench = Bench(room, given.folder, {"floor": given.floor, **({"TRANSUM": transum} if transum else {}),
                                           **dict(given.peer)})
        bench.make(rows)
        bench.measure(rows, given.rounds)
        lines = list(report(bench, rows, (time.monotonic() - began) / 60))
    finally:
        room.close()
    print("\n".join(lines))
    if given.output and not given.load and not given.mode and not given.rounds:
        table.write_into(given.output, "bench.py", lines)


if __name__ == "__main__":
    main()
