"""The statistics count the sessions and findings that the catalogue of captures expects.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import json
import re

import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
COLUMNS = ["Session", "Client", "Server", "Endpoint", "Client type", "Cipher suite", "Verdict",
           "Worst finding", "Windows error", "Decided in", "Client packets", "Server packets"]
VERDICTS = {0: "In progress", 1: "Connected", 2: "Handshake complete (content not readable)",
            3: "Failed", 4: "Closed, nothing decided"}
CLIENT_TYPES = {1: "offers NULL suites", 2: "encrypted suites only"}
SUITES = {0x0002: "TLS_RSA_WITH_NULL_SHA", 0x003b: "TLS_RSA_WITH_NULL_SHA256",
          0x002f: "TLS_RSA_WITH_AES_128_CBC_SHA", 0x1302: "TLS_AES_256_GCM_SHA384",
          0xc02c: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          0xc030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"}
FINDINGS = sandbox.interface()["findings"]
RANKS = ("chat", "note", "warning", "error")
EMPTY_PCAP = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")


def slugs(session):
    """The findings of a session of the catalogue."""
    return [finding["slug"] for finding in session["findings"]]


def severity(slug):
    """How grave a finding is."""
    return RANKS.index(FINDINGS[slug]["severity"])


# What a certificate looks like ends nothing by itself.
LOOKS = {"certificate_name_mismatch", "certificate_not_expected", "certificate_inspected",
         "certificate_expired", "certificate_not_yet_valid", "certificate_without_server_auth"}


def worst(session):
    """The slugs that may head the session: what ended it, else the gravest that it did not get
    over; notes head nothing, and a connected session has got over its errors."""
    rated = [(severity(finding["slug"]), finding["frame"], finding["slug"])
             for finding in session["findings"]]
    errors = [] if session["verdict"] == 1 else [one for one in rated if one[0] == RANKS.index("error")]
    endings = [one for one in errors if one[2] not in LOOKS]
    if endings:
        return {endings[-1][2]}
    graves = errors or [one for one in rated if one[0] == RANKS.index("warning")]
    return {slug for _, frame, slug in graves if frame == min(graves, key=lambda one: one[1])[1]} or {""}


def one_of_each_kind():
    """Names of scenarios: the first whose sessions end in each way."""
    chosen = {}
    for name, scenario in SCENARIOS.items():
        ends = tuple((session["verdict"], *sorted(worst(session)))
                     for session in scenario["sessions"])
        chosen.setdefault(ends, name)
    return list(chosen.values())


KINDS = one_of_each_kind()
SEVERAL = [name for name, scenario in SCENARIOS.items() if len(scenario["sessions"]) > 1]
WITHDRAWN = [name for name, scenario in SCENARIOS.items() if scenario["withdrawn"]]


def sessions_in(text):
    """The rows of the sessions table that tshark printed, as dicts by column."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Session |"))
    assert lines[start].rstrip(" |").split(" |") == COLUMNS
    rows = lines[start + 2:next(i for i in range(start, len(lines)) if lines[i].startswith("==="))]
    return [dict(zip(COLUMNS, row.removesuffix(" |").split(" |"), strict=True)) for row in rows]


def counts_in(text):
    """The counts of the findings tree that tshark printed, by the path of names."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Topic / Item"))
    counts, path = {}, []
    for line in lines[start + 2:]:
        match = re.match(r"( *)(\S.*?) +(\d+) ", line)
        if not match:
            break
        depth = len(match.group(1))
        path = [*path[:depth], match.group(2)]
        counts[tuple(path)] = int(match.group(3))
    return counts


@pytest.fixture(scope="module")
def statistics(tshark):
    """A function: both statistics of a capture's frames that pass the filter, if one is given."""
    def read(capture, two_pass, display_filter=None, **options):
        given = f",{display_filter}" if display_filter else ""
        text = tshark.read(capture, "-q", "-z", f"iphttps,sessions{given}",
                           "-z", f"iphttps,tree{given}", two_pass=two_pass, **options).stdout
        return sessions_in(text), counts_in(text)
    return read


@pytest.fixture(scope="module")
def statistics_of(told, statistics):
    """The same of a scenario's capture."""
    def read(name, two_pass, display_filter=None):
        if display_filter is None:
            _, text = told(name, two_pass)
            return sessions_in(text), counts_in(text)
        return statistics(sandbox.capture_of(name), two_pass, display_filter,
                          endpoints=SCENARIOS[name]["endpoints"])
    return read


def host(text):
    """An address without its port."""
    return re.sub(r":\d+$", "", text).strip("[]")


def last_error(session):
    """What the client's LastErrorCode reads in the end, None if the catalogue leaves it open."""
    if "tunnel_without_router_advertisement" in slugs(session):
        return 0x2afc
    return session["windows_error"]


def code_text(error):
    """A code as the table shows it, nothing for none."""
    return "" if error == sandbox.NO_CODE else hex(error)


def expected_row(index, session, told):
    """A session's row, with what the catalogue leaves open filled in from what was told."""
    error = last_error(session)
    suite = session["cipher_suite"]
    kind = session["client_type"]
    decided = 0 if session["verdict"] == 0 else session["decided_in"]
    return {
        "Session": str(index),
        "Client": session["client"],
        "Server": session["server"] or "",
        "Endpoint": session["endpoint"],
        "Client type": CLIENT_TYPES[kind] if kind else told["Client type"],
        "Cipher suite": SUITES[suite] if suite else told["Cipher suite"],
        "Verdict": VERDICTS[session["verdict"]],
        "Worst finding": told["Worst finding"] if told["Worst finding"] in worst(session)
                         else worst(session),
        "Windows error": told["Windows error"] if error is None else code_text(error),
        "Decided in": told["Decided in"] if decided is None else str(decided),
    }


