"""Frames of many protocols that the plugin has nothing to do with, most of them malformed.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct

import traffic

CLIENT, SERVER = "192.0.2.10", "203.0.113.20"
HOME, AGENT = (bytes.fromhex(f"20010db8{number:024x}") for number in (1, 2))
IPV6 = b"\x86\xdd"
MOBILITY, NO_NEXT_HEADER, HOP_LIMIT = 135, 59, 64
TCP_PORTS = [21, 22, 25, 53, 80, 88, 102, 104, 110, 111, 119, 135, 139, 143, 179, 389, 443, 445, 502, 515, 554, 636, 993,
             1099, 1433, 1521, 1720, 1723, 1883, 2000, 2049, 2404, 2775, 3020, 3128, 3260, 3306, 3389, 3868, 4840, 5060,
             5222, 5432, 5671, 5672, 6000, 6379, 6653, 6789, 6881, 8080, 8443, 9092, 9418, 10000, 11112, 13400, 20000,
             25565, 27017, 30303, 34962, 44818, 47808, 57000]
UDP_PORTS = [53, 67, 69, 88, 123, 137, 138, 161, 319, 389, 427, 443, 496, 500, 513, 514, 520, 521, 546, 623, 646, 1234,
             1645, 1701, 1719, 1812, 1900, 1985, 2055, 2123, 2152, 2427, 2944, 3205, 3478, 3544, 4341, 4500, 4569, 4739,
             4789, 5004, 5060, 5246, 5353, 5683, 6081, 6343, 7400, 8805, 9875, 15000, 17185, 20000, 30303, 44818, 47808]


def noise_over_tcp(frames, noise):
    for number, port in enumerate(TCP_PORTS):
        connection = traffic.Connection(frames, CLIENT, SERVER, 20000 + number, port).connect()
        connection.client(noise(60))
        connection.server(noise(200))
        connection.client(bytes(24))
        connection.server(b"\x00\x00\x00\x10" + noise(12))
        connection.close()


def noise_over_udp(frames, noise):
    for number, port in enumerate(UDP_PORTS):
        for length in (3, 12, 40, 150):
            datagram = traffic.udp_datagram(30000 + number, port, noise(length))
            frames.append(traffic.ip_frame(traffic.packed(CLIENT), traffic.packed(SERVER), traffic.UDP, datagram))


def noise_over_ip(frames, noise):
    for protocol in range(140):
        for length in (3, 64):
            frames.append(traffic.ip_frame(traffic.packed(CLIENT), traffic.packed(SERVER), protocol, noise(length)))


def socks(frames):
    """Versions 5 and 4, and what comes through."""
    connection = traffic.Connection(frames, CLIENT, SERVER, 1081, 1080).connect()
    connection.client(b"\x05\x01\x00")
    connection.server(b"\x05\x00")
    connection.client(b"\x05\x01\x00\x01" + traffic.packed(SERVER) + b"\x00\x50")
    connection.server(b"\x05\x00\x00\x01" + traffic.packed(SERVER) + b"\x00\x50")
    connection.client(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
    connection.server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    connection.close()
    connection = traffic.Connection(frames, CLIENT, SERVER, 1082, 1080).connect()
    connection.client(b"\x04\x01\x00\x50" + traffic.packed(SERVER) + b"user\0")
    connection.server(b"\x00\x5a" + bytes(6))
    connection.client(b"hello")
    connection.close()


def mobility(frames, noise):
    """Mobile IPv6 (RFC 6275 section 6.1), with the flag and the option of mobile networks (RFC 3963 section 4)."""
    option = b"\x01\x00" + b"\x06\x12\x00\x40" + HOME
    for kind in range(22):
        for body in [struct.pack("!HHH", 7, flags, 60) + option for flags in (0x8000, 0xC400)] + [noise(20)]:
            body += bytes(-(6 + len(body)) % 8)
            header = struct.pack("!BBBBH", NO_NEXT_HEADER, (6 + len(body)) // 8 - 1, kind, 0, 0) + body
            frames.append(traffic.ETHERNET[:12] + IPV6 + struct.pack("!IHBB", 6 << 28, len(header), MOBILITY, HOP_LIMIT)
                          + HOME + AGENT + header)


def frames_of(source):
    """All of it, with what a random.Random gives."""
    frames = []
    noise_over_tcp(frames, source.randbytes)
    noise_over_udp(frames, source.randbytes)
    noise_over_ip(frames, source.randbytes)
    socks(frames)
    mobility(frames, source.randbytes)
    return frames
