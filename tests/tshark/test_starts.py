"""What begins a session is read from bytes until one has begun, and from fields then: both tell the same.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import sandbox
import sharkd

CATALOGUE = sandbox.catalogue()
FRAMES_MAX = 60  # long ones take long, and begin no otherwise
# A row with a name has fields wanted from the first frame on.
UNRELATED = [("unrelated.example.net", "", "9")]


def test_sessions_are_the_same_with_fields_from_the_first_frame_on(opener):
    names = [name for name, scenario in CATALOGUE.items()
             if not scenario["endpoints"] and scenario["frames"] < FRAMES_MAX]
    fields = ["iphttps", *sandbox.interface()["fields"]]
    from_bytes, from_fields = (
        opener.rows_of([sharkd.Case(sandbox.capture_of(name), endpoints) for name in names], *fields)
        for endpoints in ((), UNRELATED))
    assert len(names) > 100
    different = [name for name, one, other in zip(names, from_bytes, from_fields) if one != other]
    assert different == []
