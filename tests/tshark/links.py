"""Link layers and encapsulations that captures come in: each makes of an Ethernet frame what other tools write of it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses
import struct
import zlib

# https://www.tcpdump.org/linktypes.html
NULL, ETHERNET, PPP, PPP_HDLC, RAW, CISCO_HDLC, IEEE_802_11, LOOP, SLL = 0, 1, 9, 50, 101, 104, 105, 108, 113
PFLOG, RADIOTAP, PPI, ERF, IPV4, IPV6, NFLOG, PKTAP, SLL2 = 117, 127, 192, 197, 228, 229, 239, 258, 276

ETHERNET_HEADER, ETHERNET_MIN, IPV6_HEADER, ICMP_HEADER = 14, 60, 40, 8
IEEE_802_3_MAX = 1500
IP_IN_IP, UDP, IPV6_IN_IP, ROUTING, FRAGMENT, GRE, AH, DESTINATION = 4, 17, 41, 43, 44, 47, 51, 60
NO_OPERATION, LOOSE, STRICT = 1, 131, 137
ADDRESS = b"the address that it stands for"
ROUTERS = bytes([100, 64, 0, 1, 100, 64, 0, 2])  # of nobody in testcaptures/
ROUTERS_IPV6 = bytes.fromhex("20010db8ffff0000000000000000000120010db8ffff00000000000000000002")
BRIDGES = bytes.fromhex("020000000a01020000000a02")
NOISE = bytes(range(0xA1, 0xB1))
UNCUT = 0xFFE0

WEP_KEY, WEP_VECTOR = bytes.fromhex("0102030405"), bytes.fromhex("a1b2c3")
WITH_WEP_KEY = ("wlan.enable_decryption:TRUE", f'uat:80211_keys:"wep","{WEP_KEY.hex()}"')


@dataclasses.dataclass(frozen=True)
class Link:
    """A link layer, or what is around IP packets otherwise.

    wrap: makes of an Ethernet frame's bytes a list of pairs of a link type and a frame's bytes; preferences: what
    Wireshark needs to see what is inside; needs_all: shows nothing of frames that are cut short.
    """
    wrap: object
    preferences: tuple = ()
    needs_all: bool = False

    def frames(self, frame):
        """A pcapng.Frame as frames of this link layer."""
        missing = frame.length - len(frame.data)
        return [dataclasses.replace(frame, data=data, length=len(data) + missing, link_type=link_type)
                for link_type, data in self.wrap(frame.data)]


def is_ipv6(frame):
    """Whether the frame has an IPv6 packet; all others have IPv4."""
    return ethertype(frame) == b"\x86\xdd"


def ethertype(frame):
    """Of what is in the frame."""
    return frame[12:14]


def packet_length(frame):
    """Of the IP packet on the wire."""
    if is_ipv6(frame):
        return IPV6_HEADER + int.from_bytes(frame[18:20], "big")
    return int.from_bytes(frame[16:18], "big")


def packet_in(frame):
    """The IP packet, without what pads the frame."""
    return frame[ETHERNET_HEADER:ETHERNET_HEADER + packet_length(frame)]


def before_packet(link_type, header, **options):
    """A header before the IP packet; it may be a function of the frame."""
    return Link(lambda frame: [(link_type, made(header, frame) + packet_in(frame))], **options)


def made(header, *arguments):
    """A header, or what a function makes of its arguments."""
    return header(*arguments) if callable(header) else header


def in_ethernet(kind, header=b""):
    """Another Ethernet type, and a header before the IP packet."""
    return before_packet(ETHERNET, lambda frame: frame[:12] + kind + made(header, frame))


def around_frame(before=b"", behind=b""):
    """More before the Ethernet frame, or behind it."""
    return Link(lambda frame: [(ETHERNET, before + frame + made(behind, frame))])


def tagged(tags):
    """Tags before the Ethernet type."""
    return Link(lambda frame: [(ETHERNET, frame[:12] + tags + frame[12:])])


def by_family(link_type, layout, ipv4, ipv6):
    """The number that a system has for the address family."""
    return before_packet(link_type, lambda frame: struct.pack(layout, ipv6 if is_ipv6(frame) else ipv4))


def checksum(header):
    """Of an IPv4 header that has 0 in its place."""
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF)


def outer_packets(protocol, body, identification, size):
    """IPv4 packets between two routers, in fragments of at most that size."""
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        more = 0x2000 if at + size < len(body) else 0
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(piece), identification & 0xFFFF, more | at // 8, 64,
                             protocol, 0) + ROUTERS
        yield header[:10] + checksum(header) + header[12:] + piece


def tunnelled(protocol, header, size=UNCUT, with_ethernet=False):
    """Between two routers, behind the tunnel's header; size: of the outer packets' content, a multiple of 8."""
    def wrap(frame):
        inner = frame if with_ethernet else packet_in(frame)
        body = made(header, frame, inner) + inner
        return [(ETHERNET, frame[:12] + b"\x08\x00" + packet)
                for packet in outer_packets(made(protocol, frame), body, zlib.crc32(frame), size)]
    return Link(wrap)


def over_udp(port, header, size=UNCUT, with_ethernet=True):
    """The same over UDP."""
    def with_udp(frame, inner):
        inside = made(header, inner)
        return struct.pack("!HHHH", 49152, port, 8 + len(inside) + len(inner), 0) + inside
    return tunnelled(UDP, with_udp, size, with_ethernet)


def in_ip(frame):
    """The number that the packet has inside IP."""
    return IPV6_IN_IP if is_ipv6(frame) else IP_IN_IP


def gre(frame, _inner):
    """GRE's header (RFC 2784)."""
    return b"\0\0" + ethertype(frame)


