"""What a field shows makes a filter that finds its frame, as Wireshark's "Apply as Filter" builds it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import json
import xml.etree.ElementTree

import pytest

import sandbox
from test_reference import table

SCENARIOS = sandbox.catalogue()
# Type of each field, as the reference lists them.
FIELDS = {row[0]: row[1] for row in table("field", "type")}
# Together they show every field; the texts that the last one shows last have a backslash.
SHOWING = ["several-attempts", "tunnel-null-sha256", "client-certificate-missing-alert"]
QUOTED = {"string", "absolute_time"}


def filter_for(name, text):
    """The filter that selects a field by what it shows."""
    if FIELDS[name] == "protocol":
        return name
    return f"{name} == {json.dumps(text) if FIELDS[name] in QUOTED else text}"


@pytest.fixture(scope="module")
def shown(tshark):
    """Where each field is shown last: scenario, frame and the filter for its value."""
    found = {}
    for scenario in SHOWING:
        done = tshark.read(sandbox.capture_of(scenario), "-T", "pdml", two_pass=True,
                           endpoints=SCENARIOS[scenario]["endpoints"])
        packets = xml.etree.ElementTree.fromstring(done.stdout).iter("packet")
        for frame, packet in enumerate(packets, 1):
            for field in packet.iter():
                name = field.get("name")
                if name in FIELDS:
                    found[name] = scenario, frame, filter_for(name, field.get("show"))
    return found


@pytest.fixture(scope="module")
def found(opener, shown):
    """The frames that each of these filters finds."""
    frames, of_scenario = {}, collections.defaultdict(list)
    for name, (scenario, _, display_filter) in shown.items():
        of_scenario[scenario].append((name, display_filter))
    for scenario, filters in of_scenario.items():
        with opener.open(sandbox.capture_of(scenario), SCENARIOS[scenario]["endpoints"]) as opened:
            matches = opened.frames(*(display_filter for _, display_filter in filters))
        frames.update(zip((name for name, _ in filters), matches))
    return frames


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_value_is_found_by_its_filter(shown, found, name):
    _, frame, _ = shown[name]
    assert frame in found[name]
