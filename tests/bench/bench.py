#!/usr/bin/env python3
"""Measures what the plugin costs, side by side with none, with the floor and with TRANSUM.

usage: bench.py FOLDER FLOOR [-r ROUNDS] [-l LOAD]... [-m MODE]... [-o README]

FOLDER keeps the loads; FLOOR is the folder of plugins with the floor plugin, IPHTTPS_PLUGIN_DIR that
with ours. Each round runs every configuration of a row one after the other, so that what else the
machine does hits all alike.

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

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(SOURCE / "tests" / "bench")]

# pylint: disable=wrong-import-position
import loads
import sandbox

BEGIN, END = "<!-- begin of what bench.py writes -->", "<!-- end of what bench.py writes -->"

EVERY = ("none", "floor", "ours", "TRANSUM")
LARGE = ("none", "floor", "ours")

Load = collections.namedtuple("Load", "text sessions configurations modes")
FILTER = "tcp.flags.reset == 1"
MODES = {
    "one-line": [],
    "filter": ["-Y", FILTER],
    "fields": ["-T", "fields", "-e", "frame.number", "-e", "tcp.stream"],
    "json": ["-T", "json"],
    "two-pass": ["-2"],
    "sessions": ["-q", "-z", "iphttps,sessions"],
}
# What stands for the statistics of a plugin that has none.
QUIET = ["-q", "-z", "conv,tcp"]
FOREIGN = ["one-line", "two-pass", "filter", "fields"]
NOT_JSON = [mode for mode in MODES if mode != "json"]
LOADS = {
    "a": Load("(a) mixed traffic without DirectAccess", lambda: loads.mixed(9000), EVERY, MODES),
    "protocols": Load("noise for many protocols", lambda: loads.many_protocols(100), LARGE, FOREIGN),
    "short": Load("20,000 short connections", lambda: loads.repeated(loads.short(), 20_000), LARGE, FOREIGN),
    "quic": Load("2,000 QUIC connections", lambda: loads.repeated(loads.quic(), 2000), LARGE, FOREIGN),
    "smb": Load("2,000 files read over SMB2", lambda: loads.repeated(loads.file_share(), 2000), LARGE, FOREIGN),
    "b10": Load("(b) 10,000 TLS sessions, 1 % DirectAccess", lambda: loads.tls(10_000, 100), EVERY,
                ["one-line", "filter", "json"]),
    "b100": Load("(b) 100,000 TLS sessions, 1 % DirectAccess", lambda: loads.tls(100_000, 100),
                 LARGE, NOT_JSON),
    "c": Load("(c) one tunnel with a million packets", lambda: loads.one_tunnel(1_000_000), LARGE,
              NOT_JSON),
    "inner": Load("the packets of (c), exported", None, ["none"], ["one-line"]),
    "none": Load("20,000 TLS sessions, none DirectAccess", lambda: loads.tls(20_000, 0), LARGE, FOREIGN),
    "refused": Load("70,000 refused connections to an endpoint", lambda: loads.refused(70_000),
                    LARGE, ["one-line"]),
    "all": Load("20,000 TLS sessions, all DirectAccess", lambda: loads.tls(20_000, 1), LARGE,
                ["one-line"]),
}
WITHOUT_DIRECTACCESS = ("a", "protocols", "short", "quic", "smb", "none")
SESSIONS_OF_MEMORY = 20_000  # of the loads none and all

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
            print(f"bench: making {LOADS[name].text}", flush=True)
            if LOADS[name].sessions:
                loads.write(path, LOADS[name].sessions())
            else:
                self._export(self.make("c"), path)
        counted = subprocess.run(["capinfos", "-T", "-r", "-c", "-M", path], check=True, text=True,
                                 stdout=subprocess.PIPE)
        self.frames[name] = int(counted.stdout.split("\t")[1])
        return path

    def _export(self, tunnel, path):
        """The packets of a tunnel as a capture of their own."""
        exported = self.room.output / path.name
        process = self.room.start("tshark", "-r", tunnel, "-U", "IP-HTTPS tunnel", "-w", exported)
        if process.wait() != 0:
            sys.exit(f"the packets of {tunnel} could not be exported")
        shutil.move(exported, path)

    def run(self, load, mode, configuration):
        """What one run of tshark took."""
        arguments = QUIET if mode == "sessions" and configuration != "ours" else MODES[mode]
        if configuration == "TRANSUM":
            arguments = ["--enable-protocol", "transum", *arguments]
        if configuration != "ours" and load == "c":
            arguments = ["--disable-protocol", "http", *arguments]
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
        """Runs all configurations of the rows once."""
        for load, mode in rows:
            for configuration in LOADS[load].configurations:
                self.results[load, mode, configuration].append(
                    self.run(load, mode, configuration))

    def user(self, load, mode, configuration):
        """The median of the rounds' user times in seconds."""
        return statistics.median(one.user_s for one in self.results[load, mode, configuration])

    def user_of_frame(self, load, configuration):
        """In microseconds."""
        return self.user(load, "one-line", configuration) / self.frames[load] * 1e6

    def peak(self, load, configuration, mode="one-line"):
        """The median of the rounds' peaks of memory in KiB."""
        return statistics.median(one.peak_kib for one in self.results[load, mode, configuration])

    def ratio(self, load, mode, configuration, base):
        """The median of the rounds' ratios of user time; NaN where it was not measured."""
        if (load, mode, configuration) not in self.results:
            return float("nan")
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


