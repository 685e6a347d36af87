"""What a field shows makes a filter that finds its frame, as Wireshark's "Apply as Filter" builds it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
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


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_value_is_found_by_its_filter(tshark, shown, name):
    scenario, frame, display_filter = shown[name]
    assert frame in tshark.frames(sandbox.capture_of(scenario), display_filter, two_pass=True,
                                  endpoints=SCENARIOS[scenario]["endpoints"])
