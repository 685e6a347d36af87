"""A desktop without a screen: X server, window manager, buses; and Wireshark on it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tshark"))
import sandbox

SCREEN_SIZE = (1600, 800)
STOP_S = 10
PROGRAMS = ("wireshark", "Xvfb", "openbox", "dbus-daemon", "dbus-send", "import")
# The main window, which has the first title when it opens, fills the screen; others show whole rows.
OPENBOX = """<openbox_config xmlns="http://openbox.org/3.4/rc"><applications>
  <application title="The Wireshark Network Analyzer"><maximized>yes</maximized></application>
  <application title="Wireshark · *">
    <size><width>1560</width><height>300</height></size>
    <position force="yes"><x>20</x><y>40</y></position>
  </application>
  <application title="Wireshark · IP-HTTPS Report">
    <size><width>760</width><height>600</height></size>
  </application>
</applications></openbox_config>
"""


def lacking():
    """What the tests of the GUI need and this machine lacks; empty if they can run."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if not pathlib.Path("/usr/libexec/at-spi-bus-launcher").exists():
        missing.append("at-spi-bus-launcher")
    if not importlib.util.find_spec("gi"):
        missing.append("Python's gi")
    return ", ".join(missing)


class Desktop:
    """The desktop; close() ends all that it started."""

    def __init__(self):
        self.room = sandbox.Sandbox()
        self._processes = []
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self):
        runtime = self.room.output / "runtime"
        self.room.run("-m", "700", runtime, program="mkdir")
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
            "QT_ACCESSIBILITY": "1",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "QT_QPA_PLATFORM": "xcb",
            "XDG_RUNTIME_DIR": str(runtime),
        }
        self.environment["DISPLAY"] = self._start_x_server()
        bus = self.start("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address",
                         f"--address={self.environment['DBUS_SESSION_BUS_ADDRESS']}",
                         stdout=subprocess.PIPE, text=True)
        bus.stdout.readline()
        settings = self.room.folder / "openbox.xml"
        settings.write_text(OPENBOX, encoding="utf-8")
        self.start("openbox", "--config-file", settings)
        # The launcher of the accessibility bus is started by the question for its address.
        answer = self.room.run("--session", "--print-reply=literal", "--dest=org.a11y.Bus",
                               "/org/a11y/bus", "org.a11y.Bus.GetAddress", program="dbus-send",
                               environment=self.environment)
        self.accessibility_bus = answer.stdout.strip()

    def _start_x_server(self):
        reader, writer = os.pipe()
        screen = "{}x{}x24".format(*SCREEN_SIZE)
        # A server that resets itself when its last client goes refuses one that comes just then.
        self.start("Xvfb", "-displayfd", writer, "-screen", "0", screen, "-nolisten", "tcp", "-ac",
                   "-noreset", pass_fds=[writer])
        os.close(writer)
        with os.fdopen(reader) as display:
            return f":{display.readline().strip()}"

    def start(self, program, *arguments, room=None, environment=None, **options):
        """Starts a program on the desktop; with the HOME of another sandbox if room is given."""
        settings = {**self.environment, **(environment or {})}
        process = (room or self.room).start(program, *arguments, environment=settings,
                                            **{"stderr": subprocess.DEVNULL, **options})
        self._processes.append(process)
        return process

    def photograph(self, file, box=None):
        """Saves what the screen shows as a PNG; box (x, y, width, height) cuts out a part."""
        cut = ["-crop", "{2}x{3}+{0}+{1}".format(*box), "+repage"] if box else []
        picture = self.room.output / "screen.png"
        done = self.room.run("-window", "root", *cut, "-strip", "+dither",
                             "-colors", "255", f"png8:{picture}", program="import",
                             environment=self.environment)
        assert done.returncode == 0, done.stderr
        shutil.copyfile(picture, file)

    def close(self):
        """Ends all programs, the last one started first, and removes the folder."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        self.room.close()
