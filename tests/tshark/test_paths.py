"""Whatever way Wireshark takes to a frame, the plugin tells the same; damage makes it say less.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import random
import re
import struct
import xml.etree.ElementTree

import pytest

import sandbox
import sharkd
import traffic
from test_reference import INTERFACE, table

SCENARIOS = sandbox.catalogue()
# One for each way in which a session comes to its end, and those with several findings.
SPREAD = [
    "name-not-found", "connect-timeout", "connect-unreachable-ipv6", "proxy-407-then-200",
    "null-rejected-fin", "hello-unanswered", "certificate-name-mismatch-inferred",
    "client-certificate-missing-tls13", "renegotiation-client-certificate-missing",
    "several-clients", "tunnel-closed-at-once", "delivery-spanning-records", "healthy-tls13",
]
# Their frames may be repeated at will; where a count of repetitions decides, copies would count.
REPEATABLE = [name for name in SPREAD if name not in ("connect-timeout", "hello-unanswered")]
# Short ones, of which every beginning is read.
CUT = ["null-rejected-alert", "certificate-name-mismatch-inferred", "several-attempts",
       "client-certificate-missing-tls13", "name-not-found"]
ENHANCED_PACKET = 6


def rows(name):
    """The rows of the endpoints table that a scenario is read with."""
    return SCENARIOS[name]["endpoints"]


def expected(name):
    """The findings of a scenario as pairs of frame and slug."""
    return sorted((finding["frame"], finding["slug"]) for session in SCENARIOS[name]["sessions"]
                  for finding in session["findings"])


def pairs(found):
    """Pairs of frame and slug from pairs of frame and slugs."""
    return sorted((frame, slug) for frame, slugs in found for slug in slugs)


def found_in(tshark, capture, name, **options):
    """The findings that tshark shows when nothing but them is asked for."""
    shown = tshark.fields(capture, "iphttps.finding", endpoints=rows(name), **options)
    return findings_in(shown)


def found_on(tshark, opener, capture, name, two_pass):
    """The same where it does not matter who shows the second pass."""
    if not two_pass:
        return found_in(tshark, capture, name)
    [frames] = opener.rows_of([sharkd.Case(capture, rows(name))], "iphttps.finding")
    return findings_in(frames)


def findings_in(frames):
    """The findings of all frames of a capture, each with the texts of that field."""
    return pairs((number, frame["iphttps.finding"]) for number, frame in enumerate(frames, 1))


def slugs(found):
    """The kinds of findings among pairs of frame and slug."""
    return {slug for _, slug in found}


@pytest.mark.parametrize("name", SPREAD)
def test_field_alone(tshark, name, two_pass):
    capture = sandbox.capture_of(name)
    assert found_in(tshark, capture, name, two_pass=two_pass) == expected(name)


@pytest.mark.parametrize("name", SPREAD)
def test_custom_column(tshark, name, two_pass):
    columns = '"Number","%m","Finding","%Cus:iphttps.finding:0:R"'
    done = tshark.read(sandbox.capture_of(name), endpoints=rows(name), two_pass=two_pass,
                       preferences={"gui.column.format": columns})
    lines = [line.split() for line in done.stdout.splitlines()]
    assert pairs((int(line[0]), line[1].split(",")) for line in lines if line[1:]) == expected(name)


def strings(node, key):
    """All texts of a key anywhere in what json.loads returned."""
    if isinstance(node, list):
        return [text for part in node for text in strings(part, key)]
    if not isinstance(node, dict):
        return []
    here = node.get(key, [])
    return [*([here] if isinstance(here, str) else strings_only(here)),
            *(text for part in node.values() for text in strings(part, key))]


def strings_only(parts):
    """The texts of a list."""
    return [part for part in parts if isinstance(part, str)]


@pytest.mark.parametrize("name", SPREAD)
def test_json(tshark, name, two_pass):
    packets = tshark.json(sandbox.capture_of(name), endpoints=rows(name), two_pass=two_pass)
    assert pairs((frame, strings(layers, "iphttps.finding"))
                 for frame, layers in enumerate(packets, 1)) == expected(name)


@pytest.mark.parametrize("name", SPREAD)
def test_pdml(tshark, name, two_pass):
    done = tshark.read(sandbox.capture_of(name), "-T", "pdml", endpoints=rows(name),
                       two_pass=two_pass)
    packets = xml.etree.ElementTree.fromstring(done.stdout).iter("packet")
    assert pairs((frame, [field.get("show") for field in packet.iter("field")
                          if field.get("name") == "iphttps.finding"])
                 for frame, packet in enumerate(packets, 1)) == expected(name)


@pytest.mark.parametrize("name", SPREAD)
def test_filters(tshark, opener, name, two_pass):
    capture, raised = sandbox.capture_of(name), sorted(slugs(expected(name)))
    others = [slug for slug in INTERFACE["findings"] if slug not in raised]
    filters = [f"iphttps.{slug}" for slug in raised]
    filters.append(" || ".join(f"iphttps.{slug}" for slug in others))
    if two_pass:
        with opener.open(capture, rows(name)) as opened:
            found = opened.frames(*filters)
    else:
        found = [tshark.frames(capture, one, endpoints=rows(name)) for one in filters]
    wanted = [sorted({frame for frame, slug in expected(name) if slug == one}) for one in raised]
    assert found == [*wanted, []]


@pytest.mark.parametrize("name", SPREAD)
def test_protocol_filter_isolates_the_sessions(opener, name):
    with opener.open(sandbox.capture_of(name), rows(name)) as opened:
        sessions, ours = opened.frames("iphttps.session", "iphttps")
    assert ours == sessions
    assert len(sessions) == SCENARIOS[name]["frames"] or name.startswith(("name-", "connect-"))


@pytest.mark.parametrize("name", SPREAD)
def test_info_column_without_a_tree(tshark, name, two_pass):
    done = tshark.read(sandbox.capture_of(name), endpoints=rows(name), two_pass=two_pass)
    annotated = {}
    for line in done.stdout.splitlines():
        match = re.fullmatch(r" *(\d+) .* \[IP-HTTPS: (.*?)\] .*", line)
        if match:
            annotated[int(match[1])] = sorted(match[2].split(", "))
        else:
            assert "IP-HTTPS: " not in line
    titles = {row[0]: row[1] for row in table("finding", "title")}
    wanted = {}
    for frame, slug in expected(name):
        wanted.setdefault(frame, []).append(titles[slug])
    assert annotated == {frame: sorted(texts) for frame, texts in wanted.items()}


@pytest.mark.parametrize("name", SPREAD)
def test_expert_statistics(tshark, name):
    done = tshark.read(sandbox.capture_of(name), "-q", "-z", "expert", endpoints=rows(name))
    counts = re.findall(r"^ *(\d+) +Protocol +IP-HTTPS ", done.stdout, re.MULTILINE)
    assert sum(map(int, counts)) == len(expected(name))


@pytest.mark.parametrize("name", SPREAD)
def test_random_access(opener, name):
    order = list(range(1, SCENARIOS[name]["frames"] + 1)) * 2
    random.Random(name).shuffle(order)
    with opener.open(sandbox.capture_of(name), rows(name)) as opened:
        details = opened.details(order)
    for frame, shown in zip(order, map(sharkd.shown_values, details), strict=True):
        found = pairs([(frame, shown.get("iphttps.finding", []))])
        assert found == [pair for pair in expected(name) if pair[0] == frame]


def blocks(capture):
    """The blocks of a pcapng file: those before the first frame, and those of the frames."""
    content, offset, head, frames = capture.read_bytes(), 0, [], []
    while offset < len(content):
        kind, length = struct.unpack_from("<II", content, offset)
        (frames if kind == ENHANCED_PACKET else head).append(content[offset:offset + length])
        offset += length
    return head, frames


def rewritten(folder, name, change):
    """A copy of a scenario's capture whose list of frames is what change makes of it."""
    head, frames = blocks(sandbox.capture_of(name))
    changed = folder / f"{name}.pcapng"
    changed.write_bytes(b"".join(head + change(frames)))
    return changed


