"""Builds captures of made-up traffic frame by frame, for what no real software sends.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
TCP, UDP, ICMP = 6, 17, 1
HANDSHAKE, APPLICATION_DATA = 22, 23
TLS_1_2 = 0x0303
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 1, 2, 11, 13, 14
START_NS = 1_748_736_000 * 1_000_000_000  # 2025-06-01 00:00:00 UTC
FRAME_INTERVAL_NS = 1_000
ETHERNET = bytes.fromhex("020000000002 020000000001 0800")
PCAP_NANOSECONDS = 0xA1B23C4D
LINK_ETHERNET = 1
SNAPLEN = 262_144


def packed(address):
    return ipaddress.ip_address(address).packed


def ip_frame(source, destination, protocol, payload):
    """An Ethernet frame with an IPv4 packet between packed addresses; checksums are left out."""
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0)
    return ETHERNET + header + source + destination + payload


def tcp_segment(source_port, destination_port, sequence, acknowledged, flags, payload=b""):
    return struct.pack("!HHIIBBHHH", source_port, destination_port, sequence & 0xFFFFFFFF,
                       acknowledged & 0xFFFFFFFF, 0x50, flags, 0xFFFF, 0, 0) + payload


def udp_datagram(source_port, destination_port, payload):
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0) + payload


class Connection:
    """A TCP connection whose frames are appended to a list as it goes on."""

    def __init__(self, frames, client, server, client_port, server_port=443):
        self.frames = frames
        self.ends = ((packed(client), client_port), (packed(server), server_port))
        self.sent = [0, 0]

    def send(self, sender, flags, payload=b""):
        """A segment; sender: 0 for the client, 1 for the server."""
        (source, source_port), (destination, destination_port) = (
            self.ends if sender == 0 else self.ends[::-1])
        segment = tcp_segment(source_port, destination_port, self.sent[sender],
                              self.sent[1 - sender], flags, payload)
        self.sent[sender] += len(payload) + bool(flags & (SYN | FIN))
        self.frames.append(ip_frame(source, destination, TCP, segment))

    def connect(self):
        self.syn()
        self.send(1, SYN | ACK)
        self.send(0, ACK)
        return self

    def syn(self):
        self.send(0, SYN)

    def client(self, payload):
        self.send(0, PSH | ACK, payload)

    def server(self, payload):
        self.send(1, PSH | ACK, payload)

    def close(self):
        """Closed by the server."""
        self.send(1, FIN | ACK)
        self.send(0, FIN | ACK)


def opaque(size, content):
    """A vector of TLS with a length of `size` bytes before it (RFC 8446 section 3.4)."""
    return len(content).to_bytes(size, "big") + content


def record(kind, content):
    return struct.pack("!BH", kind, TLS_1_2) + opaque(2, content)


def handshake(kind, body):
    """A handshake message in as many records as it takes."""
    message = bytes([kind]) + opaque(3, body)
    return b"".join(record(HANDSHAKE, message[at:at + 0x4000])
                    for at in range(0, len(message), 0x4000))


def client_hello(suites, name=None):
    extensions = b""
    if name is not None:
        entry = b"\0" + opaque(2, name.encode())
        extensions = struct.pack("!H", 0) + opaque(2, opaque(2, entry))
    offered = b"".join(struct.pack("!H", suite) for suite in suites)
    return handshake(CLIENT_HELLO, struct.pack("!H", TLS_1_2) + bytes(32) + b"\0"
                     + opaque(2, offered) + b"\x01\0" + opaque(2, extensions))


def server_hello(suite):
    return handshake(SERVER_HELLO, struct.pack("!H", TLS_1_2) + bytes(32) + b"\0"
                     + struct.pack("!HB", suite, 0))


def certificate(chain):
    return handshake(CERTIFICATE, opaque(3, b"".join(opaque(3, der) for der in chain)))


def certificate_request(authorities):
    """Of TLS 1.2: RSA certificates, one signature algorithm."""
    names = b"".join(opaque(2, name) for name in authorities)
    return handshake(CERTIFICATE_REQUEST, opaque(1, b"\x01") + opaque(2, b"\x04\x01")
                     + opaque(2, names))


def distinguished_name(common_name):
    """The DER of a name with nothing but a common name of under 100 characters."""
    value = common_name.encode()
    attribute = bytes.fromhex("0603550403") + bytes([0x0C, len(value)]) + value
    for tag in (0x30, 0x31, 0x30):
        attribute = bytes([tag, len(attribute)]) + attribute
    return attribute


def dns_name(name):
    return b"".join(opaque(1, label.encode()) for label in name.split(".")) + b"\0"


def dns_message(number, name, answers=None, code=0):
    """A question for A records, or with `answers` (IPv4 addresses) the response to it."""
    response = answers is not None
    header = struct.pack("!HHHHHH", number & 0xFFFF, 0x8180 | code if response else 0x0100, 1,
                         len(answers or ()), 0, 0)
    records = b"".join(bytes.fromhex("c00c 0001 0001 0000003c 0004") + packed(address)
                       for address in answers or ())
    return header + dns_name(name) + struct.pack("!HH", 1, 1) + records


def dns_frame(client, server, message, is_response=False, client_port=40000):
    """The frame of a DNS message."""
    if is_response:
        return ip_frame(packed(server), packed(client), UDP, udp_datagram(53, client_port, message))
    return ip_frame(packed(client), packed(server), UDP, udp_datagram(client_port, 53, message))


def unreachable(reporter, frame):
    """The ICMP message "host unreachable" about a frame of ip_frame()'s."""
    quoted = frame[len(ETHERNET):len(ETHERNET) + 28]
    return ip_frame(packed(reporter), frame[26:30], ICMP, struct.pack("!BBHI", 3, 1, 0, 0) + quoted)


def pcap_header():
    """Of a pcap file with nanoseconds."""
    return struct.pack("<IHHiIII", PCAP_NANOSECONDS, 2, 4, 0, 0, SNAPLEN, LINK_ETHERNET)


def pcap_record(time_ns, data):
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return struct.pack("<IIII", seconds, nanoseconds, len(data), len(data)) + data


def write(path, frames, interval_ns=FRAME_INTERVAL_NS):
    """Writes frames at equal intervals as a pcap file."""
    with open(path, "wb") as file:
        file.write(pcap_header())
        for number, data in enumerate(frames):
            file.write(pcap_record(START_NS + number * interval_ns, data))
