#!/usr/bin/env python3
"""Measures what the plugin costs, side by side with none, with the floor and with TRANSUM.

usage: bench.py FOLDER FLOOR [-r ROUNDS] [-l LOAD]... [-o README]

FOLDER keeps the loads; FLOOR is the folder of plugins with the floor plugin, IPHTTPS_PLUGIN_DIR that
with ours. Each round runs every configuration of every row once, so that what else the machine does
hits all alike.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import collections
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(SOURCE / "tests" / "bench")]

# pylint: disable=wrong-import-position
import loads
import sandbox

BEGIN, END = "<!-- begin of what bench.py writes -->", "<!-- end of what bench.py writes -->"

LOADS = {
    "a": ("mixed traffic without DirectAccess", lambda: loads.mixed(4500)),
    "b10": ("10,000 TLS sessions, 1 % DirectAccess", lambda: loads.tls(10_000, 100)),
    "b100": ("100,000 TLS sessions, 1 % DirectAccess", lambda: loads.tls(100_000, 100)),
    "c": ("one tunnel with a million packets", lambda: loads.one_tunnel(1_000_000)),
    "none": ("20,000 TLS sessions, none DirectAccess", lambda: loads.tls(20_000, 0)),
    "all": ("20,000 TLS sessions, all DirectAccess", lambda: loads.tls(20_000, 1)),
}
FILTER = "tcp.flags.reset == 1"
SESSIONS = ["-q", "-z", "iphttps,sessions"]
MODES = {
    "one line": [],
    "-Y": ["-Y", FILTER],
    "-T fields": ["-T", "fields", "-e", "frame.number", "-e", "tcp.stream"],
    "-T json": ["-T", "json"],
    "-2": ["-2"],
    "-q -z": ["-q", "-z", "conv,tcp"],
}
# JSON of the larger loads would take hours.
ROWS = [(load, mode) for load in ("a", "b10") for mode in MODES] + \
       [(load, mode) for load in ("b100", "c") for mode in ("one line", "-Y", "-2", "-q -z")] + \
       [(load, "one line") for load in ("none", "all")]
CONFIGURATIONS = ("none", "floor", "ours", "TRANSUM")

Measurement = collections.namedtuple("Measurement", "user_s peak_kib")


class Bench:
    """Runs tshark in its configurations."""

    def __init__(self, room, folder, floor):
        self.room = room
        self.folder = folder
        self.results = collections.defaultdict(list)
        self.frames = {}
        self.plugins = {"none": room.home, "ours": room.plugins,
                        "floor": self._plugins("floor", floor),
                        "TRANSUM": self._plugins("transum", None)}

    def _plugins(self, name, folder):
        """A folder of plugins that tshark can read."""
        plugins = self.room.folder / name
        if folder is None:
            version = next(self.room.plugins.iterdir()).name
            stock = next(pathlib.Path("/usr/lib").glob(f"*/wireshark/plugins/{version}/epan"))
            (plugins / version / "epan").mkdir(parents=True)
            shutil.copy(stock / "transum.so", plugins / version / "epan")
        else:
            shutil.copytree(folder, plugins)
        return plugins

    def make(self, name):
        """The capture of a load, made if it is not there yet."""
        path = self.folder / f"{name}.pcap"
        if not path.exists():
            print(f"bench: making {LOADS[name][0]}", flush=True)
            loads.write(path, LOADS[name][1]())
        counted = subprocess.run(["capinfos", "-T", "-r", "-c", "-M", path], check=True, text=True,
                                 stdout=subprocess.PIPE)
        self.frames[name] = int(counted.stdout.split("\t")[1])
        return path

    def run(self, load, mode, configuration):
        arguments = SESSIONS if mode == "-q -z" and configuration == "ours" else MODES[mode]
        if configuration == "TRANSUM":
            arguments = ["--enable-protocol", "transum", *arguments]
        process = self.room.start(
            "tshark", "-n", "-r", self.make(load), *arguments,
            environment={"WIRESHARK_PLUGIN_DIR": str(self.plugins[configuration])},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        complaints = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{load}, {mode}, {configuration}: {complaints}")
        return Measurement(usage.ru_utime, usage.ru_maxrss)

    def round(self, rows):
        for load, mode in rows:
            for configuration in CONFIGURATIONS:
                self.results[load, mode, configuration].append(
                    self.run(load, mode, configuration))

    def user(self, load, mode, configuration):
        return statistics.median(one.user_s for one in self.results[load, mode, configuration])

    def peak(self, load, configuration, mode="one line"):
        return statistics.median(one.peak_kib for one in self.results[load, mode, configuration])

    def ratio(self, load, mode, configuration, base):
        """The median of the rounds' ratios of user time."""
        return statistics.median(one.user_s / other.user_s for one, other in
                                 zip(self.results[load, mode, configuration],
                                     self.results[load, mode, base]))


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