@pytest.mark.parametrize("name", REPEATABLE)
def test_frames_captured_twice(tshark, opener, tmp_path, name, two_pass):
    twice = rewritten(tmp_path, name, lambda frames: [frame for one in frames
                                                      for frame in (one, one)])
    first_copies = sorted((2 * frame - 1, slug) for frame, slug in expected(name))
    found = found_on(tshark, opener, twice, name, two_pass)
    assert [pair for pair in found if pair[1] != "capture_duplicated"] == first_copies


@pytest.mark.parametrize("start", [0, 1], ids=["even", "odd"])
@pytest.mark.parametrize("name", SPREAD)
def test_frames_out_of_order(tshark, opener, tmp_path, name, start):
    def swapped(frames):
        return frames[:start] + [frame for at in range(start, len(frames), 2)
                                 for frame in reversed(frames[at:at + 2])]

    capture = rewritten(tmp_path, name, swapped)
    first, second = [found_on(tshark, opener, capture, name, two_pass)
                     for two_pass in (False, True)]
    # Where disorder makes a provisional session look like something else, its tag is withdrawn.
    assert set(second) <= set(first)


@pytest.mark.parametrize("name", CUT)
def test_every_beginning(opener, tmp_path, name):
    counts = range(1, SCENARIOS[name]["frames"])
    cases = []
    for count in counts:
        cut = rewritten(tmp_path, name, lambda frames, count=count: frames[:count])
        cases.append(sharkd.Case(cut.rename(tmp_path / f"{count}.pcapng"), rows(name)))
    for count, frames in zip(counts, opener.rows_of(cases, "iphttps.finding"), strict=True):
        so_far = [pair for pair in expected(name) if pair[0] <= count]
        assert findings_in(frames) == so_far, count


