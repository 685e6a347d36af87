"""Wireshark on a desktop, with the plugin and a HOME of its own.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re
import subprocess

import accessible
import desktop
from accessible import NotThere, wait_for

sandbox = desktop.sandbox
PROFILE = "IP-HTTPS"
QUIT_S = 60


class Wireshark:
    """Wireshark with a capture open.

    profile: one of the project's, or None for the default one; chosen: whether -C chooses it;
    alerts: the texts of the message boxes it showed when it started; they are answered with OK.
    """

    def __init__(self, screen, capture, *arguments, profile=PROFILE, chosen=True,
                 endpoints=(), environment=None):
        self.room = sandbox.Sandbox()
        self.alerts = []
        self._bus = accessible.connect(screen.accessibility_bus)
        if profile:
            self.room.install_profile(profile)
            arguments = ["-C", profile, *arguments] if chosen else arguments
        if endpoints:
            self.room.write_table("iphttps_endpoints", endpoints, profile=profile)
        self.log = self.room.folder / "log"
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = screen.start("wireshark", "-n", "-r", self.room.readable(capture),
                                        *arguments, room=self.room, environment=environment,
                                        stdout=log, stderr=subprocess.STDOUT)
        try:
            self.application = wait_for("Wireshark", self._find_application)
            self.main = wait_for("the window", lambda: self._find_main_window(capture.name))
            wait_for("the packets", lambda: self.packets().row_count())
        except BaseException:
            self.close()
            raise

    def close(self):
        """Ends it whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._bus.close_sync(None)
        self.room.close()

    def _fail_if_ended(self):
        status = self.process.poll()
        assert status is None, f"ended with {status}: {self.log.read_text(encoding='utf-8')}"

    def _find_application(self):
        self._fail_if_ended()
        return accessible.application(self._bus, "Wireshark")

    def _find_main_window(self, title):
        self._fail_if_ended()
        for window in self.windows():
            if window.role != "frame":
                text = " ".join(label.name for label in window.find_all("label"))
                button = window.find("push button", "OK")  # it is still there, so the text is whole
                if text not in self.alerts:
                    self.alerts.append(text)
                button.press()
        return self.window(title)

    def windows(self):
        """All windows that are open."""
        return self.application.children()

    def window(self, title):
        """The window whose title contains the text; NotThere if there is none."""
        for window in self.windows():
            if title in window.name:
                return window
        raise NotThere(title)

    def packets(self):
        """The packet list."""
        return max(self.main.tables(), key=lambda tree: len(tree.headings()))

    def find_in_details(self, text):
        """The line of the packet details that contains the text, None if none does; and their pane."""
        details = self.main.find("tree", "Packet details")
        lines = (details.cell(row, 0) for row in range(details.row_count()))
        return next((one for one in lines if text in one.name), None), details

    def details_line(self, text):
        """The line of the packet details that contains the text, where it can be clicked."""
        def line():
            found, details = self.find_in_details(text)
            return found if found and scrolled_to(found, details) else None
        return wait_for(text, line)

    def menu_entries(self, *path):
        """The menu entries of that path; there may be several menus of one name."""
        entries = [self.main.find("menu bar")]
        for name in path:
            entries = [one for entry in entries for one in below(entry) if plain(one.name) == name]
        return entries

    def choose(self, *path):
        """Chooses an entry of the menus; a menu may be filled only when it is opened."""
        if not self.menu_entries(*path):
            for end in range(1, len(path)):
                wait_for(path[:end], lambda end=end: self.menu_entries(*path[:end]))[0].press()
        entries = wait_for(path, lambda: self.menu_entries(*path))
        assert len(entries) == 1, f"{len(entries)} menu entries {path}"
        entries[0].press()

    def quit(self):
        """Quits as a user does; the exit status."""
        try:
            self.choose("File", "Quit")
        except NotThere:
            pass  # it may be gone before it has answered; its status tells
        return self.process.wait(QUIT_S)


def scrolled_to(line, pane):
    """Whether a line is inside the pane; turns the mouse's wheel if not."""
    left, top, width, height = pane.box()
    _, line_top, _, line_height = line.box()
    if top <= line_top and line_top + line_height <= top + height:
        return True
    wheel = "b4c" if line_top < top else "b5c"
    pane.mouse(left + width // 2, top + height // 2, wheel)
    wait_for("the wheel's turn", lambda: line.box()[1] != line_top)
    return False


def below(entry):
    """The entries of a menu, which has them in a popup menu, or of the menu bar."""
    children = entry.children()
    return [inner for child in children for inner in child.children()] \
        if entry.role == "menu item" else children


def plain(name):
    """The text of a menu entry without mnemonic and shortcut."""
    return re.sub(r"&|\t.*|…$", "", name)
