"""One tshark that stays and has begun, from which a process is forked for each command line: four
starts for the price of one.

What it prints is what a tshark prints that is started for it: it is the same program from its first
line on, which only does not register all protocols once more (resident.c). test_resident.py holds
one against the other.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import signal
import socket
import subprocess
import tempfile

VARIABLE = "IPHTTPS_RESIDENT"
STATUS_BYTES = 4


class Resident:
    """A tshark that stays, in a sandbox and an environment; close() ends it."""

    def __init__(self, room, library, environment):
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = room.start(
                "tshark", environment={**(environment or {}), "LD_PRELOAD": str(room.readable(library)),
                                       VARIABLE: str(theirs.fileno())},
                pass_fds=[theirs.fileno()], start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, *arguments, timeout_s):
        """What tshark does with these arguments and no input: a CompletedProcess with text."""
        command = ["tshark", *map(str, arguments)]
        with (tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors,
              open(os.devnull, "rb") as nothing):
            self._socket.settimeout(timeout_s)
            try:
                socket.send_fds(self._socket, [b"".join(os.fsencode(one) + b"\0" for one in command)],
                                [one.fileno() for one in (nothing, output, errors)])
                answer = self._socket.recv(STATUS_BYTES)
            except TimeoutError:
                self.close()
                raise subprocess.TimeoutExpired(command, timeout_s) from None
            except ConnectionError:
                answer = b""
            assert len(answer) == STATUS_BYTES, f"the tshark that stays has ended: {command}"
            status = os.waitstatus_to_exitcode(int.from_bytes(answer, "little"))
            return subprocess.CompletedProcess(command, status, _text(output), _text(errors))

    def close(self):
        """Ends it, whatever it is doing."""
        self._socket.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _text(file):
    """All of a file, as subprocess has it with text=True."""
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")