def shown(ratio):
    return "" if math.isnan(ratio) else f"{ratio:.2f}"


def times(bench, rows):
    """The table of user times."""
    yield "| load | frames | mode | none s | floor | ours | TRANSUM | ours / floor |"
    yield "|---|---|---|---|---|---|---|---|"
    for load, mode in rows:
        ratios = [shown(bench.ratio(load, mode, name, "none")) for name in EVERY[1:]]
        yield (f"| {LOADS[load].text} | {bench.frames[load]:,} | {mode} | "
               f"{bench.user(load, mode, 'none'):.2f} | {' | '.join(ratios)} | "
               f"{shown(bench.ratio(load, mode, 'ours', 'floor'))} |")


def peaks(bench, rows):
    """The table of peaks of memory."""
    yield "| load | none MiB | floor | ours | TRANSUM |"
    yield "|---|---|---|---|---|"
    for load in dict.fromkeys(load for load, mode in rows if mode == "one-line"):
        sizes = [f"{bench.peak(load, name) / 1024:.1f}" if name in LOADS[load].configurations
                 else "" for name in EVERY]
        yield f"| {LOADS[load].text} | {' | '.join(sizes)} |"


def growth(bench, configuration):
    """How many times as long a frame takes among 100,000 sessions as among 10,000."""
    return bench.user_of_frame("b100", configuration) / bench.user_of_frame("b10", configuration)


def tunnel_cost(bench):
    """User time of a tunnel against what its two halves take without a plugin."""
    return bench.user("c", "one-line", "ours") / sum(bench.user(load, "one-line", "none")
                                                      for load in ("c", "inner"))


def held(bench, load):
    """Bytes that a session of a load takes more than with the floor plugin."""
    return (bench.peak(load, "ours") - bench.peak(load, "floor")) * 1024 / SESSIONS_OF_MEMORY


def most(mode):
    """The highest ratio of ours to none that a load without DirectAccess has in a mode."""
    return lambda bench: max((bench.ratio(load, mode, "ours", "none") for load in WITHOUT_DIRECTACCESS
                              if (load, mode, "ours") in bench.results), default=math.nan)


TARGETS = (
    ("without DirectAccess, one line a frame: ours to none", "a", 1.03, most("one-line")),
    ("without DirectAccess, on two passes: ours to none", "a", 1.03, most("two-pass")),
    ("without DirectAccess, with a tree (filter): ours to none", "a", 1.02, most("filter")),
    ("without DirectAccess, with a tree (fields): ours to none", "a", 1.02, most("fields")),
    ("(b), with a tree (filter): ours to none", "b100", 1.08,
     lambda bench: bench.ratio("b100", "filter", "ours", "none")),
    ("(b), with a tree (fields): ours to none", "b100", 1.08,
     lambda bench: bench.ratio("b100", "fields", "ours", "none")),
    ("(b), time of a frame among 100,000 sessions to 10,000, ours", "b100", 1.1,
     lambda bench: growth(bench, "ours")),
    ("the same without a plugin, for comparison", "b100", None,
     lambda bench: growth(bench, "none")),
    ("bytes of an untagged TLS session", "none", 200, lambda bench: held(bench, "none")),
    ("bytes of a tagged session", "all", 2048, lambda bench: held(bench, "all")),
    ("(c): ours to none, plus none on the packets exported", "inner", 1.3, tunnel_cost),
)


def derived(bench, rows):
    """Where we stand against the targets."""
    yield "| target | at most | measured |"
    yield "|---|---|---|"
    for text, load, limit, measure in TARGETS:
        if (load, "one-line") in rows:
            value = measure(bench)
            yield f"| {text} | {limit or ''} | {value:.{0 if value > 10 else 2}f} |"


def report(bench, rows, rounds):
    yield f"{machine()}. {rounds} rounds."
    yield ""
    yield from derived(bench, rows)
    yield ""
    yield ("User time of `tshark -n -r`: seconds without a plugin, and ratios to that; medians of "
           "the rounds.")
    yield ""
    yield from times(bench, rows)
    yield ""
    yield "Peak memory with one line a frame:"
    yield ""
    yield from peaks(bench, rows)


def write_into(readme, lines):
    """Replaces what stands between the two marks."""
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(before + BEGIN + "\n\n" + "\n".join(lines) + "\n\n" + END + after,
                      encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Measures what the plugin costs.")
    parser.add_argument("folder", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("floor", type=pathlib.Path)
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("-l", "--load", action="append", choices=LOADS)
    parser.add_argument("-m", "--mode", action="append", choices=MODES)
    parser.add_argument("-o", "--output", type=pathlib.Path, 
                        help="the README that gets the figures of a whole run")
    given = parser.parse_args()
    rows = [(load, mode) for load in given.load or LOADS for mode in LOADS[load].modes
            if mode in (given.mode or MODES)]
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