def in_ipv6(frame):
    """Between two routers over IPv6."""
    header = struct.pack("!IHBB", 6 << 28, len(packet_in(frame)), in_ip(frame), 64) + ROUTERS_IPV6
    return [(ETHERNET, frame[:12] + b"\x86\xdd" + header + packet_in(frame))]


def of_same_hosts(frame):
    """IP in IP from one end of the connection to the other."""
    packet = packet_in(frame)
    if is_ipv6(frame):
        outer = packet[:4] + struct.pack("!HB", packet_length(frame), IPV6_IN_IP) + packet[7:40]
    else:
        outer = (b"\x45\0" + struct.pack("!H", packet_length(frame) + 20) + packet[4:9] + bytes([IP_IN_IP])
                 + packet[10:20])
    return [(ETHERNET, frame[:ETHERNET_HEADER] + outer + packet)]


def authenticated(frame):
    """IPv4 in transport mode of an Authentication Header (RFC 4302)."""
    packet = packet_in(frame)
    header = (packet[0] & 15) * 4
    if is_ipv6(frame):
        return [(ETHERNET, frame)]
    changed = packet[:2] + struct.pack("!H", packet_length(frame) + 24) + packet[4:9] + bytes([AH]) + packet[10:header]
    protection = struct.pack("!BBHII", packet[9], 4, 0, 1, 1) + bytes(12)
    return [(ETHERNET, frame[:ETHERNET_HEADER] + changed + protection + packet[header:])]


def extended(kind, extension):
    """IPv6 with an extension header of 8 bytes, of which the first is the type of what follows."""
    def wrap(frame):
        packet = packet_in(frame)
        if not is_ipv6(frame):
            return [(ETHERNET, frame)]
        header = packet[:4] + struct.pack("!HB", packet_length(frame) - IPV6_HEADER + 8, kind) + packet[7:IPV6_HEADER]
        return [(ETHERNET, frame[:ETHERNET_HEADER] + header + packet[6:7] + extension + packet[IPV6_HEADER:])]
    return Link(wrap)


