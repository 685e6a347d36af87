"""Reads and drives a program's windows through the accessibility bus (AT-SPI), without a cache.

The interfaces are those of at-spi2-core's org.a11y.atspi.*; Qt implements them for its widgets.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import time

from gi.repository import Gio, GLib

CALL_TIMEOUT_MS = 60_000
WAIT_S = 60
PAUSE_S = 0.05
PATIENCE_S = (1, 2, 4, 8, 16, 32)
# Bits of org.a11y.atspi.Accessible.GetState.
STATE_ACTIVE, STATE_PRESSED, STATE_SELECTED = 1, 20, 23
REGISTRY = "org.a11y.atspi.Registry"
# Of GenerateKeyboardEvent: the key is given as an X11 keysym.
KEY_SYMBOL = 3
KEY_DOWN, KEY_RIGHT, KEY_RETURN = 0xff54, 0xff53, 0xff0d
ROLES_WITH_CELLS = {"table", "tree", "tree table", "list"}


class NotThere(Exception):
    """A widget is not there, or has gone."""


def connect(address):
    """A connection to the accessibility bus at the address."""
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
             | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


def wait_for(what, found, seconds=WAIT_S):
    """The first result of found() that is neither empty nor NotThere; what is for the failure."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = found()
        except NotThere:
            result = None
        if result:
            return result
        assert time.monotonic() < deadline, f"{what}: not there within {seconds} s"
        time.sleep(PAUSE_S)


def act_until(what, act, found):
    """Calls act(), which clicks or types, until found() is true; its result. What is done before a window
    is in its place is lost. How long that and an answer take depends on the machine, so each time waits
    twice as long as the one before."""
    for seconds in PATIENCE_S:
        try:
            act()
            return wait_for(what, found, seconds)
        except (AssertionError, NotThere):
            continue
    raise AssertionError(f"{what}: not there after {len(PATIENCE_S)} tries, in {sum(PATIENCE_S)} s")


