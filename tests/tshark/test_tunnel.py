"""The tunnel's dissector shows every packet that went through the tunnel, and no other.

What went through is known from the two ends of the tunnels in testcaptures/, which counted their
packets (NAME.packets.json), and of traffic made up here from how it was made.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import dataclasses
import hashlib
import itertools
import json
import random
import re
import struct
import sys

import pytest

import sandbox
import sharkd
import traffic

sys.path[:0] = [str(sandbox.SOURCE / "testcaptures" / "generate")]

# pylint: disable=wrong-import-position
import pcapng

SCENARIOS = sandbox.catalogue()
COUNTED = {path.name.removesuffix(".packets.json"): json.loads(path.read_text(encoding="utf-8"))
           for path in sorted(sandbox.CAPTURES.glob("*.packets.json"))}
COMPLETE = [name for name, counted in COUNTED.items() if counted["complete"]]
DAMAGED = [name for name, counted in COUNTED.items() if not counted["complete"]]
# Captures with segments missing after which the tunnel gets back in step.
BACK_IN_STEP = ["tunnel-frames-swapped", "tunnel-part-of-packet-lost", "tunnel-record-lost"]
# One for each way in which a tunnel's content comes to us.
REPEATED = ["tunnel-null-sha256", "tunnel-plain-80", "tunnel-plain-62000", "tunnel-squid", "tunnel-packets-across-records",
            "tunnel-tls13-alpn", "renegotiation-client-certificate-missing"]
UNTOUCHED = [name for name, scenario in SCENARIOS.items() if scenario["untouched"]]
DIRECTIONS = ("to_server", "to_client")
SYN = "(tcp.flags.syn == 1 && !icmp)"  # not one that an error quotes
# Without it 4.0 and 4.4 give TLS no segment that comes after a later one.
IN_ORDER = {"tcp.reassemble_out_of_order": "TRUE"}

ENDLESS = b"Content-Length: 18446744073709551615\r\n\r\n"
REQUEST = b"POST /IPHTTPS HTTP/1.1\r\nHost: da.example.com\r\n" + ENDLESS
ANSWER = b"HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
NULL_SHA256, MAC_BYTES = 0x003B, 32
CHANGE_CIPHER_SPEC, CLIENT_KEY_EXCHANGE, FINISHED = 20, 16, 20
RAW_IPV6 = "130"  # of Wireshark's own link types
ICMPV6, ESP, NO_NEXT_HEADER, ROUTER_SOLICITATION = 58, 50, 59, 133


def tunnels(tshark, capture, **options):
    """The inner packets of each outer TCP connection that has some, in their order, as bytes; none
    of them may be malformed.

    A dict from the outer stream to a dict with "to_server" and "to_client"."""
    clients, found = {}, {}
    for layers in tshark.json(capture, "-x", "-Y", f"iphttps.tunnel.packet || {SYN}",
                              **options):
        outer = layers["tcp"]
        stream = int(outer["tcp.stream"])
        if "iphttps.tunnel.packet_raw" not in layers:
            clients.setdefault(stream, outer["tcp.srcport"])
            continue
        # Where the SYN is missing, the server is the one with the lower port.
        clients.setdefault(stream, max(outer["tcp.srcport"], outer["tcp.dstport"], key=int))
        raw = layers["iphttps.tunnel.packet_raw"]
        packets = raw if isinstance(raw[0], list) else [raw]
        direction = DIRECTIONS[outer["tcp.srcport"] != clients[stream]]
        tunnel = found.setdefault(stream, {one: [] for one in DIRECTIONS})
        tunnel[direction] += [bytes.fromhex(packet[0]) for packet in packets]
        assert "_ws.malformed" not in json.dumps(layers), layers["frame"]["frame.number"]
    return found


def counted_as(packets):
    """Packets as the ends of a tunnel count them."""
    return [[len(packet), hashlib.sha256(packet).hexdigest()[:16]] for packet in packets]


def shown_and_counted(tshark, name, **options):
    """Pairs of what is shown and what was counted, for each direction of each tunnel."""
    shown = tunnels(tshark, sandbox.capture_of(name), endpoints=SCENARIOS[name]["endpoints"],
                    **options)
    counted = [session for session in COUNTED[name]["sessions"]
               if any(session[direction]["count"] for direction in DIRECTIONS)]
    nothing = {direction: [] for direction in DIRECTIONS}
    for stream, session in itertools.zip_longest(sorted(shown), counted):
        for direction in DIRECTIONS:
            yield (direction, counted_as(shown.get(stream, nothing)[direction]),
                   session[direction]["packets"] if session else [])


@pytest.mark.parametrize("name", COMPLETE)
def test_packets_are_those_of_the_peers(tshark, name, two_pass):
    for direction, shown, counted in shown_and_counted(tshark, name, two_pass=two_pass,
                                                       preferences=IN_ORDER):
        assert shown == counted, direction


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_invents_no_packet(tshark, name, two_pass):
    for direction, shown, counted in shown_and_counted(tshark, name, two_pass=two_pass):
        rest = iter(counted)
        assert all(packet in rest for packet in shown), direction


@pytest.mark.parametrize("name", BACK_IN_STEP)
def test_tunnel_gets_back_in_step(tshark, name, two_pass):
    for direction, shown, counted in shown_and_counted(tshark, name, two_pass=two_pass):
        assert shown[-1] == counted[-1], direction


@pytest.mark.parametrize("name", REPEATED)
def test_packets_of_frames_that_are_there_three_times_are_shown_once(tshark, tmp_path, name, two_pass):
    capture = pcapng.read(sandbox.capture_of(name))
    capture.frames = [dataclasses.replace(frame, time=frame.time + 1000 * copy)
                      for frame in capture.frames for copy in range(3)]
    path = tmp_path / "thrice.pcapng"
    pcapng.write(path, capture, "", "")
    # What is no endpoint's is left as Wireshark has it, so a CONNECT has to be known for one.
    rows = SCENARIOS[name]["endpoints"] or [("da.example.com",)]
    shown = tunnels(tshark, path, endpoints=rows, two_pass=two_pass)
    assert shown == tunnels(tshark, sandbox.capture_of(name), endpoints=rows, two_pass=two_pass)


def test_answer_alone_is_enough(tshark, two_pass):
    for _, shown, counted in shown_and_counted(tshark, "tunnel-request-lost", two_pass=two_pass):
        assert shown == counted


@pytest.mark.parametrize("name", ["tunnel-null-sha256", "tunnel-tls13-alpn", "tunnel-plain-80",
                                  "tunnel-squid", "tunnel-many-packets-in-record",
                                  "tunnel-packets-across-records", "http-401-then-200"])
def test_random_access_shows_the_same_packets(tshark, opener, name):
    capture = sandbox.capture_of(name)
    shown = [",".join(row["iphttps.tunnel.length"])
             for row in tshark.fields(capture, "iphttps.tunnel.length")]
    order = list(range(1, len(shown) + 1)) * 2
    random.Random(name).shuffle(order)
    with opener.open(capture) as opened:
        details = opened.details(order)
    for frame, values in zip(order, map(sharkd.shown_values, details), strict=True):
        assert ",".join(values.get("iphttps.tunnel.length", [])) == shown[frame - 1], frame


def protocols(tshark, name):
    """How many frames of a scenario have each inner protocol stack, of the first inner packet."""
    rows = tshark.fields(sandbox.capture_of(name), "frame.protocols",
                         display_filter="iphttps.tunnel.packet")
    stacks = [row["frame.protocols"][0].split(":iphttps:", 1)[1] for row in rows]
    return collections.Counter(stack.split(":ipv6:", 1)[0] for stack in stacks)


def test_dns_and_http_are_dissected_inside(tshark):
    capture = sandbox.capture_of("tunnel-null-sha256")
    inside = {"icmpv6.type == 134": 1, 'dns.qry.name == "app.corp.example.com"': 2,
              'http.request.uri == "/report.txt"': 1, "http.response.code == 200": 1,
              "tcp.flags.fin == 1 && ipv6": 2}
    for display_filter, least in inside.items():
        frames = tshark.frames(capture, f"iphttps.tunnel.packet && ({display_filter})")
        assert len(frames) >= least, display_filter
    assert tshark.frames(capture, "iphttps.tunnel.packet && tcp.analysis.flags") == []


@pytest.mark.parametrize("name", ["tunnel-null-sha256", "tunnel-ipsec", "tunnel-plain-80"])
def test_whole_dissection_is_below_the_packet(tshark, name, two_pass):
    for layers in tshark.json(sandbox.capture_of(name), "-Y", "iphttps.tunnel.packet",
                              two_pass=two_pass):
        outer = set(layers) - {"tls", "tls.segments", "tcp.segments", "http"}
        assert outer == {"frame", "eth", "ip", "tcp", "iphttps.tunnel.packet", "iphttps"}


def test_fragments_are_reassembled_inside(tshark, two_pass):
    rows = tshark.fields(sandbox.capture_of("tunnel-null-sha256"), "icmpv6.type",
                         display_filter="ipv6.reassembled.length", two_pass=two_pass)
    assert [row["icmpv6.type"] for row in rows] == [["128"], ["129"]] * (len(rows) // 2)
    assert rows


@pytest.mark.parametrize("name, stack", [("tunnel-ipsec", "ipv6:udp:isakmp"),
                                         ("tunnel-ipsec", "ipv6:udp:udpencap:esp"),
                                         ("tunnel-esp", "ipv6:esp")])
def test_ike_and_esp_are_dissected_inside(tshark, name, stack):
    assert protocols(tshark, name)[stack] > 0


@pytest.mark.parametrize("name", ["tunnel-same-inside", "tunnel-same-inside-at-once"])
def test_tcp_streams_of_tunnels_stay_apart(tshark, name, two_pass):
    capture = sandbox.capture_of(name)
    rows = tshark.fields(capture, "tcp.stream", "tcp.checksum.status", two_pass=two_pass,
                         preferences={"tcp.check_checksum": "TRUE"},
                         display_filter="iphttps.tunnel.packet && tcp.flags.syn == 1")
    inner = {(row["tcp.stream"][0], stream) for row in rows for stream in row["tcp.stream"][1:]}
    assert len(inner) == len({stream for _, stream in inner}) == 2
    assert len({outer for outer, _ in inner}) == 2
    assert {status for row in rows for status in row["tcp.checksum.status"][1:]} == {"1"}
    assert tshark.frames(capture, "iphttps.tunnel.packet && tcp.analysis.flags",
                         two_pass=two_pass) == []


def test_columns_show_outer_addresses_and_inner_packets(tshark, two_pass):
    done = tshark.read(sandbox.capture_of("tunnel-null-sha256"), "-Y", "iphttps.tunnel.packet",
                       two_pass=two_pass)
    lines = done.stdout.splitlines()
    addresses = [re.search(r"(\S+) → (\S+)", line).groups() for line in lines]
    assert set(addresses) == {("192.0.2.10", "203.0.113.10"), ("203.0.113.10", "192.0.2.10")}
    assert any(re.search(r"ICMPv6 .* Router Advertisement", line) for line in lines)
    assert any("Echo (ping) request" in line for line in lines)


def test_info_of_a_frame_with_many_packets_stays_short(tshark, two_pass):
    name = "tunnel-many-packets-in-record"
    done = tshark.read(sandbox.capture_of(name), "-Y", "iphttps.tunnel.packet", two_pass=two_pass)
    rows = tshark.fields(sandbox.capture_of(name), "iphttps.tunnel.length",
                         display_filter="iphttps.tunnel.packet")
    most = 0
    for line, row in zip(done.stdout.splitlines(), rows, strict=True):
        packets = len(row["iphttps.tunnel.length"])
        more = re.search(r" \| \+(\d+) more", line)
        assert (int(more[1]) if more else 0) == max(0, packets - 3)
        most = max(most, packets)
    assert most > 200


@pytest.mark.parametrize("name", ["tunnel-null-sha256", "tunnel-tls13", "tunnel-tls12-alpn",
                                  "tunnel-plain-80", "tunnel-plain-62000", "tunnel-squid",
                                  "tunnel-port-4443", "tunnel-packet-with-heads",
                                  "http-rejected-403"])
def test_preference_off_restores_stock_behaviour(tshark, name, two_pass):
    def layers(**options):
        packets = tshark.json(sandbox.capture_of(name), two_pass=two_pass, **options)
        return [{key: value for key, value in packet.items() if key not in ("frame", "iphttps")}
                for packet in packets]

    off = layers(preferences={"iphttps.dissect_tunnel": "FALSE"})
    assert off == layers(environment=sandbox.WITHOUT_PLUGIN)


@pytest.mark.parametrize("name", UNTOUCHED)
def test_foreign_traffic_is_dissected_as_without_us(tshark, name, two_pass):
    ours, without = (tshark.read(sandbox.capture_of(name), "-P", "-V", two_pass=two_pass,
                                 endpoints=SCENARIOS[name]["endpoints"],
                                 environment=environment).stdout
                     for environment in (None, sandbox.WITHOUT_PLUGIN))
    assert ours == without


EXPORTS = ("IP-HTTPS tunnel", "IP-HTTPS tunnel PDUs")


@pytest.mark.parametrize("name", ["tunnel-null-sha256", "tunnel-tls13", "tunnel-plain-80",
                                  "tunnel-many-packets-in-record"])
def test_export_is_a_capture_of_the_inner_packets(tshark, name, two_pass):
    capture = sandbox.capture_of(name)
    exported = tshark.output / f"{name}-{two_pass}.pcapng"
    tshark.read(capture, "-U", "IP-HTTPS tunnel", "-w", exported, two_pass=two_pass)
    wanted = [(row["frame.time_epoch"][0], length)
              for row in tshark.fields(capture, "frame.time_epoch", "iphttps.tunnel.length")
              for length in row["iphttps.tunnel.length"]]
    rows = tshark.fields(exported, "frame.time_epoch", "frame.len", "frame.cap_len",
                         "frame.encap_type", environment=sandbox.WITHOUT_PLUGIN)
    assert [(row["frame.time_epoch"][0], row["frame.len"][0]) for row in rows] == wanted
    assert all(row["frame.len"] == row["frame.cap_len"] for row in rows)
    assert {row["frame.encap_type"][0] for row in rows} == {RAW_IPV6}


def test_export_of_pdus_is_the_same_packets_with_a_header(tshark, two_pass):
    capture = sandbox.capture_of("tunnel-null-sha256")
    files = {name: tshark.output / f"{name}-{two_pass}.pcapng" for name in EXPORTS}
    rows = {}
    for name, file in files.items():
        tshark.read(capture, "-U", name, "-w", file, two_pass=two_pass)
        rows[name] = tshark.fields(file, "frame.time_epoch", "ipv6.src", "ipv6.dst", "ipv6.plen",
                                   "icmpv6.type", environment=sandbox.WITHOUT_PLUGIN)
    packets, pdus = rows.values()
    assert packets and all(row["ipv6.src"] for row in packets)
    assert pdus == packets


def test_decode_as_begins_anywhere(tshark, two_pass):
    whole = sandbox.capture_of("tunnel-plain-80")
    shown = tshark.fields(whole, "iphttps.tunnel.length")
    first = next(number for number, row in enumerate(shown, 1) if row["iphttps.tunnel.length"])
    cut = tshark.output / "begins-late.pcapng"
    tshark.run("-r", tshark.readable(whole), cut, f"{first}-{len(shown)}", program="editcap")
    rows = tshark.fields(cut, "iphttps.tunnel.length", two_pass=two_pass)
    assert not any(row["iphttps.tunnel.length"] for row in rows)
    done = tshark.read(cut, "-d", "tcp.port==80,iphttps", "-T", "fields", "-e",
                       "iphttps.tunnel.length", two_pass=two_pass)
    assert done.stdout.splitlines() == [",".join(row["iphttps.tunnel.length"])
                                        for row in shown[first - 1:]]


def packet(next_header=ESP, payload=bytes(20)):
    """An IPv6 packet between two addresses of documentation."""
    addresses = b"".join(traffic.packed(f"2001:db8::{end}") for end in (1, 2))
    return struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64) + addresses + payload


SOLICITATION = packet(ICMPV6, bytes([ROUTER_SOLICITATION, 0, 0, 0, 0, 0, 0, 0]))
PACKETS = [SOLICITATION, packet(), packet(NO_NEXT_HEADER, b""), packet(payload=bytes(300))]


def records(*contents):
    """Application data under TLS_RSA_WITH_NULL_SHA256, whose MAC Wireshark does not check."""
    return b"".join(traffic.record(traffic.APPLICATION_DATA, content + bytes(MAC_BYTES))
                    for content in contents)


def take_handshake(connection):
    """A TLS handshake that chooses that suite."""
    finished = (traffic.record(CHANGE_CIPHER_SPEC, b"\x01")
                + traffic.record(traffic.HANDSHAKE, bytes([FINISHED, 0, 0, 12])
                                 + bytes(12 + MAC_BYTES)))
    connection.client(traffic.client_hello([NULL_SHA256], "da.example.com"))
    connection.server(traffic.server_hello(NULL_SHA256)
                      + traffic.handshake(traffic.SERVER_HELLO_DONE, b""))
    connection.client(traffic.handshake(CLIENT_KEY_EXCHANGE, bytes(258)) + finished)
    connection.server(finished)
    return connection


def null_session(frames, client_port, server_port=443):
    """A connection with that handshake done."""
    return take_handshake(traffic.Connection(frames, "192.0.2.10", "203.0.113.10", client_port,
                                             server_port).connect())


def plain_session(frames, client_port, server_port):
    return traffic.Connection(frames, "192.0.2.10", "203.0.113.10", client_port,
                              server_port).connect()


@pytest.fixture
def made(tshark, tmp_path):
    """A function: writes frames as a capture that tshark can read."""
    numbers = itertools.count()

    def write(frames):
        path = tmp_path / f"made-{next(numbers)}.pcap"
        traffic.write(path, frames)
        return tshark.readable(path)
    return write


def assert_shown(tshark, capture, sent, **options):
    """Each tunnel shows the packets that its client sent."""
    shown = tunnels(tshark, capture, **options)
    assert [tunnel["to_server"] for tunnel in shown.values()] == sent


def test_packets_cut_anywhere(tshark, made, two_pass):
    frames, stream = [], b"".join(PACKETS)
    for cut in range(1, len(stream)):
        connection = null_session(frames, 10000 + cut)
        connection.client(records(REQUEST))
        connection.server(records(ANSWER))
        connection.client(records(stream[:cut]))
        connection.client(records(stream[cut:]))
    assert_shown(tshark, made(frames), [PACKETS] * (len(stream) - 1), two_pass=two_pass)


@pytest.mark.parametrize("port", [80, 62000])
def test_packets_cut_anywhere_in_plain_http(tshark, made, port, two_pass):
    frames, stream = [], b"".join(PACKETS)
    for cut in range(1, len(stream)):
        connection = plain_session(frames, 10000 + cut, port)
        connection.client(REQUEST + stream[:cut])
        connection.server(ANSWER)
        connection.client(stream[cut:])
    assert_shown(tshark, made(frames), [PACKETS] * (len(stream) - 1), two_pass=two_pass)


def test_request_cut_anywhere(tshark, made, two_pass):
    frames, stream = [], REQUEST + b"".join(PACKETS)
    for cut in range(1, len(REQUEST) + 1):
        connection = null_session(frames, 10000 + cut)
        connection.client(records(stream[:cut]))
        connection.client(records(stream[cut:]))
        connection.server(records(ANSWER))
    capture = made(frames)
    assert_shown(tshark, capture, [PACKETS] * len(REQUEST), two_pass=two_pass)
    assert len(tshark.frames(capture, "http.request", two_pass=two_pass)) == len(REQUEST)


@pytest.mark.parametrize("port", [80, 62000])
def test_request_in_two_segments_of_plain_http(tshark, made, port, two_pass):
    frames = []
    connection = plain_session(frames, 10000, port)
    connection.client(REQUEST[:30])
    connection.client(REQUEST[30:] + SOLICITATION)
    connection.server(ANSWER)
    assert_shown(tshark, made(frames), [[SOLICITATION]], two_pass=two_pass)


def test_requests_of_connections_that_wait_side_by_side(tshark, made, two_pass):
    """Their ports are far apart in steps of a power of two; those of the first are used anew before it says anything."""
    frames = []
    waiting = [plain_session(frames, 10000 + 4096 * number, 80) for number in range(4)]
    waiting[0] = traffic.Connection(frames, "192.0.2.10", "203.0.113.10", 10000, 80)
    waiting[0].sent = [70_000, 90_000]
    waiting[0].connect()
    waiting[1].client(b"GET / HTTP/1.1\r\nHost: da.example.com\r\n\r\n")
    del waiting[1]
    for connection in waiting:
        connection.client(REQUEST + SOLICITATION)
        connection.server(ANSWER)
    assert_shown(tshark, made(frames), [[SOLICITATION]] * len(waiting), two_pass=two_pass)


def test_session_after_another_with_the_roles_of_its_ends_swapped(tshark, made, two_pass):
    frames = []
    other = traffic.Connection(frames, "203.0.113.10", "192.0.2.10", 443, 10000).connect()
    other.client(traffic.client_hello([0x009c]))
    other.server(traffic.server_hello(0x009c))
    session = traffic.Connection(frames, "192.0.2.10", "203.0.113.10", 10000)
    session.sent = [70_000, 90_000]
    first = len(frames) + 4  # behind SYN, SYN-ACK and ACK
    take_handshake(session.connect())
    assert tshark.frames(made(frames), "iphttps", two_pass=two_pass)[-4:] == [first, first + 1, first + 2, first + 3]


def test_sessions_in_two_vlans_between_the_same_ends(tshark, made, two_pass):
    """Where Wireshark can keep the conversations of two VLANs apart; where it cannot, each frame is there twice."""
    frames, keeps_apart = [], tshark.version() >= (4, 4)
    preferences = {"protocols.conversation_deinterlacing_key": "VM."} if keeps_apart else {}
    connection = null_session(frames, 10000)
    connection.client(records(REQUEST + SOLICITATION))
    connection.server(records(ANSWER))
    capture = made([frame[:12] + struct.pack("!HH", 0x8100, vlan) + frame[12:] for frame in frames for vlan in (5, 6)])
    assert_shown(tshark, capture, [[SOLICITATION]] * (2 if keeps_apart else 1), two_pass=two_pass,
                 preferences=preferences)
    rows = tshark.fields(capture, "vlan.id", "iphttps.session", two_pass=two_pass, preferences=preferences,
                         display_filter='frame contains "POST"')
    assert [(row["vlan.id"], row["iphttps.session"]) for row in rows] == [
        (["5"], ["0"]), (["6"], ["1" if keeps_apart else "0"])]


@pytest.mark.parametrize("port", [443, 4443])
def test_tunnel_after_another_web_session(tshark, made, port, two_pass):
    """http's heuristic, once it has had a session, is asked before all others."""
    frames = []
    for client_port, start in ((10000, []), (10001, [SOLICITATION])):
        page = null_session(frames, client_port, port)
        page.client(records(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"))
        page.server(records(PAGE))
        tunnel = null_session(frames, client_port + 100, port)
        tunnel.client(records(REQUEST, *start))
        tunnel.server(records(ANSWER))
        tunnel.client(records(packet()))
    assert_shown(tshark, made(frames), [[packet()], [SOLICITATION, packet()]], two_pass=two_pass)


@pytest.mark.parametrize("session, port, wrapped", [
    (null_session, 443, records), (null_session, 4443, records),
    (plain_session, 80, bytes), (plain_session, 62000, bytes)])
def test_tunnel_after_another_request_of_the_connection(tshark, made, session, port, wrapped,
                                                        two_pass):
    frames = []
    connection = session(frames, 10000, port)
    connection.client(wrapped(b"GET / HTTP/1.1\r\nHost: da.example.com\r\n\r\n"))
    connection.server(wrapped(PAGE))
    connection.client(wrapped(REQUEST))
    connection.server(wrapped(ANSWER))
    connection.client(wrapped(SOLICITATION))
    assert_shown(tshark, made(frames), [[SOLICITATION]], two_pass=two_pass)


@pytest.mark.parametrize("length", [b"", ENDLESS[:-2]], ids=["without length", "endless"])
@pytest.mark.parametrize("session, port, wrapped", [
    (null_session, 443, records), (null_session, 4443, records), (plain_session, 80, bytes)])
def test_request_missing_in_the_capture(tshark, made, session, port, wrapped, length, two_pass):
    frames = []
    connection = session(frames, 10000, port)
    connection.client(wrapped(REQUEST))
    del frames[-1]
    connection.server(wrapped(ANSWER[:-2] + length + b"\r\n"))
    connection.client(wrapped(SOLICITATION))
    assert_shown(tshark, made(frames), [[SOLICITATION]], two_pass=two_pass)


@pytest.mark.parametrize("length", [b"", ENDLESS[:-2]], ids=["without length", "endless"])
@pytest.mark.parametrize("port", [443, 4443])
def test_answer_to_sstp_is_dissected_as_without_us(tshark, made, port, length, two_pass):
    frames = []
    connection = null_session(frames, 10000, port)
    connection.client(records(b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ "
                              b"HTTP/1.1\r\nHost: vpn.example.com\r\n" + ENDLESS))
    connection.server(records(ANSWER[:-2] + length + b"\r\n"))
    connection.client(records(bytes([0x10, 0, 0, 4])))
    ours, without = (tshark.json(made(frames), two_pass=two_pass, environment=environment,
                                 preferences=preferences)
                     for preferences, environment in (({"iphttps.tag_null_offers": "FALSE"}, None),
                                                      (None, sandbox.WITHOUT_PLUGIN)))
    assert ours == without


def test_answer_of_windows_to_another_request_is_dissected_as_without_us(tshark, made, two_pass):
    frames = []
    connection = plain_session(frames, 10000, 80)
    connection.client(b"GET / HTTP/1.0\r\n\r\n")
    del frames[:-1]
    connection.server(ANSWER)
    connection.server(b"hello")
    ours, without = (tshark.json(made(frames), two_pass=two_pass, environment=environment)
                     for environment in (None, sandbox.WITHOUT_PLUGIN))
    assert ours == without


def test_request_through_a_proxy_is_all_that_tells(tshark, made, two_pass):
    """Nothing is said of NULL suites by a Client Hello to another port than 443."""
    frames = []
    connection = traffic.Connection(frames, "192.0.2.10", "203.0.113.30", 10000, 3128).connect()
    connection.client(b"CONNECT da.example.com:8443 HTTP/1.1\r\nHost: da.example.com:8443\r\n\r\n")
    connection.server(b"HTTP/1.1 200 Connection established\r\n\r\n")
    take_handshake(connection)
    connection.client(records(REQUEST))
    connection.server(records(ANSWER))
    done = tshark.read(made(frames), "-T", "fields", "-e", "iphttps.endpoint", "-e", "iphttps.tagged_by",
                       "-e", "iphttps.finding", "-Y", "iphttps.finding", two_pass=two_pass)
    assert done.stdout.splitlines() == ["da.example.com:8443\t2\tproxy_in_path",
                                        "da.example.com:8443\t2\tconnected"]


def test_packet_cut_in_its_tcp_header_harms_no_later_one(tshark, tmp_path, two_pass):
    """The second tunnel has the inner addresses of the first, and one of its frames is cut."""
    frames, inner = [], packet(traffic.TCP, traffic.tcp_segment(5000, 6000, 1, 1, traffic.ACK))
    for client_port in (10000, 10001):
        connection = plain_session(frames, client_port, 62000)
        connection.client(REQUEST)
        connection.server(ANSWER)
        for _ in range(3):
            connection.client(inner)
    written = [traffic.pcap_record(traffic.START_NS + number * traffic.FRAME_INTERVAL_NS, frame)
               for number, frame in enumerate(frames)]
    cut, kept = written[-2], len(frames[-2]) - 10
    written[-2] = cut[:8] + struct.pack("<I", kept) + cut[12:16 + kept]
    path = tmp_path / "cut.pcap"
    path.write_bytes(traffic.pcap_header() + b"".join(written))
    shown = tshark.fields(path, "tcp.stream", two_pass=two_pass)
    assert shown[-1]["tcp.stream"] == shown[-3]["tcp.stream"]


def test_packets_cut_by_the_capture_leave_their_frames_as_they_were(tshark, two_pass):
    whole = sandbox.capture_of("tunnel-plain-80")
    cut = tshark.output / "cut-140.pcapng"
    tshark.run("-s", "140", tshark.readable(whole), cut, program="editcap")
    outer = ("iphttps.session", "_ws.col.Source", "_ws.col.Destination")
    shown, expected = (tshark.fields(capture, *outer, two_pass=two_pass) for capture in (cut, whole))
    assert [row["iphttps.session"] for row in shown] == [row["iphttps.session"] for row in expected]
    for address in outer[1:]:
        assert [row[address] for row in shown] == [row[address] for row in expected]


def repeated_at(frames, first, count):
    """The frames with `count` of them again behind them, after three acknowledgements of what was before."""
    one = frames[first]
    again = frames[first:first + count]
    ports, sequence, acknowledged = one[34:38], one[38:42], one[42:46]
    acknowledgement = traffic.ip_frame(one[30:34], one[26:30], traffic.TCP,
                                       ports[2:] + ports[:2] + acknowledged + sequence
                                       + struct.pack("!BBHHH", 0x50, traffic.ACK, 0xFFFF, 0, 0))
    return [*frames[:first + count], *[acknowledgement] * 4, *again, *frames[first + count:]]


@pytest.mark.parametrize("session, port", [(null_session, 443), (plain_session, 62000)])
@pytest.mark.parametrize("count", [1, 2])
def test_fast_retransmission_brings_no_packet_twice(tshark, made, session, port, count, two_pass):
    """The packets lie across segments, so that TCP has put some together before."""
    wrap = records if session == null_session else bytes
    content = wrap(b"".join(PACKETS * 4))
    pieces = [content[at:at + 200] for at in range(0, len(content), 200)]
    for piece in range(len(pieces) - count):
        frames = []
        connection = session(frames, 10000, port)
        connection.client(wrap(REQUEST))
        connection.server(wrap(ANSWER))
        first = len(frames) + piece
        for part in pieces:
            connection.client(part)
        connection.client(wrap(SOLICITATION))
        repeated = repeated_at(frames, first, count)
        assert_shown(tshark, made(repeated), [[*PACKETS * 4, SOLICITATION]], two_pass=two_pass)


def cut(folder, name, first):
    """A capture without its frames before the given one, counted from 1."""
    capture = pcapng.read(sandbox.capture_of(name))
    capture.frames = capture.frames[first - 1:]
    path = folder / f"{name}-from-{first}.pcapng"
    pcapng.write(path, capture, "", "")
    return path


@pytest.mark.parametrize("endpoints", [[], [("", "203.0.113.10")]], ids=["unknown", "known"])
@pytest.mark.parametrize("name", ["tunnel-null-sha256", "tunnel-null-sha"])
def test_tunnel_is_found_from_its_middle_on(tshark, tmp_path, name, endpoints, two_pass):
    fields = ("iphttps.tunnel.length", "iphttps.tagged_by", "iphttps.phase", "iphttps.finding")
    whole = [row["iphttps.tunnel.length"] for row in tshark.fields(sandbox.capture_of(name), *fields)]
    inside = [number for number, lengths in enumerate(whole, 1) if lengths]
    for first in inside[:len(inside) // 2:3]:
        rows = tshark.fields(cut(tmp_path, name, first), *fields, endpoints=endpoints, two_pass=two_pass)
        shown = [row["iphttps.tunnel.length"] for row in rows]
        begin = next(at for at, lengths in enumerate(shown) if lengths)
        assert shown[begin:] == whole[first - 1 + begin:]
        # What tells of it in vain: the capture's first frame, or those that are too few yet.
        assert sum(map(bool, whole[first - 1:first - 1 + begin])) <= (1 if endpoints else 12)
        assert rows[-1]["iphttps.tagged_by"] == ["1" if endpoints else "2"]
        assert rows[-1]["iphttps.phase"] == ["10"]
        assert {slug for row in rows for slug in row["iphttps.finding"]} <= {"capture_incomplete"}


def in_the_middle(frames, *sent):
    """A connection at port 443 whose beginning is not there; (is_client, payload) each."""
    connection = traffic.Connection(frames, "192.0.2.10", "203.0.113.10", 10000)
    connection.sent = [1000, 2000]
    for is_client, payload in sent:
        (connection.client if is_client else connection.server)(payload)


def fitting(count, sender):
    return [(sender, records(packet(payload=bytes(20 + number)))) for number in range(count)]


def test_two_records_of_each_side_tell_of_a_tunnel(tshark, made, two_pass):
    frames = []
    in_the_middle(frames, *fitting(1, True), *fitting(2, False), *fitting(4, True))
    shown = tshark.fields(made(frames), "iphttps.tunnel.length", two_pass=two_pass)
    assert [row["iphttps.tunnel.length"] for row in shown] == [[], [], [], [], ["61"], ["62"], ["63"]]


@pytest.mark.parametrize("sent", [
    fitting(20, True),
    fitting(20, True) + fitting(1, False),
    [(at % 2, records(packet(payload=bytes(at))[:-1])) for at in range(1, 40)],
    [(at % 2, records(packet(payload=bytes(at)) + b"x")) for at in range(1, 40)],
    [(at % 2, traffic.record(traffic.APPLICATION_DATA, random.Random(at).randbytes(100))) for at in range(40)],
    [(at % 2, traffic.record(traffic.APPLICATION_DATA, b"\x60" + random.Random(at).randbytes(99))) for at in range(40)],
], ids=["one-side", "one-of-the-other", "one-byte-short", "one-byte-long", "random", "version-6"])
def test_other_records_tell_of_no_tunnel(tshark, made, sent, two_pass):
    frames = []
    in_the_middle(frames, *sent)
    assert tshark.frames(made(frames), "iphttps", two_pass=two_pass) == []


def test_tunnel_without_its_beginning_is_left_alone_where_the_preference_is_off(tshark, made):
    frames = []
    in_the_middle(frames, *fitting(4, False), *fitting(4, True))
    capture = made(frames)
    assert tshark.frames(capture, "iphttps")
    assert tshark.frames(capture, "iphttps", preferences={"iphttps.dissect_tunnel": "FALSE"}) == []


def test_other_sessions_without_their_beginning_are_left_alone(tshark, tmp_path, two_pass):
    """The second halves of all foreign captures."""
    frames = []
    for name in UNTOUCHED:
        foreign = pcapng.read(sandbox.capture_of(name))
        if foreign.link_type == 1:
            frames += foreign.frames[len(foreign.frames) // 2:]
    path = tmp_path / "foreign.pcapng"
    pcapng.write(path, pcapng.Capture(frames), "", "")
    assert tshark.frames(path, "iphttps", two_pass=two_pass) == []


def test_refused_request_shows_the_endpoint_to_later_attempts(tshark, made, two_pass):
    frames = []
    connection = plain_session(frames, 10000, 80)
    connection.client(REQUEST)
    connection.server(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    connection.close()
    traffic.Connection(frames, "192.0.2.11", "203.0.113.10", 10001, 80).syn()
    done = tshark.read(made(frames), "-T", "fields", "-e", "iphttps.tagged_by", "-Y",
                       "ip.src == 192.0.2.11", two_pass=two_pass)
    assert done.stdout.split() == ["5"]


def test_hundreds_of_records_in_a_frame(tshark, made, two_pass):
    """Wireshark takes more than 500 protocol layers for a dissector's bug."""
    frames = []
    connection = null_session(frames, 10000)
    connection.client(records(REQUEST))
    connection.server(records(ANSWER))
    connection.client(records(*[SOLICITATION] * 700))
    assert_shown(tshark, made(frames), [[SOLICITATION] * 700], two_pass=two_pass)


def test_hundreds_of_heads_in_a_frame(tshark, made, two_pass):
    frames = []
    connection = null_session(frames, 10000)
    connection.client(records(*[REQUEST * 100] * 6, SOLICITATION))
    assert_shown(tshark, made(frames), [[SOLICITATION]], two_pass=two_pass)


@pytest.mark.parametrize("foreign", [
    b"\x45" + bytes(39),
    struct.pack("!IHBB", 6 << 28, 0, 0, 64) + bytes(200),
    b"error: the service is restarting, please wait",
], ids=["ipv4", "jumbogram", "text"])
def test_what_is_not_ipv6_is_skipped_and_told(tshark, made, foreign, two_pass):
    frames = []
    connection = null_session(frames, 10000)
    connection.client(records(REQUEST))
    connection.server(records(ANSWER))
    connection.client(records(SOLICITATION, foreign, packet()))
    capture = made(frames)
    assert_shown(tshark, capture, [[SOLICITATION, packet()]], two_pass=two_pass)
    findings = [row["iphttps.finding"] for row in tshark.fields(capture, "iphttps.finding",
                                                               two_pass=two_pass)]
    assert findings[-1] == ["tunnel_malformed"]


@pytest.mark.parametrize("session, port, wrapped", [
    (null_session, 443, records), (null_session, 4443, records),
    (plain_session, 80, bytes), (plain_session, 62000, bytes)])
@pytest.mark.parametrize("posted", [
    b"POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 5\r\n\r\na=b&c",
    b"POST / HTTP/1.1\r\nHost: www.example.com\r\n" + ENDLESS + b"a=b&c",
], ids=["form", "endless"])
def test_other_request_in_pieces_is_dissected_as_without_us(tshark, made, session, port, wrapped,
                                                            posted, two_pass):
    frames = []
    for number, cut in enumerate((1, 4, 30, len(posted))):
        connection = session(frames, 10000 + number, port)
        connection.client(wrapped(posted[:cut]))
        if posted[cut:]:
            connection.client(wrapped(posted[cut:]))
        connection.server(wrapped(PAGE))
    capture = made(frames)
    ours, without = ([{key: value for key, value in layers.items() if key != "iphttps"}
                      for layers in tshark.json(capture, two_pass=two_pass,
                                                preferences=preferences, environment=environment)]
                     for preferences, environment in (({"iphttps.tag_null_offers": "FALSE"}, None),
                                                      (None, sandbox.WITHOUT_PLUGIN)))
    assert ours == without
