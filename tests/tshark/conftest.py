"""Fixtures of the tests that run tshark with the plugin.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import functools
import re

import pytest

import sandbox
import sharkd


# What starts tshark by itself: the plugin with AddressSanitizer would not load there.
STARTERS = ("test_triage.py", "test_install.py", "./run triage")


def pytest_collection_modifyitems(items):
    """With sanitizers, leaves out the tests of scripts that start tshark without their library."""
    for item in items:
        if sandbox.PRELOADED and any(name in item.nodeid for name in STARTERS):
            item.add_marker(pytest.mark.skip(reason="this script starts tshark by itself, without "
                                                    "AddressSanitizer's library"))


@pytest.fixture(scope="session")
def tshark():
    """A sandbox in which tshark runs with the plugin; sandbox.Sandbox says what it can do."""
    room = sandbox.Sandbox()
    plugins = room.run("-G", "plugins")
    if not re.search(r"iphttps\.(so|dll)", plugins.stdout):
        room.close()
        pytest.exit(f"tshark does not load the plugin in {sandbox.PLUGINS}: {plugins.stderr}", 1)
    yield room
    room.close()


@pytest.fixture(scope="session")
def opener(tshark):
    """sharkd beside it, which opens captures quickly; sharkd.Sharkd says what it can do."""
    if not sharkd.is_installed():
        pytest.skip("there is no sharkd")
    server = sharkd.Sharkd(tshark)
    yield server
    server.close()


@pytest.fixture(params=[False, True], ids=["one-pass", "two-pass"])
def two_pass(request):
    """Whether tshark reads the capture twice (-2); a test that takes it runs both ways."""
    return request.param


# Of Wireshark's own, beside all that the plugin has.
OTHER_FIELDS = ("frame.number", "tcp.stream", "dns.id")
STATISTICS = ("iphttps,report", "iphttps,sessions", "iphttps,tree")


@pytest.fixture(scope="session")
def told(tshark):
    """A function: what tshark tells of a scenario's capture on one of the passes, from one run for
    all tests that ask no more: on each frame the plugin's protocol, its fields, its expert infos
    and OTHER_FIELDS, and the text of the statistics."""
    scenarios, interface = sandbox.catalogue(), sandbox.interface()
    names = ["iphttps", *interface["fields"], *OTHER_FIELDS,
             *(f"iphttps.{slug}" for slug in interface["findings"])]

    @functools.lru_cache(maxsize=None)
    def read(name, two_pass):
        rows, text = tshark.fields_and_statistics(
            sandbox.capture_of(name), names, STATISTICS, two_pass=two_pass,
            endpoints=scenarios[name]["endpoints"])
        assert len(rows) == scenarios[name]["frames"]
        return rows, text
    return read


@pytest.fixture(scope="session")
def rows(told):
    """The same without the statistics."""
    return lambda name, two_pass: told(name, two_pass)[0]