def read_short(tshark, capture, name, two_pass):
    """The findings of a capture with frames cut short. Skips the test if tshark meets a dissector
    bug there that it meets without the plugin as well."""
    done = tshark.read(capture, "-T", "fields", "-e", "iphttps.finding", endpoints=rows(name),
                       two_pass=two_pass, check=False)
    if done.returncode != 0:
        options = ["-2"] if two_pass else []
        stock = tshark.run(*options, "-r", capture, "-V",
                           environment=sandbox.WITHOUT_PLUGIN)
        assert stock.returncode != 0, done.stderr
        pytest.skip(f"Wireshark without the plugin fails, too: {stock.stderr.strip()}")
    return pairs((frame, filter(None, line.split(",")))
                 for frame, line in enumerate(done.stdout.splitlines(), 1))


@pytest.mark.parametrize("snaplen", [96, 200])
@pytest.mark.parametrize("name", SPREAD)
def test_frames_cut_short(tshark, name, snaplen, two_pass):
    short = tshark.output / f"{name}-{snaplen}.pcapng"
    done = tshark.run("-s", snaplen, tshark.readable(sandbox.capture_of(name)), short,
                      program="editcap")
    assert done.returncode == 0, done.stderr
    found = read_short(tshark, short, name, two_pass)
    # Without the messages that tell more, a failure goes by its general name; that frames are cut is said.
    failures = {(frame, "handshake_failed") for frame, _ in expected(name)}
    others = {pair for pair in found if pair[1] not in slugs(expected(name))}
    assert {pair for pair in others if not pair[1].startswith("capture_")} <= failures


def test_question_may_come_from_the_port_of_dns(tshark, tmp_path, two_pass):
    client, resolver, name = "192.0.2.10", "198.51.100.53", "da.example.com"
    question, answer = (traffic.dns_message(1, name, addresses) for addresses in (None, ["203.0.113.10"]))
    path = tmp_path / "from-53.pcap"
    traffic.write(path, [traffic.dns_frame(client, resolver, question, client_port=53),
                         traffic.dns_frame(client, resolver, answer, is_response=True, client_port=53)])
    shown = tshark.fields(path, "iphttps.session", "iphttps.finding", endpoints=[(name,)], two_pass=two_pass)
    assert shown == [{"iphttps.session": ["0"], "iphttps.finding": []}] * 2