def source_routed(kind, *via):
    """IPv4 on its way to the first of some routers, with its destination at the end of a source route (RFC 791 section
    3.1)."""
    def wrap(frame):
        packet = packet_in(frame)
        header = (packet[0] & 15) * 4
        if is_ipv6(frame):
            return [(ETHERNET, frame)]
        route = b"".join(via[1:]) + packet[16:20]
        option = bytes([NO_OPERATION, kind, 3 + len(route), 4]) + route
        changed = (bytes([packet[0] + len(option) // 4]) + packet[1:2]
                   + struct.pack("!H", packet_length(frame) + len(option)) + packet[4:16] + via[0])
        return [(ETHERNET, frame[:ETHERNET_HEADER] + changed + packet[20:header] + option + packet[header:])]
    return Link(wrap)


def with_other_address(kind, extension, offset, address):
    """IPv6 whose header has another address at an offset; the extension header, of which the first byte is the type of
    what follows, ends with the one it stood for."""
    def wrap(frame):
        packet = packet_in(frame)
        if not is_ipv6(frame):
            return [(ETHERNET, frame)]
        inserted = packet[6:7] + extension.replace(ADDRESS, packet[offset:offset + 16])
        header = packet[:4] + struct.pack("!HB", packet_length(frame) - IPV6_HEADER + len(inserted), kind)
        header += packet[7:offset] + address + packet[offset + 16:IPV6_HEADER]
        return [(ETHERNET, frame[:ETHERNET_HEADER] + header + inserted + packet[IPV6_HEADER:])]
    return Link(wrap)


def routed(extension):
    """IPv6 on its way to the first of some routers, with its destination in a routing header."""
    return with_other_address(ROUTING, extension, 24, ROUTERS_IPV6[:16])


def translated(frame):
    """IPv4 made IPv6 of (RFC 7915), whose addresses end with those of IPv4."""
    packet, network = packet_in(frame), ROUTERS_IPV6[:12]
    header, addresses = (packet[0] & 15) * 4, (packet[12:16], packet[16:20])
    fields = struct.pack("!IHBB", 6 << 28, packet_length(frame) - header, packet[9], 64)
    return [(ETHERNET, frame[:12] + b"\x86\xdd" + fields + b"".join(network + address for address in addresses)
             + packet[header:])]


def one_in_another(inner, *outer):
    """What a link makes of frames, in others in their turn."""
    for link in outer:
        inner = Link(lambda frame, inside=inner, link=link: [made_of for _, one in inside.wrap(frame)
                                                              for made_of in link.wrap(one)])
    return inner


def in_quotes_too(link):
    """The link's frames, and what ICMP errors quote as a router on the way has got it; the link has Ethernet frames of
    one packet each."""
    def wrap(frame):
        at, length_at = (ETHERNET_HEADER + IPV6_HEADER, 18) if is_ipv6(frame) else (ETHERNET_HEADER + 20, 16)
        is_error = (frame[20], frame[at]) == (58, 1) if is_ipv6(frame) else (frame[23], frame[at]) == (1, 3)
        if not is_error:
            return link.wrap(frame)
        [(link_type, quoted)] = link.wrap(frame[:ETHERNET_HEADER] + frame[at + ICMP_HEADER:])
        added = len(quoted) - ETHERNET_HEADER - len(frame[at + ICMP_HEADER:])
        length = int.from_bytes(frame[length_at:length_at + 2], "big") + added
        return [(link_type, frame[:length_at] + struct.pack("!H", length) + frame[length_at + 2:at + ICMP_HEADER]
                 + quoted[ETHERNET_HEADER:])]
    return Link(wrap)


def ipv6_fragments(size):
    """IPv6 packets in fragments (RFC 8200 section 4.5)."""
    def wrap(frame):
        packet = packet_in(frame)
        body = packet[IPV6_HEADER:]
        if not is_ipv6(frame) or len(body) <= size or len(packet) < packet_length(frame):
            return [(ETHERNET, frame)]
        return [(ETHERNET, frame[:ETHERNET_HEADER] + packet[:4]
                 + struct.pack("!HB", 8 + len(body[at:at + size]), FRAGMENT) + packet[7:IPV6_HEADER] + packet[6:7]
                 + struct.pack("!BHI", 0, at | (at + size < len(body)), zlib.crc32(frame)) + body[at:at + size])
                for at in range(0, len(body), size)]
    return Link(wrap)


def without_length(frame):
    """As the sender's machine sees packets that its card is to cut up."""
    return [(ETHERNET, frame if is_ipv6(frame) else frame[:16] + b"\0\0" + frame[18:])]


def check_sequence(frame):
    """What an Ethernet frame ends with on the wire (IEEE 802.3 section 3.2.9)."""
    return struct.pack("<I", zlib.crc32(frame))


def padded(filler, end=b""):
    """Short frames are filled up."""
    def wrap(frame):
        filled = frame + (filler * ETHERNET_MIN)[:max(0, ETHERNET_MIN - len(frame))]
        return [(ETHERNET, filled + made(end, filled))]
    return Link(wrap)


def snap(frame):
    """LLC and SNAP before the packet (IEEE 802)."""
    return b"\xaa\xaa\x03\0\0\0" + ethertype(frame)


def ieee_802_3(frame):
    """A frame with its length in the place of the type, where that is possible."""
    packet = snap(frame) + packet_in(frame)
    if len(packet) > IEEE_802_3_MAX:
        return [(ETHERNET, frame)]
    return [(ETHERNET, frame[:12] + struct.pack("!H", len(packet)) + packet)]


def ppp_protocol(frame):
    """The packet's number in PPP (RFC 1661)."""
    return b"\x00\x57" if is_ipv6(frame) else b"\x00\x21"


def pppoe(frame):
    """A session's header (RFC 2516)."""
    return struct.pack("!BBHH", 0x11, 0, 0x1234, 2 + packet_length(frame)) + ppp_protocol(frame)


def mpls(*labels):
    """A stack of labels (RFC 3032)."""
    return b"".join(struct.pack("!I", label << 12 | (position == len(labels) - 1) << 8 | 64)
                    for position, label in enumerate(labels))


def sll(frame):
    """What tcpdump -i any writes on Linux."""
    return struct.pack("!HHH", 0, 1, 6) + frame[6:12] + b"\0\0" + ethertype(frame)


def sll2(frame):
    """What newer ones write."""
    return ethertype(frame) + struct.pack("!HIHBB", 0, 2, 1, 0, 6) + frame[6:12] + b"\0\0"


def pktap(frame):
    """What tcpdump -i any writes on macOS: the interface and its link type, the process."""
    family = 30 if is_ipv6(frame) else 2
    header = struct.pack("<III24sIIIIi20s", 108, 1, ETHERNET, b"en0", 1, family, 14, 0, 80, b"curl")
    return [(PKTAP, header.ljust(108, b"\0") + frame)]


def erf_record(frame, length=None, time=0):
    """A record of an Endace card: two bytes before Ethernet's header, filled up to 8; time: in nanoseconds."""
    data = (b"\0\0" + frame).ljust(len(frame) + 2 + -(len(frame) + 2) % 8, b"\0")
    seconds, nanoseconds = divmod(time, 1_000_000_000)
    return (struct.pack("<II", (nanoseconds << 32) // 1_000_000_000, seconds)
            + struct.pack("!BBHHH", 2, 4, 16 + len(data), 0, length or len(frame)) + data)


def erf(frame):
    """The same, of a frame with its check sequence, in another file."""
    return [(ERF, erf_record(frame + check_sequence(frame)))]


def pflog(frame):
    """What pf has logged, on FreeBSD and its kind."""
    return struct.pack("!BBBB16s16sIIiiiiB3s", 61, 30 if is_ipv6(frame) else 2, 0, 0, b"em0", b"", 1, 0xFFFFFFFF, -1, 0,
                       -1, 0, 1, b"")


def nflog(frame):
    """What tcpdump writes of netfilter's log: attributes, of which the last is the packet."""
    packet = packet_in(frame)
    attributes = struct.pack("<HH2sBBHHHH", 8, 1, ethertype(frame), 1, 0, 8, 10, 0, 0)
    return [(NFLOG, struct.pack("!BBH", 10 if is_ipv6(frame) else 2, 0, 0) + attributes
             + struct.pack("<HH", 4 + len(packet), 9) + packet + bytes(-len(packet) % 4))]


def wifi(frame, flags=0):
    """The header of a QoS data frame from a station to its access point (IEEE 802.11 section 9.3.2)."""
    return bytes([0x88, 1 | flags, 0x2C, 0]) + frame[:12] + frame[:6] + b"\x10\0\0\0"


def wifi_and_snap(frame):
    """The same with what is before the packet."""
    return wifi(frame) + snap(frame)


def rc4(key, length):
    """RC4's bytes."""
    state, mixed = list(range(256)), 0
    for number in range(256):
        mixed = (mixed + state[number] + key[number % len(key)]) & 255
        state[number], state[mixed] = state[mixed], state[number]
    mixed = 0
    for at in range(1, length + 1):
        mixed = (mixed + state[at & 255]) & 255
        state[at & 255], state[mixed] = state[mixed], state[at & 255]
        yield state[(state[at & 255] + state[mixed]) & 255]


WEP_STREAM = bytes(rc4(WEP_VECTOR + WEP_KEY, 20000))


def wep(frame):
    """Encrypted, with a key that Wireshark is given: as with WPA, the packets are in a buffer of their own."""
    body = snap(frame) + packet_in(frame)
    body += struct.pack("<I", zlib.crc32(body))
    encrypted = bytes(one ^ other for one, other in zip(body, WEP_STREAM))
    return [(IEEE_802_11, wifi(frame, flags=0x40) + WEP_VECTOR + b"\0" + encrypted)]


def big_ip_trailer(frame):
    """Of tcpdump -i 0.0:nnnp on a BIG-IP: how the frame came in, and the ends of the connection behind it."""
    virtual_server = struct.pack("!HHHHBBBB14s", 1, 1, 26, 4, 1, 0, 0, 0, b"/Common/da-vs")
    behind = struct.pack("!HHHHBH", 1, 3, 47, 1, 6, 5) + frame[26:30] * 8 + struct.pack("!HH", 443, 49152)
    return struct.pack("!IHH", 0xF5DEB0F5, 8 + len(virtual_server + behind), 1) + virtual_server + behind


def sflow(size):
    """A datagram of sFlow for each frame, with its beginning."""
    def wrap(frame):
        header = frame[:size] + bytes(-len(frame[:size]) % 4)
        record = struct.pack("!IIIIII", 1, 16 + len(header), 1, len(frame), 0, len(frame[:size])) + header
        sample = struct.pack("!8I", 1, 1, 100, 100, 0, 1, 2, 1) + record
        datagram = struct.pack("!II4sIIIIII", 5, 1, ROUTERS[:4], 0, 1, 1000, 1, 1, len(sample)) + sample
        body = struct.pack("!HHHH", 49152, 6343, 8 + len(datagram), 0) + datagram
        return [(ETHERNET, frame[:12] + b"\x08\x00" + packet)
                for packet in outer_packets(UDP, body, zlib.crc32(frame), UNCUT)]
    return Link(wrap)


HOME = b"\2\2\1" + bytes(4) + ADDRESS  # a routing header of type 2 (RFC 6275 section 6.4)
VXLAN = b"\x08\0\0\0\0\x12\x34\0"
ERSPAN_II = b"\x10\0\x88\xbe\0\0\0\1" + b"\x10\x05\0\x64\0\0\0\0"

LINKS = {
    "ethernet": around_frame(),
    "padded": padded(b"\0"),
    "padded-with-old-bytes": padded(NOISE),
    "check-sequence": padded(b"\0", end=check_sequence),
    "trailer": around_frame(behind=NOISE),
    "big-ip-trailer": around_frame(behind=big_ip_trailer),
    "without-length": Link(without_length),
    "802.1q": tagged(b"\x81\0\x60\x05"),
    "802.1ad": tagged(b"\x88\xa8\0\x05\x81\0\0\x06"),
    "qinq": tagged(b"\x81\0\0\x05\x81\0\0\x06"),
    "802.1ah": around_frame(BRIDGES + b"\x88\xe7\0\0\x12\x34"),
    "802.3-snap": Link(ieee_802_3),
    "mpls": in_ethernet(b"\x88\x47", mpls(16)),
    "mpls-3-labels": in_ethernet(b"\x88\x47", mpls(16, 17, 18)),
    "ethernet-over-mpls": around_frame(BRIDGES + b"\x88\x47" + mpls(16) + bytes(4)),
    "pppoe": in_ethernet(b"\x88\x64", pppoe),
    "sll": before_packet(SLL, sll),
    "sll2": before_packet(SLL2, sll2),
    "raw": before_packet(RAW, b""),
    "raw-by-version": Link(lambda frame: [(IPV6 if is_ipv6(frame) else IPV4, packet_in(frame))]),
    "null": by_family(NULL, "<I", 2, 30),
    "null-big-endian": by_family(NULL, ">I", 2, 28),
    "loop": by_family(LOOP, ">I", 2, 24),
    "ppp": before_packet(PPP, lambda frame: b"\xff\x03" + ppp_protocol(frame)),
    "ppp-compressed": before_packet(PPP, lambda frame: ppp_protocol(frame)[1:]),
    "ppp-hdlc": before_packet(PPP_HDLC, lambda frame: b"\xff\x03" + ppp_protocol(frame)),
    "cisco-hdlc": before_packet(CISCO_HDLC, lambda frame: b"\x0f\0" + ethertype(frame)),
    "erf": Link(erf),
    "pktap": Link(pktap),
    "pflog": before_packet(PFLOG, pflog),
    "nflog": Link(nflog, needs_all=True),
    "802.11": before_packet(IEEE_802_11, wifi_and_snap),
    "802.11-radiotap": before_packet(RADIOTAP, lambda frame: b"\0\0\x08\0\0\0\0\0" + wifi_and_snap(frame)),
    "802.11-ppi": before_packet(PPI, lambda frame: b"\0\0\x08\0\x69\0\0\0" + wifi_and_snap(frame)),
    "802.11-encrypted": Link(wep, preferences=WITH_WEP_KEY, needs_all=True),
    "gre": tunnelled(GRE, gre),
    "gre-in-fragments": tunnelled(GRE, gre, size=1480),
    "gre-in-small-fragments": tunnelled(GRE, gre, size=104),
    "nvgre": tunnelled(GRE, b"\x20\0\x65\x58\0\0\x12\0", with_ethernet=True),
    "erspan-1": tunnelled(GRE, b"\0\0\x88\xbe", with_ethernet=True),
    "erspan-2": tunnelled(GRE, ERSPAN_II, with_ethernet=True),
    "erspan-2-in-fragments": tunnelled(GRE, ERSPAN_II, size=1480, with_ethernet=True),
    "erspan-3": tunnelled(GRE, b"\x10\0\x22\xeb\0\0\0\1" + b"\x20\x05\0\x64" + bytes(8), with_ethernet=True),
    "vxlan": over_udp(4789, VXLAN),
    "vxlan-in-fragments": over_udp(4789, VXLAN, size=1480),
    "vxlan-in-small-fragments": over_udp(4789, VXLAN, size=104),
    "geneve": over_udp(6081, b"\0\0\x65\x58\0\x12\x34\0"),
    "tzsp": over_udp(37008, b"\1\0\0\1\1"),
    "gtp-u": over_udp(2152, lambda inner: struct.pack("!BBHI", 0x30, 0xFF, len(inner), 7), with_ethernet=False),
    "ip-in-ip": tunnelled(in_ip, b""),
    "ip-in-ipv6": Link(in_ipv6),
    "ip-in-ip-of-the-same-hosts": Link(of_same_hosts),
    "ah": Link(authenticated),
    "hop-by-hop-options": extended(0, b"\0\1\4\0\0\0\0"),
    "atomic-fragments": extended(FRAGMENT, b"\0\0\0\0\0\x12\x34"),
    "ipv6-fragments": ipv6_fragments(512),
    "loose-source-route": source_routed(LOOSE, ROUTERS[:4]),
    "strict-source-route": source_routed(STRICT, ROUTERS[:4], ROUTERS[4:]),
    "source-route-and-ah": one_in_another(Link(authenticated), source_routed(LOOSE, ROUTERS[:4])),
    "source-routes-in-vxlan": one_in_another(source_routed(LOOSE, ROUTERS[:4]), routed(HOME), over_udp(4789, VXLAN)),
    "source-routes-around-the-same-hosts": one_in_another(Link(of_same_hosts), source_routed(LOOSE, ROUTERS[:4]),
                                                         routed(HOME)),
    "routing-0": routed(b"\4\0\2" + bytes(4) + ROUTERS_IPV6[16:] + ADDRESS),
    "routing-2": routed(HOME),
    "routing-3": routed(b"\2\3\1" + bytes(4) + ADDRESS),
    "routing-4": routed(b"\4\4\1\1\0\0\0" + ADDRESS + ROUTERS_IPV6[:16]),
    "home-address": with_other_address(DESTINATION, b"\2\1\2\0\0\xc9\x10" + ADDRESS, 8, ROUTERS_IPV6[:16]),
}
