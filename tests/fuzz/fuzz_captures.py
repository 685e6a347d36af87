#!/usr/bin/env python3
"""Runs mutated captures through tshark with the plugin as built with sanitizers.

usage: fuzz_captures.py SECONDS FOLDER RUNTIME [SEED]

What makes tshark fail is kept in FOLDER with the command beside it. A bug of another dissector, met
without the plugin as well, is counted, and the capture read on behind it. IPHTTPS_PLUGIN_DIR names
the plugin; RUNTIME is the library of AddressSanitizer that it needs, since tshark itself is not
built with it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import random
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(SOURCE / "testcaptures" / "generate")]

# pylint: disable=wrong-import-position
import mutations
import pcapng
import sandbox

RAW_IP = 101  # link type
MUTANTS_OF_A_CAPTURE = 40
RUNS_A_SECOND = 1
FRAMES_MAX = 60  # of a capture whose truncations are all tried
ERROR_PROBABILITIES = (0, 0, 0.001, 0.01, 0.05)
OTHERS_BUG = "./epan/dissectors/packet-"  # where a dissector's failed assertion says that it stands
# On a later pass TLS reads a message that it took for encrypted on the first, when it did not know
# the version yet; which captures show that depends on what else was dissected.
KNOWN_BUG = "./epan/dissectors/packet-tls.c:2513:"
# Status 2 is tshark's for a file that ends in the middle of a frame.
GOOD_STATUS = (0, 2)

ENDPOINTS = (("da.example.com", "203.0.113.10", "", "", ""), ("*.corp.example.com", "", "", "", ""),
             ("", "203.0.113.0/24", "", "", ""), ("da.example.com", "", "8443", "", ""))
STATISTICS = ["-q", "-z", "iphttps,sessions", "-z", "iphttps,tree", "-z", "expert"]
FIELDS = ["-T", "fields", "-e", "iphttps.session", "-e", "iphttps.finding",
          "-e", "iphttps.endpoint", "-e", "iphttps.certificate.name",
          "-e", "iphttps.tunnel.length", "-e", "_ws.col.Info"]
MODES = (
    [],
    ["-V"],
    FIELDS,
    ["-T", "json"],
    ["-Y", "iphttps.finding"],
    STATISTICS,
    ["-U", "IP-HTTPS tunnel", "-w", "/dev/null"],
    ["-o", "tcp.reassemble_out_of_order:TRUE", "-V"],
    ["-o", "tcp.desegment_tcp_streams:FALSE", "-V"],
    ["-o", "tls.desegment_ssl_records:FALSE", "-V"],
    ["-o", "iphttps.dissect_tunnel:FALSE", "-V"],
    ["-d", "tcp.port==443,iphttps", "-V"],
)


class Session:
    """A sandbox with the captures to mutate, and what was found so far."""

    def __init__(self, room, folder, runtime, seed):
        self.room = room
        self.folder = folder
        self.random = random.Random(seed)
        self.captures = {path.stem: pcapng.read(path)
                         for path in sorted(sandbox.CAPTURES.glob("*.pcapng"))}
        self.runs = 0
        self.mutants = 0
        self.others = 0
        self.found = 0
        self.file = room.output / "mutated.pcapng"
        self.environment = {
            "LD_PRELOAD": runtime,
            "ASAN_OPTIONS": "detect_leaks=0:exitcode=99:allocator_may_return_null=1",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99"}

    def write(self, path, frames, link_type=1, keys=b""):
        """Writes a capture that tshark can read."""
        path.unlink(missing_ok=True)
        pcapng.write(path, pcapng.Capture(frames, link_type=link_type, keys=keys), "", "")
        path.chmod(0o644)

    def _fails(self, arguments, prelude="", **environment):
        """How tshark came to a bad end, None if it did not."""
        self.room.write_table("iphttps_endpoints", ENDPOINTS)
        command = f'{prelude} exec tshark -n -r "$0" "$@" >/dev/null'
        try:
            done = self.room.run("-c", command, self.file, *arguments, program="sh",
                                 environment={**self.environment, **environment})
        except subprocess.TimeoutExpired as hanging:
            return f"took more than {hanging.timeout} s"
        if "Error loading table" in done.stderr:
            return f"did not take the endpoints:\n{done.stderr}"
        if done.returncode in GOOD_STATUS:
            return None
        return f"ended with {done.returncode}:\n{done.stderr[-4000:]}"

    def _fails_without_plugin(self, arguments):
        passes = [word for word in arguments if word == "-2"]
        preferences = [word for before, word in zip(arguments, arguments[1:])
                       if before == "-o" and not word.startswith("iphttps.")]
        return self._fails([*passes, *(f"-o{one}" for one in preferences), "-V"],
                           WIRESHARK_PLUGIN_DIR=str(self.room.home))

    def try_capture(self, arguments, what):
        """Runs tshark; a failure that is the plugin's own is kept."""
        self.runs += 1
        failure = self._fails(arguments)
        if failure is not None and OTHERS_BUG in failure and (
                KNOWN_BUG in failure or self._fails_without_plugin(arguments)):
            self.others += 1
            failure = self._fails(arguments, "unset WIRESHARK_ABORT_ON_DISSECTOR_BUG;")
        if failure is None:
            return
        self.found += 1
        name = f"{what}-{self.runs}"
        print(f"{name}: tshark {' '.join(arguments)} {failure}")
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.file, self.folder / f"{name}.pcapng")
        (self.folder / f"{name}.txt").write_text(f"tshark {' '.join(arguments)}\n{failure}\n",
                                                 encoding="utf-8")

    def truncate(self, name):
        """Every truncation of one capture, one pass and two."""
        capture = self.captures[name]
        mutants = list(mutations.every_truncation(capture.frames[:FRAMES_MAX]))
        frames = [frame for number, mutant in enumerate(mutants)
                  for frame in mutations.as_client(number, mutant)]
        self.mutants += len(mutants)
        self.write(self.file, mutations.retime(self.random, frames), keys=capture.keys)
        self.try_capture(STATISTICS, f"truncated-{name}")
        self.try_capture(["-2", *FIELDS], f"truncated-{name}")

    def _mutants(self):
        names = self.random.choices(list(self.captures), k=self.random.randrange(1, 6))
        captures = [self.captures[name] for name in names]
        mutants = [mutations.mutate(self.random, capture.frames) for capture in captures
                   for _ in range(self.random.randrange(1, MUTANTS_OF_A_CAPTURE))]
        self.mutants += len(mutants)
        mixed = mutations.retime(self.random, mutations.mix(self.random, mutants))
        return mixed, b"".join(sorted({capture.keys for capture in captures}))

    def _write_mutants(self, path):
        """Mutants as a capture of Ethernet frames or raw IP packets, with editcap's bit errors."""
        frames, keys = self._mutants()
        raw = self.random.random() < 0.2
        probability = self.random.choice(ERROR_PROBABILITIES)
        whole = path.with_suffix(".whole.pcapng")
        self.write(whole, mutations.without_ethernet(frames) if raw else frames,
                   RAW_IP if raw else 1, keys)
        subprocess.run(["editcap", "-E", str(probability), "--seed",
                        str(self.random.randrange(1 << 31)), whole, path],
                       check=True, stderr=subprocess.DEVNULL)
        path.chmod(0o644)

    def mutate(self):
        """Some mutants, perhaps merged with a capture of another link type, in one of the modes."""
        self.file.unlink(missing_ok=True)
        self._write_mutants(self.file)
        if self.random.random() < 0.3:
            parts = [self.file.with_suffix(f".{part}.pcapng") for part in range(2)]
            for part in parts:
                self._write_mutants(part)
            subprocess.run(["mergecap", "-w", self.file, *parts], check=True)
            self.file.chmod(0o644)
        passes = ["-2"] if self.random.random() < 0.5 else []
        self.try_capture(passes + self.random.choice(MODES), "mutated")


def main():
    seconds, folder, runtime = float(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 31)
    # The same for each run with one seed, however fast the machine is.
    runs_max = seconds * RUNS_A_SECOND if len(sys.argv) > 4 else float("inf")
    end = time.monotonic() + seconds
    room = sandbox.Sandbox()
    try:
        session = Session(room, folder, runtime, seed)
        names = session.random.sample(list(session.captures), len(session.captures))
        while time.monotonic() < end and session.runs < runs_max:
            if names and session.random.random() < 0.3:
                session.truncate(names.pop())
            else:
                session.mutate()
    finally:
        room.close()
    truncated = len(session.captures) - len(names)
    print(f"captures: {session.runs} runs with {session.mutants} mutants, {truncated} of "
          f"{len(session.captures)} captures truncated at every byte, seed {seed}: "
          f"{session.others} failures of other dissectors, {session.found} of the plugin")
    sys.exit(session.found != 0)


if __name__ == "__main__":
    main()
