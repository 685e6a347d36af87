"""What begins a session is the same whether or not the table of endpoints has us look for more.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import sandbox
import sharkd

CATALOGUE = sandbox.catalogue()
FRAMES_MAX = 60  # long ones take long, and begin no otherwise
# A row with a name has DNS read, and each connection's end looked up in the table.
UNRELATED = [("unrelated.example.net", "", "9")]


def test_sessions_are_the_same_beside_a_row_of_another_endpoint(opener):
    names = [name for name, scenario in CATALOGUE.items()
             if not scenario["endpoints"] and scenario["frames"] < FRAMES_MAX]
    fields = ["iphttps", *sandbox.interface()["fields"]]
    without_row, beside_row = (
        opener.rows_of([sharkd.Case(sandbox.capture_of(name), endpoints) for name in names], *fields)
        for endpoints in ((), UNRELATED))
    assert len(names) > 100
    different = [name for name, one, other in zip(names, without_row, beside_row) if one != other]
    assert different == []
