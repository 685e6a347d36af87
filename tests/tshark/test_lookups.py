"""Look-ups of a name are found wherever Wireshark's dissector finds them, and nowhere else.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import struct

import sandbox
import traffic
from traffic import TCP, UDP

NAME = "da.example.com"
CRL_NAME, CRL_SERVER = "crl.example.com", "198.51.100.80"
RESOLVER, RESOLVER_IPV6 = "198.51.100.53", "2001:db8:53::53"
OUTER_CLIENT, OUTER_SERVER = traffic.packed("10.9.9.1"), traffic.packed("10.9.9.2")
GRE, IN_IPV4, AUTHENTICATION, DESTINATION, FRAGMENT, SCTP, NAME_ERROR = 47, 4, 51, 60, 44, 132, 3
ETHERNET_IPV6 = traffic.ETHERNET[:12] + b"\x86\xdd"
OPTIONS = b"\x00\x01\x04\x00\x00\x00\x00"  # of an extension header of 8 bytes, behind its next header
PORT = 40000


def messages(name=NAME):
    """A question, and the answer that there is no such name."""
    return [traffic.dns_message(1, name), traffic.dns_message(1, name, [], code=NAME_ERROR)]


def datagrams(name=NAME, port=53):
    question, answer = messages(name)
    return [traffic.udp_datagram(PORT, port, question), traffic.udp_datagram(port, PORT, answer)]


def ipv4(client, parts, protocol=UDP):
    """The frames of a question and an answer."""
    ends = traffic.packed(client), traffic.packed(RESOLVER)
    return [traffic.ip_frame(source, destination, protocol, part)
            for (source, destination), part in zip((ends, ends[::-1]), parts)]


def ipv6_packets(number, parts, next_header=UDP):
    ends = ipaddress.ip_address(f"2001:db8::{number}").packed, traffic.packed(RESOLVER_IPV6)
    return [struct.pack("!IHBB", 6 << 28, len(part), next_header, 64) + source + destination + part
            for (source, destination), part in zip((ends, ends[::-1]), parts)]


def ipv6(number, parts, next_header=UDP):
    return [ETHERNET_IPV6 + packet for packet in ipv6_packets(number, parts, next_header)]


def client_of(number):
    return f"192.0.2.{number}"


def authenticated(parts):
    """With the Authentication Header before (RFC 4302 section 2)."""
    return [struct.pack("!BBHII", UDP, 4, 0, 1, number) + bytes(12) + part
            for number, part in enumerate(parts)]


def in_fragments(frame, size=16):
    """An IPv4 packet in fragments with `size` bytes each."""
    header, payload = frame[14:34], frame[34:]
    for at in range(0, len(payload), size):
        part = payload[at:at + size]
        more = 0x2000 if at + size < len(payload) else 0
        yield (frame[:14] + header[:2] + struct.pack("!HHH", 20 + len(part), 7, more | at // 8)
               + header[8:] + part)


def in_ipv6_fragments(number, parts):
    for identification, part in enumerate(parts):
        halves = part[:24], part[24:]
        for at, more, half in ((0, 1, halves[0]), (24, 0, halves[1])):
            fragment = struct.pack("!BBHI", UDP, 0, at | more, number * 2 + identification) + half
            yield ipv6(number, [fragment, fragment], FRAGMENT)[identification]


def tunnelled(protocol, header, frames, link=14):
    """What is behind the link layer's header of each frame, in a packet of another."""
    return [traffic.ip_frame(OUTER_CLIENT, OUTER_SERVER, protocol, header + frame[link:])
            for frame in frames]


def vxlan(frames):
    return [traffic.ip_frame(OUTER_CLIENT, OUTER_SERVER, UDP, traffic.udp_datagram(
        50000, 4789, b"\x08" + bytes(3) + b"\0\0\x07\0" + frame)) for frame in frames]


def over_tcp(client, question_parts, answer_parts):
    frames = []
    connection = traffic.Connection(frames, client, RESOLVER, PORT, 53).connect()
    for part in question_parts:
        connection.client(part)
    for part in answer_parts:
        connection.server(part)
    return frames


def sized(name=NAME):
    return [traffic.opaque(2, message) for message in messages(name)]


def tcp_shapes(number):
    question, answer = sized()
    client = [client_of(number + at) for at in range(5)]
    return {
        "whole": over_tcp(client[0], [question], [answer]),
        "length apart": over_tcp(client[1], [question[:2], question[2:]], [answer[:1], answer[1:]]),
        "halves": over_tcp(client[2], [question[:20], question[20:]], [answer[:20], answer[20:]]),
        "before another": over_tcp(client[3], [question + question], [answer + sized("other.example.net")[1]]),
        "end and beginning": over_tcp(client[4], [question[:20], question[20:] + question[:9], question[9:]],
                                      [answer[:20], answer[20:] + answer[:30], answer[30:]]),
    }


def two_questions():
    parts = messages()
    second = traffic.dns_name("www.example.net") + struct.pack("!HH", 28, 1)
    return [traffic.udp_datagram(*ports, part[:4] + b"\0\x02" + part[6:] + second)
            for ports, part in zip(((PORT, 53), (53, PORT)), parts)]


