#!/usr/bin/env python3
"""Has one sharkd open a capture again and again, and prints what memory it has after COUNT times.

usage: load_repeatedly.py CAPTURE COUNT..., prints KiB for each count

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import subprocess
import sys

# glibc raises by itself the size from which it takes memory from the system rather than from its heap. From then on
# the heap's size depends on where free blocks happen to lie; with fixed limits it is what is in use.
FIXED_LIMITS = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


def resident_kib(process):
    # Counted there page by page; the figures of status lag behind on each processor.
    with open(f"/proc/{process.pid}/smaps_rollup", encoding="ascii") as rollup:
        return int(re.search(r"^Rss:\s*(\d+) kB", rollup.read(), re.MULTILINE)[1])


def load(process, capture):
    request = {"jsonrpc": "2.0", "id": 1, "method": "load", "params": {"file": capture}}
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    answer = next(line for line in process.stdout if line.strip())
    if json.loads(answer).get("result") != {"status": "OK"}:
        sys.exit(answer)


def main():
    capture, counts = sys.argv[1], list(map(int, sys.argv[2:]))
    with subprocess.Popen(["sharkd", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=os.environ | FIXED_LIMITS, text=True) as process:
        for count in range(1, max(counts) + 1):
            load(process, capture)
            if count in counts:
                print(resident_kib(process))


if __name__ == "__main__":
    main()
