"""The times by phase and endpoint are those of the frames, and their rows are filters.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
LOOKED_UP = "name-with-a-only"
SEVERAL = "several-clients"


def tables(tshark, name, two_pass, display_filter=""):
    """The rows of each table by its filter: index, label, number and greatest time."""
    command = "iphttps,srt" + (f",{display_filter}" if display_filter else "")
    text = tshark.read(sandbox.capture_of(name), "-q", "-z", command, two_pass=two_pass,
                       endpoints=SCENARIOS[name]["endpoints"]).stdout
    found = {}
    for block in text.split("Filter: ")[1:]:
        lines = block.splitlines()
        found[lines[0]] = [(int(row[1]), row[2], int(row[3]), float(row[4])) for row in map(
            re.compile(r" *(\d+)  (\S.*?) +(\d+) +[\d.]+ +([\d.]+) .*").fullmatch, lines) if row]
    return found


def time_of(tshark, name, display_filter):
    """When the first frame came that passes the filter."""
    return float(tshark.fields(sandbox.capture_of(name), "frame.time_relative",
                               display_filter=display_filter)[0]["frame.time_relative"][0])


def test_times_are_those_of_the_frames(tshark, two_pass):
    rows = tables(tshark, LOOKED_UP, two_pass)[
        'iphttps.endpoint == "da.example.com:443" && iphttps.phase']
    wanted = {"Name lookup": ("dns.flags.response == 0", "dns.flags.response == 1"),
              "TCP connect": ("tcp.flags.syn == 1", "tcp.flags.syn == 1 && tcp.flags.ack == 1"),
              "Tunnel request": ("http.request", "http.response")}
    told = {label: time for _, label, _, time in rows}
    assert {"TLS handshake", "Router advertisement"} < set(told)
    for label, (begin, end) in wanted.items():
        span = time_of(tshark, LOOKED_UP, end) - time_of(tshark, LOOKED_UP, begin)
        assert told[label] == pytest.approx(span, abs=2e-6), label


def test_sessions_are_rows_that_filter(tshark, two_pass):
    sessions = SCENARIOS[SEVERAL]["sessions"]
    rows = tables(tshark, SEVERAL, two_pass)["iphttps.session"]
    assert [(index, client, count) for index, client, count, _ in rows] \
        == [(index, session["client"], 1) for index, session in enumerate(sessions)]


def test_rows_of_an_endpoint_find_its_frames(tshark):
    for display_filter, rows in tables(tshark, SEVERAL, True).items():
        for index, *_ in rows:
            assert tshark.frames(sandbox.capture_of(SEVERAL), f"{display_filter}=={index}",
                                 two_pass=True)


def test_other_traffic_takes_no_time(tshark):
    assert not any(tables(tshark, "foreign-https", False).values())