def times(bench, rows):
    yield "| load | frames | mode | none s | floor | ours | TRANSUM | ours / floor |"
    yield "|---|---|---|---|---|---|---|---|"
    for load, mode in rows:
        ratios = [f"{bench.ratio(load, mode, name, 'none'):.2f}" for name in CONFIGURATIONS[1:]]
        yield (f"| {LOADS[load][0]} | {bench.frames[load]:,} | `{mode}` | "
               f"{bench.user(load, mode, 'none'):.2f} | {' | '.join(ratios)} | "
               f"{bench.ratio(load, mode, 'ours', 'floor'):.2f} |")


def peaks(bench, rows):
    yield "| load | none MiB | floor | ours | TRANSUM |"
    yield "|---|---|---|---|---|"
    for load in dict.fromkeys(load for load, mode in rows if mode == "one line"):
        sizes = [f"{bench.peak(load, name) / 1024:.1f}" for name in CONFIGURATIONS]
        yield f"| {LOADS[load][0]} | {' | '.join(sizes)} |"


def derived(bench, rows):
    """What the targets speak of."""
    for load, text in (("none", "untagged TLS session"), ("all", "tagged session")):
        if (load, "one line") in rows:
            held = (bench.peak(load, "ours") - bench.peak(load, "floor")) * 1024 / 20_000
            yield f"- memory of each {text}: {held:.0f} bytes more than with the floor plugin"
    if ("b10", "one line") in rows and ("b100", "one line") in rows:
        small, large = (bench.user(load, "one line", "ours") / bench.frames[load] * 1e6
                        for load in ("b10", "b100"))
        base = (bench.user("b100", "one line", "none") / bench.frames["b100"]
                / (bench.user("b10", "one line", "none") / bench.frames["b10"]))
        yield (f"- time of a frame: {small:.2f} µs among 10,000 sessions, {large:.2f} µs among "
               f"100,000, {large / small:.2f} times as much (without the plugin {base:.2f} times)")


def report(bench, rows, rounds):
    yield f"{machine()}. {rounds} rounds."
    yield ""
    yield ("User time of `tshark -n -r`: seconds without a plugin, and ratios to that; medians of "
           "the rounds.")
    yield ""
    yield from times(bench, rows)
    yield ""
    yield "Peak memory with one line a frame:"
    yield ""
    yield from peaks(bench, rows)
    yield ""
    yield from derived(bench, rows)


def write_into(readme, lines):
    """Replaces what stands between the two marks."""
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(before + BEGIN + "\n\n" + "\n".join(lines) + "\n\n" + END + after,
                      encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Measures what the plugin costs.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("floor", type=pathlib.Path)
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("-l", "--load", action="append", choices=LOADS)
    parser.add_argument("-m", "--mode", action="append", choices=MODES)
    parser.add_argument("-o", "--output", type=pathlib.Path, help="the README that gets the figures of a whole run")
    given = parser.parse_args()
    rows = [(load, mode) for load, mode in ROWS
            if load in (given.load or LOADS) and mode in (given.mode or MODES)]
    given.folder.mkdir(parents=True, exist_ok=True)
    given.folder.chmod(0o755)
    room = sandbox.Sandbox()
    try:
        bench = Bench(room, given.folder, given.floor)
        for number in range(given.rounds):
            print(f"bench: round {number + 1} of {given.rounds}", flush=True)
            bench.round(rows)
        lines = list(report(bench, rows, given.rounds))
    finally:
        room.close()
    print("\n".join(lines))
    if given.output and not given.load and not given.mode:
        write_into(given.output, lines)


if __name__ == "__main__":
    main()