def udp_shapes():
    """By their names; the client of each is another."""
    plain = {number: ipv4(client_of(number), datagrams()) for number in range(1, 10)}
    option = [bytes([UDP]) + OPTIONS + part for part in datagrams()]
    whole = [struct.pack("!BBHI", UDP, 0, 0, 5) + part for part in datagrams()]
    return {
        "plain": plain[1],
        "upper case": ipv4(client_of(10), datagrams("DA.Example.COM")),
        "two questions": ipv4(client_of(11), two_questions()),
        "tagged": [frame[:12] + bytes.fromhex("81000005") + frame[12:] for frame in plain[2]],
        "fragments": [part for frame in plain[3] for part in in_fragments(frame)],
        "authenticated": ipv4(client_of(12), authenticated(datagrams()), AUTHENTICATION),
        "IP in IP": tunnelled(IN_IPV4, b"", plain[4]),
        "GRE": tunnelled(GRE, b"\0\0\x08\0", plain[5]),
        "GRE in fragments": [part for frame in tunnelled(GRE, b"\0\0\x08\0", plain[6]) for part in in_fragments(frame)],
        "VXLAN": vxlan(plain[7]),
        "IPv6": ipv6(1, datagrams()),
        "IPv6 with options": ipv6(2, option, DESTINATION),
        "IPv6 authenticated": ipv6(3, authenticated(datagrams()), AUTHENTICATION),
        "IPv6 whole fragment": ipv6(4, whole, FRAGMENT),
        "IPv6 fragments": list(in_ipv6_fragments(5, datagrams())),
        "6in4": tunnelled(41, b"", ipv6(6, datagrams())),
    }


def found(tshark, capture, two_pass):
    """The findings of all sessions, and who has one."""
    shown = tshark.fields(capture, "frame.number", "iphttps.finding", endpoints=[(NAME,)], two_pass=two_pass)
    return {int(row["frame.number"][0]): row["iphttps.finding"] for row in shown if row["iphttps.finding"]}


def test_answer_is_found_in_whatever_brings_it(tshark, tmp_path, two_pass):
    frames, wanted = [], {}
    for name, shape in {**udp_shapes(), **tcp_shapes(100)}.items():
        frames += shape
        wanted[len(frames)] = name
    path = tmp_path / "shapes.pcap"
    traffic.write(path, frames)
    told = found(tshark, tshark.readable(path), two_pass)
    assert [name for number, name in wanted.items() if told.get(number) != ["name_not_found"]
            and name != "end and beginning"] == []
    assert set(told) - set(wanted) == {max(wanted) - 1}


def over_sctp():
    """A message of SCTP (RFC 9260 section 3), which taken for a datagram of UDP would hold the question and answer."""
    rest = traffic.dns_name(NAME)[8:] + struct.pack("!HH", 1, 1) + bytes(40)
    for ports, flags in (((PORT, 53), 0x0100), ((53, PORT), 0x8183)):
        chunk = struct.pack("!BBHI", 0, 3, 16 + len(rest), 1) + traffic.dns_name(NAME)[:8] + rest
        yield struct.pack("!HHIHH", *ports, 90 << 16, 1, flags) + chunk


def dotted_label(parts):
    """One label that reads like two."""
    return [part.replace(b"\x02da\x07example", b"\x0ada.example") for part in parts]


def test_what_is_no_look_up_of_the_name_is_passed_over(tshark, tmp_path, two_pass):
    question, answer = sized()
    plain = ipv4(client_of(50), datagrams())
    quoted = [traffic.ip_frame(traffic.packed(RESOLVER), traffic.packed(client_of(51)), traffic.ICMP,
                               struct.pack("!BBHI", 3, 3, 0, 0) + frame[14:]) for frame in plain]
    frames = [
        *ipv4(client_of(52), datagrams(port=5353)), *ipv4(client_of(53), datagrams(port=5355)),
        *ipv4(client_of(54), dotted_label(datagrams())), *ipv4(client_of(55), datagrams("da.example.com.au")),
        *ipv4(client_of(57), over_sctp(), SCTP), *quoted, *over_tcp(client_of(56), [question[:20]], [answer[:20]]),
    ]
    path = tmp_path / "others.pcap"
    traffic.write(path, frames)
    assert tshark.frames(tshark.readable(path), "iphttps", endpoints=[(NAME,)], two_pass=two_pass) == []


def test_an_attempt_at_a_crl_host_that_turns_into_a_connection_of_nobody(tshark, tmp_path):
    """It is freed when it closes; no later pass asks for it on the frame of the ICMP error. (Sanitizers see it.)"""
    shown = tshark.fields(sandbox.capture_of("revocation-refused"), "tls.handshake.certificate",
                          display_filter="tls.handshake.certificate")[0]["tls.handshake.certificate"]
    frames = []
    session = traffic.Connection(frames, client_of(58), "203.0.113.10", PORT).connect()
    session.client(traffic.client_hello([0x003B], NAME))
    session.server(traffic.server_hello(0x003B)
                   + traffic.certificate([bytes.fromhex(der.replace(":", "")) for der in shown[:1]]))
    of_session = list(range(1, len(frames) + 1))
    frames += [traffic.dns_frame(client_of(58), RESOLVER, traffic.dns_message(1, CRL_NAME)),
               traffic.dns_frame(client_of(58), RESOLVER, traffic.dns_message(1, CRL_NAME, [CRL_SERVER]), True)]
    attempt = traffic.Connection(frames, client_of(58), CRL_SERVER, PORT + 1, 80)
    attempt.syn()
    frames.append(traffic.unreachable("192.0.2.1", frames[-1]))
    attempt.sent[0] = 0
    attempt.connect()
    attempt.client(b"CONNECT www.example.net:443 HTTP/1.1\r\nHost: www.example.net:443\r\n\r\n")
    attempt.close()
    path = tmp_path / "attempt.pcap"
    traffic.write(path, frames)
    assert tshark.frames(tshark.readable(path), "iphttps", two_pass=True) == of_session