def told_row(row, session):
    """What the row tells, in the catalogue's words."""
    told = {column: row[column] for column in COLUMNS[:10]}
    told |= {column: host(row[column]) for column in ("Client", "Server")}
    if last_error(session) is not None:
        told["Windows error"] = row["Windows error"].split(" ")[0]
    return told


@pytest.mark.parametrize("name", KINDS)
def test_table_has_a_row_for_each_session(statistics_of, name):
    rows, _ = statistics_of(name, two_pass=False)
    sessions = SCENARIOS[name]["sessions"]
    assert len(rows) == len(sessions)
    for index, (row, session) in enumerate(zip(rows, sessions)):
        assert told_row(row, session) == expected_row(index, session, row)


@pytest.mark.parametrize("name", KINDS)
def test_tree_counts_sessions_and_findings(statistics_of, name):
    wanted = collections.Counter({("Sessions by endpoint",): 0, ("Sessions by verdict",): 0,
                                  ("Findings",): 0})
    for session in SCENARIOS[name]["sessions"]:
        verdict = VERDICTS[session["verdict"]]
        path = ("Sessions by endpoint", session["endpoint"], verdict)
        wanted.update([path[:1], path[:2], path])
        wanted.update([("Sessions by verdict",), ("Sessions by verdict", verdict)])
        for slug in slugs(session):
            wanted.update([(*path, slug), ("Findings",), ("Findings", slug)])
    assert statistics_of(name, two_pass=False)[1] == dict(wanted)


@pytest.mark.parametrize("name", SEVERAL)
def test_second_pass_counts_the_same(statistics_of, name):
    assert statistics_of(name, two_pass=True) == statistics_of(name, two_pass=False)


@pytest.mark.parametrize("name", ["tunnel-same-inside", "connect-learned"])
def test_table_counts_inner_packets(statistics_of, name, two_pass):
    told_by_ends = sandbox.CAPTURES / f"{name}.packets.json"
    ends = json.loads(told_by_ends.read_text(encoding="utf-8"))["sessions"]
    rows, _ = statistics_of(name, two_pass)
    assert [(int(row["Client packets"]), int(row["Server packets"])) for row in rows[:len(ends)]] \
        == [(end["to_server"]["count"], end["to_client"]["count"]) for end in ends]


def test_filter_leaves_out_other_sessions(statistics_of, two_pass):
    name, client = "several-clients", "192.0.2.11"
    rows, counts = statistics_of(name, two_pass, f"ip.addr == {client}")
    sessions = SCENARIOS[name]["sessions"]
    wanted = [index for index, session in enumerate(sessions) if session["client"] == client]
    assert 0 < len(wanted) < len(sessions)
    assert [int(row["Session"]) for row in rows] == wanted
    assert counts["Sessions by verdict",] == len(wanted)
    assert counts["Findings",] == sum(len(slugs(sessions[index])) for index in wanted)


def test_filter_on_an_early_frame_tells_how_the_session_ended(statistics_of, two_pass):
    rows, counts = statistics_of("several-clients", two_pass, "tls.handshake.type == 1")
    sessions = SCENARIOS["several-clients"]["sessions"]
    assert [row["Verdict"] for row in rows] == [VERDICTS[one["verdict"]] for one in sessions]
    assert counts["Sessions by verdict", "Failed"] == 2
    assert ("Sessions by verdict", "In progress") not in counts


def test_nothing_is_counted_of_an_empty_capture(statistics, tmp_path, two_pass):
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(EMPTY_PCAP)
    rows, counts = statistics(empty, two_pass)
    assert rows == []
    assert counts == {("Sessions by endpoint",): 0, ("Sessions by verdict",): 0, ("Findings",): 0}


@pytest.mark.parametrize("name", ["foreign-https", "foreign-mqtt-null", *WITHDRAWN])
def test_nothing_is_counted_of_foreign_traffic(statistics_of, name, two_pass):
    rows, counts = statistics_of(name, two_pass)
    assert rows == []
    assert set(counts.values()) == {0}


def test_both_statistics_can_be_asked_for_at_once_with_different_filters(tshark, two_pass):
    text = tshark.read(sandbox.capture_of("several-clients"), "-q",
                       "-z", "iphttps,sessions,ip.addr == 192.0.2.10",
                       "-z", "iphttps,tree,ip.addr == 192.0.2.11", two_pass=two_pass).stdout
    assert [host(row["Client"]) for row in sessions_in(text)] == ["192.0.2.10"]
    assert counts_in(text)["Sessions by verdict",] == 2


def test_flow_shows_the_frames_of_directaccess_alone(tshark, two_pass):
    name = "several-clients"
    flow = tshark.read(sandbox.capture_of(name), "-q", "-z", "flow,iphttps,standard",
                       two_pass=two_pass).stdout
    shown = tshark.frames(sandbox.capture_of(name), "iphttps", two_pass=two_pass)
    assert len(re.findall(r"-->|<--", flow)) == len(shown)
    comments = re.findall(r": \[IP-HTTPS: ([^]]*)\] Alert", flow)
    assert comments == ["client certificate missing"] * 2


def test_flow_of_foreign_traffic_is_empty(tshark):
    flow = tshark.read(sandbox.capture_of("foreign-https"), "-q", "-z", "flow,iphttps,standard")
    assert not re.search(r"-->|<--", flow.stdout)
