"""Makes the benchmark's captures: real ones multiplied by rewriting addresses, ports and times.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import heapq
import itertools
import json
import pathlib
import random
import struct
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(SOURCE / "testcaptures" / "generate")]

# pylint: disable=wrong-import-position
import noise
import pcapng
import traffic

CAPTURES = SOURCE / "testcaptures"
MS = 1_000_000
SESSION_INTERVAL_NS = 10 * MS
FRAME_INTERVAL_NS = MS // 10
DIRECTACCESS_SERVER = traffic.packed("203.0.113.10")
WEB_SERVERS = 500
CLIENTS = 20_000
VERDICT_CONNECTED, VERDICT_FAILED = 1, 3

ETHERNET_IPV4_TCP = 54  # bytes of the headers without options
ADDRESSES, PORTS, SEQUENCE, DATA_OFFSET = 26, 34, 38, 46

MAC_OF_NULL_SHA256 = 32
NEXT_HEADER_ESP = 50
INNER_CLIENT, INNER_SERVER = (traffic.packed(f"2001:db8:8::{end}") for end in (2, 1))
INNER_PAYLOADS = (40, 40, 1000)  # bytes of the packets of one segment


def is_tcp_over_ipv4(data):
    return (len(data) >= ETHERNET_IPV4_TCP and data[12:15] == b"\x08\x00\x45"
            and data[23] == traffic.TCP)


class Exchange:
    """The first TCP connection of a capture, or a DNS exchange, to be repeated by others."""

    def __init__(self, frames):
        """`frames` are pairs of time and data."""
        self.client = frames[0][1][ADDRESSES:ADDRESSES + 4]
        self.client_port = frames[0][1][PORTS:PORTS + 2]
        self.frames = []
        for time, data in frames:
            from_client = data[PORTS:PORTS + 2] == self.client_port
            port = data[PORTS + 2:PORTS + 4] if from_client else data[PORTS:PORTS + 2]
            self.frames.append((time - frames[0][0], from_client, port, data[:ADDRESSES],
                                data[PORTS + 4:]))

    @classmethod
    def of_capture(cls, name):
        """None where the capture is not TCP over IPv4 from its beginning."""
        frames = [(frame.time, frame.data) for frame in
                  pcapng.read(CAPTURES / f"{name}.pcapng").frames if is_tcp_over_ipv4(frame.data)]
        if not frames:
            return None
        ends = {frames[0][1][PORTS:PORTS + 2], frames[0][1][PORTS + 2:PORTS + 4]}
        return cls([(time, data) for time, data in frames
                    if {data[PORTS:PORTS + 2], data[PORTS + 2:PORTS + 4]} == ends])

    @classmethod
    def made_up(cls, frames):
        return cls([(number * FRAME_INTERVAL_NS, data) for number, data in enumerate(frames)])

    def repeat(self, start, client, client_port, server):
        """The same frames from `start` on between other ends, all packed: pairs of time and data."""
        there, back = client + server, server + client
        return [(start + time, head + there + client_port + port + tail if from_client
                 else head + back + port + client_port + tail)
                for time, from_client, port, head, tail in self.frames]


def in_order(sessions):
    """The frames of sessions, which come in the order of their starts, in the order of time."""
    pending, tie = [], itertools.count()
    for frames in sessions:
        while pending and pending[0][0] < frames[0][0]:
            time, _, data = heapq.heappop(pending)
            yield time, data
        for time, data in frames:
            heapq.heappush(pending, (time, next(tie), data))
    while pending:
        time, _, data = heapq.heappop(pending)
        yield time, data


def ends(number):
    """The packed client, its port and its web server of a session."""
    client = traffic.packed(f"10.{number % CLIENTS >> 8}.{number % CLIENTS & 255}.7")
    port = struct.pack("!H", 1024 + number // CLIENTS * 7 % 60_000)
    server = traffic.packed(f"198.18.{number % WEB_SERVERS >> 8}.{number % WEB_SERVERS & 255}")
    return client, port, server


def foreign():
    """Real TLS sessions that are not DirectAccess."""
    names = sorted(path.stem for path in CAPTURES.glob("foreign-*.pcapng"))
    return [exchange for name in names if "mqtt" not in name and "scanner" not in name
            and (exchange := Exchange.of_capture(name))]


def directaccess(verdict):
    """Real DirectAccess sessions of one client that nothing is configured for."""
    catalogue = json.loads((CAPTURES / "expected.json").read_text(encoding="utf-8"))
    names = [name for name, scenario in catalogue.items()
             if not scenario["endpoints"] and len(scenario["sessions"]) == 1
             and scenario["sessions"][0]["verdict"] == verdict
             and "203.0.113.10" in scenario["sessions"][0]["server"]
             and scenario["sessions"][0]["endpoint"].endswith(":443")
             and scenario["frames"] < 60]
    return [exchange for name in names if (exchange := Exchange.of_capture(name))]


def web():
    """Made-up traffic: HTTP, a TLS download, DNS, and a bulk transfer."""
    made = []
    page, download, lookups, bulk = [], [], [], []
    connection = traffic.Connection(page, "192.0.2.10", "203.0.113.80", 50000, 80).connect()
    connection.client(b"GET /index.html HTTP/1.1\r\nHost: www.example.net\r\n\r\n")
    connection.server(b"HTTP/1.1 200 OK\r\nContent-Length: 11200\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(8):
        connection.server(b"<p>text</p>\n" * 116 + b"<br>\n<hr")
    connection.close()
    connection = traffic.Connection(download, "192.0.2.10", "203.0.113.80", 50000).connect()
    connection.client(traffic.client_hello([0xC02F, 0xC030, 0x009C], "www.example.net"))
    connection.server(traffic.server_hello(0xC02F) + traffic.certificate([b"\x30\x03\x02\x01\x00"]))
    source = random.Random(1)
    for _ in range(60):
        connection.server(traffic.record(traffic.APPLICATION_DATA, source.randbytes(1400)))
        connection.client(b"")
    connection.close()
    for number in range(5):
        message = traffic.dns_message(number, f"h{number}.example.net")
        answer = traffic.dns_message(number, f"h{number}.example.net", ["203.0.113.80"])
        lookups += [traffic.dns_frame("192.0.2.10", "203.0.113.53", message),
                    traffic.dns_frame("192.0.2.10", "203.0.113.53", answer, is_response=True)]
    connection = traffic.Connection(bulk, "192.0.2.10", "203.0.113.81", 50000, 5201).connect()
    for number in range(150):
        connection.server(source.randbytes(1400))
        if number % 2:
            connection.client(b"")
    connection.close()
    for frames in (page, page, download, lookups, lookups, bulk):
        made.append(Exchange.made_up(frames))
    return made


def short():
    """A connection with one small question and its answer."""
    frames = []
    connection = traffic.Connection(frames, "192.0.2.10", "203.0.113.80", 50000, 80).connect()
    connection.client(b"GET /alive HTTP/1.1\r\nHost: www.example.net\r\n\r\n")
    connection.server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    connection.close()
    return Exchange.made_up(frames)


def quic():
    """A QUIC connection (RFC 9000 section 17) of which nothing can be decrypted."""
    source, client, server = random.Random(3), traffic.packed("192.0.2.10"), traffic.packed("203.0.113.80")
    ids = source.randbytes(8), source.randbytes(8)
    frames = []

    def send(from_client, datagram):
        ports, there = ((50000, 443), (client, server)) if from_client else ((443, 50000), (server, client))
        frames.append(traffic.ip_frame(*there, traffic.UDP, traffic.udp_datagram(*ports, datagram)))

    for from_client in (True, False):
        ends_of_it = ids if from_client else ids[::-1]
        send(from_client, b"\xc3\0\0\0\1" + b"".join(traffic.opaque(1, one) for one in ends_of_it)
             + b"\0" + struct.pack("!H", 0x4000 | 1150) + source.randbytes(1150))
    for number in range(60):
        from_client = number % 4 == 0
        send(from_client, b"\x43" + ids[not from_client] + source.randbytes(40 if from_client else 1200))
    return Exchange.made_up(frames)


def file_share():
    """A file read over SMB2 ([MS-SMB2] sections 2.2.19 and 2.2.20)."""
    source, frames = random.Random(4), []
    connection = traffic.Connection(frames, "192.0.2.10", "203.0.113.80", 50000, 445).connect()

    def message(is_response, number, body):
        header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, 8, 1, int(is_response), 0, number, 0, 1, 1, bytes(16))
        return struct.pack("!I", len(header) + len(body)) + header + body

    for number in range(30):
        connection.client(message(False, number, struct.pack("<HBBIQ16sIIIHHB", 49, 0, 0, 1200, 1200 * number, bytes(16), 0,
                                                             0, 0, 0, 0, 0)))
        connection.server(message(True, number, struct.pack("<HBBIII", 17, 80, 0, 1200, 0, 0) + source.randbytes(1200)))
    connection.close()
    return Exchange.made_up(frames)


def repeated(kind, sessions):
    """One kind of foreign traffic."""
    for number in range(sessions):
        client, port, server = ends(number)
        yield kind.repeat(number * SESSION_INTERVAL_NS, client, port, server)


def many_protocols(rounds):
    """Noise, each round another."""
    for number in range(rounds):
        frames = noise.frames_of(random.Random(number))
        yield [((number * len(frames) + position) * FRAME_INTERVAL_NS, data) for position, data in enumerate(frames)]


def mixed(sessions):
    """(a) Mixed traffic without DirectAccess."""
    kinds = [*foreign(), *web()]
    for number in range(sessions):
        client, port, server = ends(number)
        yield kinds[number % len(kinds)].repeat(number * SESSION_INTERVAL_NS, client, port, server)


def tls(sessions, share):
    """(b) TLS sessions; each `share`-th, 0 for none, is DirectAccess, half of those fail."""
    others = foreign()
    ours = [directaccess(VERDICT_CONNECTED), directaccess(VERDICT_FAILED)]
    for number in range(sessions):
        client, port, server = ends(number)
        kinds, position = others, number
        if share and number % share == 0:
            position, failing = divmod(number // share, 2)
            kinds, server = ours[failing], DIRECTACCESS_SERVER
        yield kinds[position % len(kinds)].repeat(number * SESSION_INTERVAL_NS, client, port, server)


def refused(connections, is_shown=True):
    """An endpoint that refuses all connections, but for a first one that shows what it is: every frame is ours."""
    kinds = [directaccess(VERDICT_CONNECTED)[0], Exchange.of_capture("connect-refused")]
    for number in range(not is_shown, connections + 1):
        client, port, _ = ends(number)
        yield kinds[number > 0].repeat(number * SESSION_INTERVAL_NS, client, port, DIRECTACCESS_SERVER)


def after(data):
    """The sequence number behind a TCP segment."""
    sequence, = struct.unpack_from("!I", data, SEQUENCE)
    header = (data[DATA_OFFSET] >> 4) * 4
    length = struct.unpack_from("!H", data, 16)[0] - 20 - header
    return sequence + length + bool(data[DATA_OFFSET + 1] & (traffic.SYN | traffic.FIN))


def inner_packet(from_client, payload):
    """An IPv6 packet with ESP."""
    source, destination = ((INNER_CLIENT, INNER_SERVER) if from_client
                           else (INNER_SERVER, INNER_CLIENT))
    return struct.pack("!IHBB", 6 << 28, len(payload), NEXT_HEADER_ESP, 64) + source + destination \
        + payload


def one_tunnel(packets):
    """(c) A real NULL-SHA256 session up to the server's 200, then ESP both ways, a record a packet."""
    frames = [frame for frame in pcapng.read(CAPTURES / "healthy-null-sha256.pcapng").frames
              if is_tcp_over_ipv4(frame.data)]
    opened = next(number for number, frame in enumerate(frames) if b"HTTP/1.1 200" in frame.data)
    opening = [(frame.time - frames[0].time, frame.data) for frame in frames[:opened + 1]]
    time, answer = opening[-1]
    hosts = {False: (answer[26:30], answer[34:36], after(answer)),
             True: (answer[30:34], answer[36:38], struct.unpack_from("!I", answer, 42)[0])}
    padding = random.Random(2)
    yield opening
    for number in range(packets // len(INNER_PAYLOADS)):
        from_client = number % 2 == 0
        source, source_port, sequence = hosts[from_client]
        destination, destination_port, acknowledged = hosts[not from_client]
        payload = b"".join(traffic.record(
            traffic.APPLICATION_DATA,
            inner_packet(from_client, struct.pack("!II", 0x1000 + from_client, number)
                         + padding.randbytes(size)) + padding.randbytes(MAC_OF_NULL_SHA256))
            for size in INNER_PAYLOADS)
        segment = traffic.tcp_segment(*struct.unpack("!HH", source_port + destination_port),
                                      sequence, acknowledged, traffic.PSH | traffic.ACK, payload)
        hosts[from_client] = (source, source_port, sequence + len(payload))
        yield [(time + (number + 1) * FRAME_INTERVAL_NS,
                traffic.ip_frame(source, destination, traffic.TCP, segment))]


def write(path, sessions):
    """Writes a capture that begins with the test captures, whose certificates are valid then."""
    start = pcapng.read(CAPTURES / "healthy-null-sha256.pcapng").frames[0].time
    count = 0
    with open(path, "wb") as file:
        file.write(traffic.pcap_header())
        for time, data in in_order(sessions):
            file.write(traffic.pcap_record(start + time, data))
            count += 1
    path.chmod(0o644)
    return count
