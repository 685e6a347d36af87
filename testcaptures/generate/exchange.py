"""The HTTP exchange that opens an IP-HTTPS tunnel, and the first packets inside it.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import email.utils
import ipaddress
import struct

ENDLESS = 2 ** 64 - 1
CLIENT = ipaddress.IPv6Address("fe80::a:10")
SERVER = ipaddress.IPv6Address("fe80::a:1")
ALL_ROUTERS = ipaddress.IPv6Address("ff02::2")
ALL_NODES = ipaddress.IPv6Address("ff02::1")
PREFIX = ipaddress.IPv6Address("2001:db8:1000::")
ECHO_REQUEST, ECHO_REPLY, ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT = 128, 129, 133, 134
ICMPV6 = 58
REASONS = {200: "OK", 403: "Forbidden"}


def request(host):
    """The request of an IP-HTTPS client, [MS-IPHTTPS] section 2.2.1, with the URI in use."""
    return (f"POST /IPHTTPS HTTP/1.1\r\nHost: {host}\r\n"
            f"Content-Length: {ENDLESS}\r\n\r\n").encode()


def answer(status=200):
    """What http.sys answers; a refusal has an empty body."""
    date = email.utils.formatdate(usegmt=True)
    length = "" if status == 200 else "Content-Length: 0\r\n"
    return (f"HTTP/1.1 {status} {REASONS[status]}\r\n{length}Server: Microsoft-HTTPAPI/2.0\r\n"
            f"Date: {date}\r\n\r\n").encode()


def router_solicitation():
    """RFC 4861, section 4.1."""
    return _icmpv6(CLIENT, ALL_ROUTERS, ROUTER_SOLICITATION, bytes(4))


def router_advertisement():
    """RFC 4861, section 4.2, with one on-link and autonomous prefix (section 4.6.2)."""
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86400, 14400, 0) + PREFIX.packed
    return _icmpv6(SERVER, ALL_NODES, ROUTER_ADVERTISEMENT,
                   struct.pack("!BBHII", 64, 0, 1800, 0, 0) + prefix)


def echo(kind, number):
    """ICMPv6 echo request of the client, or the server's reply."""
    ends = (CLIENT, SERVER) if kind == ECHO_REQUEST else (SERVER, CLIENT)
    return _icmpv6(*ends, kind, struct.pack("!HH", 1, number) + b"IP-HTTPS")


def client_side(stream, host):
    """Opens the tunnel on `stream` (with sendall and recv) and uses it; False if refused."""
    stream.sendall(request(host))
    head = _read_head(stream)
    print(head.decode(errors="replace"))
    if not head.startswith(b"HTTP/1.1 200 "):
        return False
    stream.sendall(router_solicitation())
    _read_packet(stream)
    for number in (1, 2):
        stream.sendall(echo(ECHO_REQUEST, number))
        _read_packet(stream)
    return True


def server_side(stream, status=200):
    """Answers a client until it closes; with another status than 200 only once."""
    if not _read_head(stream):
        return
    stream.sendall(answer(status))
    if status != 200:
        return
    replies = {ROUTER_SOLICITATION: lambda _: router_advertisement(),
               ECHO_REQUEST: lambda number: echo(ECHO_REPLY, number)}
    while packet := _read_packet(stream):
        kind, number = packet[40], struct.unpack_from("!H", packet, 46)[0]
        stream.sendall(replies[kind](number))


def _read_head(stream):
    """An HTTP head, read byte by byte so as to leave the tunnel's packets alone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.recv(1)
        if not byte:
            return b""
        head += byte
    return head


def _read_packet(stream):
    header = _read_exactly(stream, 40)
    return header and header + _read_exactly(stream, struct.unpack_from("!H", header, 4)[0])


def _read_exactly(stream, length):
    data = b""
    while len(data) < length:
        chunk = stream.recv(length - len(data))
        if not chunk:
            return b""
        data += chunk
    return data


def _icmpv6(source, destination, kind, body):
    message = struct.pack("!BBH", kind, 0, 0) + body
    pseudo_header = source.packed + destination.packed + struct.pack("!II", len(message), ICMPV6)
    total = sum(struct.unpack(f"!{(len(pseudo_header) + len(message)) // 2}H",
                              pseudo_header + message))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    message = message[:2] + struct.pack("!H", ~total & 0xFFFF) + message[4:]
    return struct.pack("!IHBB", 6 << 28, len(message), ICMPV6, 255) + \
        source.packed + destination.packed + message