class Widget:
    """A widget of a program, by its place on the bus."""

    def __init__(self, bus, owner, path):
        self._bus, self._owner, self._path = bus, owner, path

    def __repr__(self):
        return f"<{self.role} {self.name!r}>"

    def _call(self, interface, method, signature="()", *arguments):
        try:
            answer = self._bus.call_sync(
                self._owner, self._path, interface, method, GLib.Variant(signature, arguments),
                None, Gio.DBusCallFlags.NONE, CALL_TIMEOUT_MS, None)
        except GLib.Error as error:
            raise NotThere(str(error)) from error
        return answer.unpack()[0] if answer.n_children() else None

    def _get(self, interface, name):
        return self._call("org.freedesktop.DBus.Properties", "Get", "(ss)",
                          f"org.a11y.atspi.{interface}", name)

    def _child(self, reference):
        if not reference[0]:  # what Qt answers for a cell that is not there
            raise NotThere(f"something in {self._path}")
        return Widget(self._bus, *reference)

    @property
    def name(self):
        """The text it shows."""
        return self._get("Accessible", "Name")

    @property
    def role(self):
        """What kind of widget it is ("push button")."""
        return self._call("org.a11y.atspi.Accessible", "GetRoleName")

    def children(self):
        """The widgets in it."""
        return [self._child(one)
                for one in self._call("org.a11y.atspi.Accessible", "GetChildren")]

    def has_state(self, state):
        """Whether the bit of its state is set."""
        words = self._call("org.a11y.atspi.Accessible", "GetState")
        return bool(words[state // 32] >> (state % 32) & 1)

    def find_all(self, role, name=None):
        """The widgets of the role below it, nearest first; cells of tables are left aside."""
        queue, found = collections.deque(self.children()), []
        while queue:
            widget = queue.popleft()
            try:
                its_role = widget.role
                if its_role == role and name in (None, widget.name):
                    found.append(widget)
                if its_role not in ROLES_WITH_CELLS:
                    queue.extend(widget.children())
            except NotThere:
                continue
        return found

    def find(self, role, name=None):
        """The first of find_all(); NotThere if there is none."""
        found = self.find_all(role, name)
        if not found:
            raise NotThere(f"{role} {name!r}")
        return found[0]

    def tables(self):
        """The trees and tables below it; NotThere if there are none yet."""
        found = self.find_all("tree") + self.find_all("tree table")
        if not found:
            raise NotThere("a table")
        return found

    def press(self):
        """Does what a click on it does, but for a button that is still down: its click would begin anew."""
        if not self.has_state(STATE_PRESSED):
            self._call("org.a11y.atspi.Action", "DoAction", "(i)", self._action())

    def open_menu(self):
        """Opens the menu of a button; returns while it is open, which press() would not."""
        self._bus.call(self._owner, self._path, "org.a11y.atspi.Action", "DoAction",
                       GLib.Variant("(i)", [self._action()]), None, Gio.DBusCallFlags.NONE,
                       CALL_TIMEOUT_MS, None, None)
        wait_for("the menu", lambda: self.has_state(STATE_PRESSED))

    def _action(self):
        names = [self._call("org.a11y.atspi.Action", "GetName", "(i)", index)
                 for index in range(self._get("Action", "NActions"))]
        for name in ("Press", "ShowMenu", "Toggle"):
            if name in names:
                return names.index(name)
        raise NotThere(f"an action of {self._path}")  # a button that is disabled has none

    def set_text(self, text):
        """Replaces the text of an input line."""
        self._call("org.a11y.atspi.EditableText", "SetTextContents", "(s)", text)

    def paste(self):
        """Replaces the text of an input line by what was copied; that text."""
        self.set_text("")
        self._call("org.a11y.atspi.EditableText", "PasteText", "(i)", 0)
        return self.text()

    def text(self):
        """The text of an input line or a page."""
        return self._call("org.a11y.atspi.Text", "GetText", "(ii)", 0, -1)

    def row_count(self):
        """The rows a table shows."""
        return self._get("Table", "NRows")

    def headings(self):
        """The headings of a table's columns."""
        return [self._call("org.a11y.atspi.Table", "GetColumnDescription", "(i)", column)
                for column in range(self._get("Table", "NColumns"))]

    def heading(self, name):
        """The heading of a column, as a widget."""
        for child in self.children():
            if child.role == "column header" and child.name == name:
                return child
        raise NotThere(name)

    def cell(self, row, column):
        """A cell of a table."""
        return self._child(self._call("org.a11y.atspi.Table", "GetAccessibleAt", "(ii)",
                                      row, column))

    def column(self, column):
        """The texts of one column of a table."""
        return [self.cell(row, column).name for row in range(self.row_count())]

    def rows(self):
        """The texts of all rows a table shows."""
        columns = range(self._get("Table", "NColumns"))
        return [[self.cell(row, column).name for column in columns]
                for row in range(self.row_count())]

    def box(self):
        """Where it is on the screen: x, y, width, height."""
        return self._call("org.a11y.atspi.Component", "GetExtents", "(u)", 0)

    def click(self, event="b1c"):
        """Clicks near its left end; "b1d" double-clicks."""
        left, top, _, height = self.box()
        self.mouse(left + 20, top + height // 2, event)

    def select(self):
        """Clicks it until it is selected, as a row is."""
        act_until("the selection", self.click, lambda: self.has_state(STATE_SELECTED))

    def mouse(self, left, top, event):
        """Moves the mouse to a place of the screen and does there what the event says."""
        self._generate("Mouse", "(iis)", left, top, event)

    def type_key(self, symbol):
        """Types a key, which goes to what has the focus."""
        self._generate("Keyboard", "(isu)", symbol, "", KEY_SYMBOL)

    def _generate(self, kind, signature, *arguments):
        controller = Widget(self._bus, REGISTRY, "/org/a11y/atspi/registry/deviceeventcontroller")
        controller._call("org.a11y.atspi.DeviceEventController", f"Generate{kind}Event",
                         signature, *arguments)


def application(bus, name):
    """The program of that name that is on the bus; NotThere if there is none."""
    root = Widget(bus, REGISTRY, "/org/a11y/atspi/accessible/root")
    for child in root.children():
        try:
            if child.name == name:
                return child
        except NotThere:
            continue  # ended a moment ago
    raise NotThere(name)
