"""Other traffic is shown to the letter as without the plugin, by whatever way tshark is asked.

Were a single field wanted, Wireshark would build a tree of every frame, and with a tree many dissectors write other
columns: malformed frames are called so, and what is written only while a tree is filled appears.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import random
import struct
import sys

import pytest

import sandbox
import traffic

sys.path.append(str(sandbox.SOURCE / "testcaptures" / "generate"))
import pcapng  # pylint: disable=wrong-import-position

# What real software has sent that is no DirectAccess, but for what a CONNECT may have led there.
FOREIGN = [name for name, scenario in sandbox.catalogue().items()
           if scenario["untouched"] and not name.startswith("proxy-")]
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
SEED = 11
WAYS = {"one line": [], "details": ["-P", "-V"], "bytes": ["-x"], "filter": ["-Y", "ip || ipv6"],
        "fields": ["-T", "fields", "-e", "frame.number", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"]}


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


def of_real_software():
    """Frames, and the keys of what is encrypted."""
    captures = [pcapng.read(sandbox.capture_of(name)) for name in FOREIGN]
    captures = [capture for capture in captures if capture.link_type == traffic.LINK_ETHERNET]
    return [frame for capture in captures for frame in capture.frames], b"".join(capture.keys for capture in captures)


def made_up():
    """Frames of many protocols, most of them malformed."""
    source = random.Random(SEED)
    made = []
    noise_over_tcp(made, source.randbytes)
    noise_over_udp(made, source.randbytes)
    noise_over_ip(made, source.randbytes)
    socks(made)
    mobility(made, source.randbytes)
    return [pcapng.Frame(traffic.START_NS + number, data, len(data)) for number, data in enumerate(made)]


def written(folder, frames, keys=b""):
    path = folder / "other.pcapng"
    pcapng.write(path, pcapng.Capture(frames, keys=keys), "", "")
    return path


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """One capture with all of it."""
    frames, keys = of_real_software()
    return written(tmp_path_factory.mktemp("untouched"), frames + made_up(), keys)


def ours_and_without(tshark, *arguments, **options):
    """What tshark prints with the plugin, and without. Noise may find bugs of Wireshark's own."""
    return [tshark.read(*arguments, environment={"WIRESHARK_ABORT_ON_DISSECTOR_BUG": None, **environment},
                        **options).stdout for environment in ({}, sandbox.WITHOUT_PLUGIN)]


@pytest.mark.parametrize("arguments", WAYS.values(), ids=WAYS)
def test_other_traffic_is_shown_to_the_letter_as_without_us(tshark, capture, arguments, two_pass):
    ours, without = ours_and_without(tshark, capture, *arguments, two_pass=two_pass)
    assert len(without.splitlines()) > 1000
    assert ours == without


def test_next_capture_begins_without_trees_again(tshark, tmp_path):
    """DirectAccess, then other traffic, which -M makes a capture of its own."""
    session = pcapng.read(sandbox.capture_of("healthy-null-sha256")).frames
    path = written(tmp_path, session + made_up())
    ours, without = (text.splitlines()[len(session):]
                     for text in ours_and_without(tshark, path, "-M", str(len(session))))
    assert len(without) > 500
    assert ours == without
