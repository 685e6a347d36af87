"""Fixtures of the tests that run tshark with the plugin.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import sandbox


@pytest.fixture(scope="session")
def tshark():
    """A sandbox in which tshark runs with the plugin; sandbox.Sandbox says what it can do."""
    room = sandbox.Sandbox()
    plugins = room.run("-G", "plugins")
    if "iphttps.so" not in plugins.stdout:
        room.close()
        pytest.exit(f"tshark does not load the plugin in {sandbox.PLUGINS}: {plugins.stderr}", 1)
    yield room
    room.close()


@pytest.fixture(params=[False, True], ids=["one-pass", "two-pass"])
def two_pass(request):
    """Whether tshark reads the capture twice (-2); a test that takes it runs both ways."""
    return request.param


@pytest.fixture(scope="session")
def expected():
    """The scenarios of testcaptures/expected.json by name."""
    return sandbox.catalogue()
