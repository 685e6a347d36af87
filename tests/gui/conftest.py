"""The desktop on which the tests run the real Wireshark.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import desktop

FOLDER = "tests/gui/"
OUTCOMES = ("passed", "failed", "error", "skipped")


def pytest_terminal_summary(terminalreporter):
    """Counts the tests of the GUI apart: skipped as a whole, they would hide among all others."""
    counts = {outcome: sum(FOLDER in report.nodeid
                           for report in terminalreporter.stats.get(outcome, []))
              for outcome in OUTCOMES}
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    if told:
        terminalreporter.write_line(f"GUI: {told}")


@pytest.fixture(scope="session")
def screen():
    """A desktop without a screen."""
    shown = desktop.Desktop()
    yield shown
    shown.close()


@pytest.fixture
def open_capture(screen):
    """A function that opens a scenario's capture in Wireshark, which ends with the test."""
    import window  # needs what desktop.lacking() looks for

    scenarios = desktop.sandbox.catalogue()
    opened = []

    def open_one(name, *arguments, endpoints=None, **options):
        rows = scenarios[name]["endpoints"] if endpoints is None else endpoints
        opened.append(window.Wireshark(screen, desktop.sandbox.capture_of(name), *arguments,
                                       endpoints=rows, **options))
        return opened[-1]
    yield open_one
    for one in opened:
        one.close()
