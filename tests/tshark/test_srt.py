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
              "TCP connect": ("tcp.flags.syn == 1", "tcp.flags.syn == 0 && tcp.flags.ack == 1"),
              "Tunnel request": ("http.request", "http.response")}
    told = {label: time for _, label, _, time in rows}
    assert {"TLS handshake", "Router advertisement"} < set(told)
    for label, (begin, end) in wanted.items():
        span = time_of(tshark, LOOKED_UP, end) - time_of(tshark, LOOKED_UP, begin)
        assert told[label] == pytest.approx(span, abs=2e-6), label


@pytest.mark.parametrize("name", ["healthy-null-sha256", "tunnel-tls12-gcm", "connect-refused"])
def test_tcp_is_timed_before_anything_tells_what_it_is(tshark, two_pass, name):
    rows = tables(tshark, name, two_pass).get(
        'iphttps.endpoint == "da.example.com:443" && iphttps.phase', [])
    told = [time for _, label, _, time in rows if label == "TCP connect"]
    frames = tshark.fields(sandbox.capture_of(name), "tcp.analysis.initial_rtt")
    wanted = {float(times[0]) for frame in frames if (times := frame["tcp.analysis.initial_rtt"])}
    assert told == [pytest.approx(one, abs=2e-6) for one in wanted]


@pytest.mark.parametrize("name", [
    "certificate-changed", "certificate-not-expected", "healthy-without-sni", "healthy-resumed",
    "http-401-then-200", "tunnel-closed-at-once", "withdrawn-web-page", SEVERAL])
def test_times_do_not_depend_on_when_a_session_is_known(tshark, name):
    assert tables(tshark, name, False) == tables(tshark, name, True)


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
