"""One sharkd that stays, and opens captures in processes forked from it: far quicker than tshark.

Each connection gets a process of its own, with the settings as they were when sharkd began. A
capture that is open there has been read once from its first frame to its last, as in Wireshark's
window; what is shown of a frame afterwards is what the window shows, and tshark with -2.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import itertools
import json
import re
import shutil
import socket
import subprocess
import time

import sandbox

TIMEOUT_S = 120
START_S = 30
PAUSE_S = 0.01
AT_ONCE = 100
# sharkd goes to the background, where it stays in this shell's group. The end of standard input, when
# it is closed or this process ends in whatever way, is the end of the group.
KEEPER = 'sharkd "$1" && cat; kill -KILL 0'
# A capture, and what it is read with.
Case = collections.namedtuple("Case", "capture endpoints preferences", defaults=((), None))
# Of a line of the packet details: the filter that finds the value.
VALUE = re.compile(r'^([\w.]+)(?: == (?:"(.*)"|(.*)))?$', re.DOTALL)


def is_installed():
    """Whether this machine has it."""
    return shutil.which("sharkd") is not None


class Sharkd:
    """sharkd in a sandbox. It starts with the first question; close() ends it."""

    def __init__(self, room):
        self._room = room
        self._keeper = None
        self._socket = room.output / "sharkd"
        self._log = room.output / "sharkd.log"

    def _start(self):
        with open(self._log, "wb") as log:
            self._keeper = self._room.start("sh", "-c", KEEPER, "sh", f"unix:{self._socket}",
                                            start_new_session=True, stdin=subprocess.PIPE,
                                            environment={"HOME": str(self._room.output / "none")},
                                            stdout=subprocess.DEVNULL, stderr=log)

    def told(self):
        """What sharkd and its processes have written on standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def connect(self):
        """A connection to a process of its own, which ends with it."""
        if self._keeper is None:
            self._start()
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT_S)
        deadline = time.monotonic() + START_S
        while True:
            try:
                connection.connect(str(self._socket))
                return connection
            except (ConnectionRefusedError, FileNotFoundError):
                ended = self._keeper.poll() is not None
                assert not ended and time.monotonic() < deadline, self.told()
                time.sleep(PAUSE_S)

    def open(self, capture, endpoints=(), preferences=None):
        """A capture, open under rows in the table of endpoints and preferences, as Sandbox.read()
        takes them."""
        opened = Opened(self)
        settings = [("uat:iphttps_endpoints", sandbox.table_row(row)) for row in endpoints]
        settings += (preferences or {}).items()
        requests = [("setconf", {"name": name, "value": value}) for name, value in settings]
        requests.append(("load", {"file": str(self._room.readable(capture))}))
        for request, answer in zip(requests, opened.ask(*requests)):
            assert answer == {"status": "OK"}, f"{request}: {answer}, {self.told()}"
        return opened

    def rows_of(self, cases, *names):
        """The values of the named fields on each frame of many captures, from one start of a
        program.

        cases: an iterable of Case; a preference is given as "protocol.name": value. Returns for
        each case a list with a dict for each frame, which has for each name the list of its texts,
        like Sandbox.fields(two_pass=True). The texts are those of filters: numbers in the field's
        own base, times as "2026-10-23 00:00:00Z", "" for an expert info and for what has no value.
        Only fields of the plugin, iphttps.*, can be asked for.

        A case costs some 30 ms and a frame 1 ms. What is shown on the first pass, by tshark without
        -2, cannot be had here; where it matters, many short captures can become one, as
        tests/tshark/forms.py makes them.
        """
        found = []
        for case in cases:
            with self.open(case.capture, case.endpoints, case.preferences) as opened:
                values = opened.values()
            found.append([{name: frame.get(name, []) for name in names} for frame in values])
        return found

    def close(self):
        """Ends it and the processes forked from it."""
        if self._keeper is not None:
            self._keeper.stdin.close()
            self._keeper.wait()


class Opened:
    """A process of sharkd's with a capture open, for a `with`, at whose end it ends."""

    def __init__(self, server):
        self._server = server
        self._connection = server.connect()
        self._stream = self._connection.makefile("rw", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._connection.close()

    def ask(self, *requests):
        """The results of requests, pairs of method and parameters; None for one that is refused."""
        answers = []
        # Not all at once: each side would wait for the other to read.
        for start in range(0, len(requests), AT_ONCE):
            some = requests[start:start + AT_ONCE]
            for number, (method, parameters) in enumerate(some, start + 1):
                request = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
                self._stream.write(json.dumps(request) + "\n")
            self._stream.flush()
            lines = itertools.islice(filter(str.strip, self._stream), len(some))
            answers += [json.loads(line).get("result") for line in lines]
            assert len(answers) == start + len(some), \
                f"ended at {requests[len(answers)]}: {self._server.told()}"
        return answers

    def frames(self, *display_filters):
        """For each display filter the numbers of the frames that it matches."""
        found = self.ask(*(("frames", {"filter": one}) for one in display_filters))
        return [[row["num"] for row in rows] for rows in found]

    def details(self, numbers):
        """The packet details of each of the frames, as sharkd describes them."""
        return self.ask(*(("frame", {"frame": number, "proto": True}) for number in numbers))

    def values(self):
        """What the plugin shows on each frame: for each a dict from the fields that are there,
        expert infos included, to the list of their texts."""
        [status] = self.ask(("status", {}))
        return [shown_values(frame) for frame in self.details(range(1, status["frames"] + 1))]


def shown_values(frame):
    """The values of the plugin's fields in a frame as sharkd describes it, by the fields' names."""
    shown = {}
    for display_filter in filters_of(frame["tree"]):
        match = VALUE.match(display_filter)
        if match and match[1].split(".")[0] == "iphttps":
            text = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
            shown.setdefault(match[1], []).append(text or "")
    return shown


def filters_of(nodes):
    """The display filters of the lines of the packet details, in their order."""
    for node in nodes:
        if "f" in node:
            yield node["f"]
        yield from filters_of(node.get("n", []))
