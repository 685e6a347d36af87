"""The desktop on which the tests run the real Wireshark.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import desktop


@pytest.fixture(scope="session")
def screen():
    """A desktop without a screen."""
    shown = desktop.Desktop()
    yield shown
    shown.close()
