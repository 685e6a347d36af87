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
