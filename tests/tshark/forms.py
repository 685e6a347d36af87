"""Forms that captures have in the field: copied, cut, torn, merged. Each turns the frames of one capture into others.

What a form may change of the answer is said where it is listed, in FORMS:
EQUAL          nothing is missing, so the answer is that of the clean capture
UNLESS_NOTED   the same, but Wireshark's own dissectors may stumble: then nothing is invented, and a note says why
NO_INVENTION   bytes are missing, or not handed on by Wireshark: nothing is said that the clean capture does not show
UNDATED        EQUAL but for what a date decides

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses
import struct

EQUAL, UNLESS_NOTED, NO_INVENTION, UNDATED = "equal", "unless noted", "no invention", "undated"

FIN, SYN, RST, ACK = 1, 2, 4, 16
ALERT, HANDSHAKE, RECORD_TYPES, RECORD_HEADER = 21, 22, (20, 21, 22, 23), 5
ETHERNET_HEADER, TCP, UDP = 14, 6, 17
MICROSECOND, MILLISECOND, SECOND = 1_000, 1_000_000, 1_000_000_000
Y2000, Y2101 = 946_684_800 * SECOND, 4_133_980_800 * SECOND
VLAN_TAG = bytes.fromhex("81000005")


@dataclasses.dataclass(frozen=True)
class Packet:
    """Where the parts of an IP packet stand in its frame, and who sent it."""
    network: int  # offset of the IP header
    transport: int
    protocol: int
    payload: int
    length: int  # of the payload on the wire
    sender: bytes  # address and port
    receiver: bytes
    sequence: int = 0
    acknowledged: int = 0
    flags: int = 0

    @property
    def end(self):
        """The sequence number behind the segment."""
        return (self.sequence + self.length + (1 if self.flags & (SYN | FIN) else 0)) & 0xFFFFFFFF


def packet_in(frame):
    """The TCP segment or UDP datagram in an Ethernet frame, None if it holds neither."""
    data, kind = frame.data, frame.data[12:14]
    if kind == b"\x08\x00":
        protocol, transport = data[23], ETHERNET_HEADER + (data[14] & 15) * 4
        end = ETHERNET_HEADER + int.from_bytes(data[16:18], "big")
        source, destination = data[26:30], data[30:34]
    elif kind == b"\x86\xdd":
        protocol, transport = data[20], ETHERNET_HEADER + 40
        end = transport + int.from_bytes(data[18:20], "big")
        source, destination = data[22:38], data[38:54]
    else:
        return None
    if protocol not in (TCP, UDP):
        return None
    ends = source + data[transport:transport + 2], destination + data[transport + 2:transport + 4]
    if protocol == UDP:
        return Packet(ETHERNET_HEADER, transport, UDP, transport + 8, end - transport - 8, *ends)
    payload = transport + (data[transport + 12] >> 4) * 4
    sequence, acknowledged = struct.unpack_from(">II", data, transport + 4)
    return Packet(ETHERNET_HEADER, transport, TCP, payload, end - payload, *ends, sequence, acknowledged,
                  data[transport + 13])


def with_segment(frame, packet, payload, sequence=None, acknowledged=None, flags=None):
    """The frame with another segment in it; checksums are left as they are."""
    data = bytearray(frame.data[:packet.payload] + payload)
    struct.pack_into(">II", data, packet.transport + 4, packet.sequence if sequence is None else sequence,
                     packet.acknowledged if acknowledged is None else acknowledged)
    data[packet.transport + 13] = packet.flags if flags is None else flags
    length = len(data) - (packet.network if frame.data[12:14] == b"\x08\x00" else packet.transport)
    struct.pack_into(">H", data, 16 if frame.data[12:14] == b"\x08\x00" else 18, length)
    return dataclasses.replace(frame, data=bytes(data), length=len(data))


def segments_of(frames):
    """The TCP segments by their positions; other frames are left out."""
    packets = {position: packet_in(frame) for position, frame in enumerate(frames)}
    return {position: packet for position, packet in packets.items() if packet and packet.protocol == TCP}


def payload_of(frame, packet):
    """The bytes of a segment, without the padding of a short frame."""
    return frame.data[packet.payload:packet.payload + packet.length]


def later(frame, nanoseconds):
    """The frame, captured later."""
    return dataclasses.replace(frame, time=frame.time + nanoseconds)


def by_time(frames):
    """The frames in the order of their times."""
    return sorted(frames, key=lambda frame: frame.time)


def at_another_layer(frame, layer):
    """The frame as another layer of the sender's machine sees it: tagged, or with a smaller TTL."""
    if layer % 2 == 0:
        return dataclasses.replace(frame, data=frame.data[:12] + VLAN_TAG + frame.data[12:], length=frame.length + 4)
    ttl = 22 if frame.data[12:14] == b"\x08\x00" else 21
    data = bytearray(frame.data)
    data[ttl] -= data[ttl] > 1
    return dataclasses.replace(frame, data=bytes(data))


def copies(count, apart, late=False):
    """Each frame several times within microseconds, as pktmon and netsh trace record it; late: behind a neighbour."""
    def transform(frames):
        copied = [later(at_another_layer(frame, layer), layer * apart) for frame in frames for layer in range(count)]
        yield by_time(copied) if late else copied
    return transform


def fast_retransmissions(frames):
    """One segment each sent again, behind three duplicate ACKs."""
    segments = segments_of(frames)
    for position, packet in segments.items():
        if not packet.length:
            continue
        acks = [at for at, other in segments.items() if other.sender == packet.receiver and other.flags & ACK
                and other.receiver == packet.sender]
        if not acks:
            continue
        model, time = acks[-1], frames[position].time
        ack = with_segment(frames[model], segments[model], b"", acknowledged=packet.sequence, flags=ACK,
                           sequence=packet.acknowledged)
        again = [dataclasses.replace(ack, time=time + number * 10 * MICROSECOND) for number in (1, 2, 3)]
        yield [*frames[:position + 1], *again, later(frames[position], 40 * MICROSECOND), *frames[position + 1:]]


def late_retransmissions(frames):
    """One segment each sent again 300 ms later, its acknowledgement having been lost."""
    for position, packet in segments_of(frames).items():
        if packet.length:
            again = later(frames[position], 300 * MILLISECOND)
            yield [*frames[:position + 1], again, *(later(frame, 300 * MILLISECOND) for frame in frames[position + 1:])]


def _is_from_client(frames):
    """For each frame whether it comes from the side that began; other frames count as that side's."""
    first = next((packet for packet in map(packet_in, frames) if packet), None)
    client = first.sender[:-2] if first else b""
    packets = map(packet_in, frames)
    return [packet is None or packet.sender[:-2] == client for packet in packets]


def two_sides(one_way, offset=0):
    """Captured on both sides of a path and merged; offset: how much the server side's clock is behind."""
    def transform(frames):
        merged, shift, was_client = [], 0, True
        for frame, is_client in zip(frames, _is_from_client(frames)):
            if was_client and not is_client:
                shift += 2 * one_way  # an answer takes the way there and back
            was_client = is_client
            here = later(frame, shift)
            there = later(at_another_layer(here, 1), (one_way if is_client else -one_way) - offset)
            merged += [here, there]
        yield by_time(merged)
    return transform


def cut(snaplen):
    """Frames cut to a snapshot length."""
    def transform(frames):
        yield [dataclasses.replace(frame, data=frame.data[:snaplen]) for frame in frames]
    return transform


def losses(frames):
    """One frame each is missing."""
    for position in range(len(frames)):
        yield frames[:position] + frames[position + 1:]


def swaps(frames):
    """One frame each behind the next of its direction."""
    segments = segments_of(frames)
    for position, packet in segments.items():
        behind = next((at for at, other in segments.items() if at > position and other.sender == packet.sender
                       and other.receiver == packet.receiver), None)
        if behind is None or not packet.length or not segments[behind].end != packet.end:
            continue
        times = [frame.time for frame in frames]
        order = [*frames[:position], *frames[position + 1:behind + 1], frames[position], *frames[behind + 1:]]
        yield [dataclasses.replace(frame, time=time) for frame, time in zip(order, times)]


def all_swapped(frames):
    """Every two neighbouring segments of one direction in the wrong order."""
    swapped, segments, position = [], segments_of(frames), 0
    while position < len(frames):
        pair = segments.get(position), segments.get(position + 1)
        if all(pair) and pair[0].sender == pair[1].sender and pair[0].length and pair[1].length:
            first, second = frames[position], frames[position + 1]
            swapped += [dataclasses.replace(second, time=first.time), dataclasses.replace(first, time=second.time)]
            position += 2
        else:
            swapped.append(frames[position])
            position += 1
    yield swapped


def overlaps(frames):
    """One segment each brings the one before it again."""
    segments = segments_of(frames)
    for position, packet in segments.items():
        before = next((at for at, other in segments.items() if at < position and other.sender == packet.sender
                       and other.end == packet.sequence and other.length), None)
        if packet.length and before is not None:
            payload = payload_of(frames[before], segments[before]) + payload_of(frames[position], packet)
            again = with_segment(frames[position], packet, payload, sequence=segments[before].sequence)
            yield [*frames[:position], again, *frames[position + 1:]]


def all_overlap(count):
    """Every segment begins with the last bytes of the one before."""
    def transform(frames):
        torn, sent, segments = [], {}, segments_of(frames)
        for position, frame in enumerate(frames):
            packet = segments.get(position)
            old = sent.get((packet.sender, packet.receiver), b"") if packet else b""
            if packet and packet.length and old:
                repeated = old[-count:]
                frame = with_segment(frame, packet, repeated + payload_of(frame, packet),
                                     sequence=(packet.sequence - len(repeated)) & 0xFFFFFFFF)
            if packet and packet.length:
                sent[packet.sender, packet.receiver] = payload_of(frames[position], packet)
            torn.append(frame)
        yield torn
    return transform


def in_segments(size):
    """Each segment in several smaller ones."""
    def transform(frames):
        pieces, segments = [], segments_of(frames)
        for position, frame in enumerate(frames):
            packet = segments.get(position)
            if packet is None or packet.length <= size:
                pieces.append(frame)
                continue
            payload = payload_of(frame, packet)
            for at in range(0, len(payload), size):
                flags = packet.flags if at + size >= len(payload) else packet.flags & ~FIN
                pieces.append(later(with_segment(frame, packet, payload[at:at + size], flags=flags,
                                                 sequence=(packet.sequence + at) & 0xFFFFFFFF), at))
        yield pieces
    return transform


@dataclasses.dataclass
class _Flow:
    """What one side sends: how much more that is by now, and was behind each segment."""
    grown: int = 0
    grown_behind: dict = dataclasses.field(default_factory=dict)
    next: int = None
    is_encrypted: bool = False

    def repacked(self, payload, size):
        """A segment's payload with its handshake messages in records of this size, if it holds whole records; what
        comes behind a ChangeCipherSpec stays as it is."""
        records, messages, version, at = b"", b"", b"", 0
        while at + RECORD_HEADER <= len(payload) and payload[at] in RECORD_TYPES:
            end = at + RECORD_HEADER + int.from_bytes(payload[at + 3:at + RECORD_HEADER], "big")
            if payload[at] == HANDSHAKE and not self.is_encrypted:
                messages, version = messages + payload[at + RECORD_HEADER:end], payload[at:at + 3]
            else:
                records += _records(messages, version, size) + payload[at:end]
                messages, self.is_encrypted = b"", self.is_encrypted or payload[at] != ALERT
            at = end
        return records + _records(messages, version, size) if at == len(payload) else payload


def _records(content, start, size):
    pieces = [content[at:at + size] for at in range(0, len(content), size)]
    return b"".join(start + len(piece).to_bytes(2, "big") + piece for piece in pieces)


def repacked(size):
    """Each side's handshake messages packed into records of a size, wherever one ends and the next begins. Captures
    that are not in order, or cut, are left out."""
    def transform(frames):
        made, flows, segments = [], {}, segments_of(frames)
        for position, frame in enumerate(frames):
            packet = segments.get(position)
            if packet is None:
                made.append(frame)
                continue
            ends = packet.sender, packet.receiver
            if packet.flags & SYN:
                flows[ends] = _Flow()
            flow, other = flows.setdefault(ends, _Flow()), flows.setdefault(ends[::-1], _Flow())
            is_cut = frame.length != len(frame.data)
            if is_cut or (packet.length and flow.next not in (None, packet.sequence)):
                return
            payload = flow.repacked(payload_of(frame, packet), size)
            sequence = packet.sequence + flow.grown
            flow.grown += len(payload) - packet.length
            flow.next = flow.next if packet.end == packet.sequence else packet.end
            flow.grown_behind[packet.end] = flow.grown
            acknowledged = packet.acknowledged + other.grown_behind.get(packet.acknowledged, other.grown)
            made.append(with_segment(frame, packet, payload, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF))
        yield made
    return transform


def window_probes(frames):
    """The first byte of one segment each comes before it, by itself."""
    for position, packet in segments_of(frames).items():
        if packet.length > 1:
            probe = with_segment(frames[position], packet, payload_of(frames[position], packet)[:1],
                                 flags=packet.flags & ~FIN)
            yield [*frames[:position], probe, later(frames[position], 10 * MICROSECOND), *frames[position + 1:]]


def early_acknowledgements(frames):
    """One acknowledgement or answer each stands before the segment it answers."""
    segments = segments_of(frames)
    for position, packet in segments.items():
        answer = next((at for at, other in segments.items() if at > position and other.sender == packet.receiver
                       and other.receiver == packet.sender and other.flags & ACK), None)
        if answer is None or not packet.length or segments[answer].acknowledged != packet.end:
            continue
        times = [frame.time for frame in frames]
        order = [*frames[:position], frames[answer], *frames[position:answer], *frames[answer + 1:]]
        yield [dataclasses.replace(frame, time=time) for frame, time in zip(order, times)]


def early_answers(frames):
    """The answer of a name server before the question."""
    for position in range(len(frames) - 1):
        packets = [packet_in(frame) for frame in frames[position:position + 2]]
        if all(packet and packet.protocol == UDP for packet in packets) and packets[0].sender == packets[1].receiver:
            first, second = frames[position:position + 2]
            yield [*frames[:position], dataclasses.replace(second, time=first.time),
                   dataclasses.replace(first, time=second.time), *frames[position + 2:]]


def one_side(client):
    """What one side sent, alone."""
    def transform(frames):
        yield [frame for frame, is_client in zip(frames, _is_from_client(frames)) if is_client == client]
    return transform


def beginning_at(time):
    """With a clock that stood at another time."""
    def transform(frames):
        yield [later(frame, time - frames[0].time) for frame in frames]
    return transform


def without_times(frames):
    """Without time stamps; a block that has none cannot tell a frame that is cut short."""
    if all(frame.length == len(frame.data) for frame in frames):
        yield [dataclasses.replace(frame, time=None) for frame in frames]


def without_identifications(frames):
    """IPv4 packets whose identification is 0, as many that must not be fragmented have it (RFC 6864 section 4.1)."""
    yield [dataclasses.replace(frame, data=frame.data[:18] + bytes(2) + frame.data[20:])
           if frame.data[12:14] == b"\x08\x00" else frame for frame in frames]


def ip_fragments(size):
    """IPv4 packets in fragments."""
    def transform(frames):
        yield [fragment for frame in frames for fragment in _fragments(frame, size)]
    return transform


def _fragments(frame, size):
    packet = packet_in(frame)
    if packet is None or frame.data[12:14] != b"\x08\x00" or packet.payload + packet.length - packet.transport <= size:
        return [frame]
    header, body = frame.data[:packet.transport], frame.data[packet.transport:packet.payload + packet.length]
    pieces = []
    for at in range(0, len(body), size):
        data = bytearray(header + body[at:at + size])
        struct.pack_into(">H", data, 16, len(data) - ETHERNET_HEADER)
        struct.pack_into(">H", data, 20, (0x2000 if at + size < len(body) else 0) | at // 8)
        pieces.append(dataclasses.replace(frame, data=bytes(data), length=len(data)))
    return pieces


def beginnings(frames):
    """Begun late: without its first frames."""
    yield from (frames[first:] for first in range(1, len(frames)))


def ends(frames):
    """Ended early: without its last frames."""
    yield from (frames[:count] for count in range(1, len(frames)))


def as_captured(frames):
    """The frames as they are."""
    yield frames


def after(*transforms):
    """One form behind another."""
    def transform(frames):
        variants = [frames]
        for each in transforms:
            variants = [variant for before in variants for variant in each(before)]
        yield from variants
    return transform


@dataclasses.dataclass(frozen=True)
class Form:
    """A form: what it makes of a capture's frames, the rule for its answer, and the preferences set."""
    transform: object
    rule: str
    preferences: tuple = ()
    per_frame: bool = False  # one variant for each frame
    spared: tuple = ()  # captures of which more is said than should be, for the reason given beside them
    by_address: bool = False  # with a row for the server's address, should its name not be seen

    def variants(self, frames):
        """The capture in this form: a list of frames for each."""
        return [variant for variant in self.transform(frames) if variant]


FORMS = {
    "copies-2": Form(copies(2, MICROSECOND), UNLESS_NOTED),
    "copies-3": Form(copies(3, 2 * MICROSECOND), UNLESS_NOTED),
    "copies-3-late": Form(copies(3, 60 * MICROSECOND, late=True), UNLESS_NOTED),
    "fast-retransmission": Form(fast_retransmissions, UNLESS_NOTED, per_frame=True),
    "late-retransmission": Form(late_retransmissions, UNLESS_NOTED, per_frame=True),
    "two-sides-5-ms": Form(two_sides(5 * MILLISECOND), UNLESS_NOTED),
    "two-sides-15-ms": Form(two_sides(15 * MILLISECOND), UNLESS_NOTED),
    "two-sides-90-ms": Form(two_sides(90 * MILLISECOND), UNLESS_NOTED),
    "two-sides-190-ms": Form(two_sides(190 * MILLISECOND), UNLESS_NOTED),
    "two-sides-50-ms-unidentified": Form(after(without_identifications, two_sides(50 * MILLISECOND)), UNLESS_NOTED),
    "two-sides-clock-behind": Form(two_sides(15 * MILLISECOND, 40 * MILLISECOND), UNLESS_NOTED),
    "two-sides-clock-ahead": Form(two_sides(15 * MILLISECOND, -40 * MILLISECOND), UNLESS_NOTED),
    **{f"cut-{snaplen}": Form(cut(snaplen), NO_INVENTION)
       for snaplen in (64, 96, 128, 192, 256, 384, 512, 768, 1024, 1500)},
    # The client asks over IPv4 and connects over IPv6: with the address cut off the answer, nothing ties the two.
    **{f"cut-{snaplen}-row": Form(cut(snaplen), NO_INVENTION, by_address=True,
                                  spared=("name-with-aaaa-only",))
       for snaplen in (96, 128, 256)},
    "loss": Form(losses, NO_INVENTION, per_frame=True),
    "swap": Form(swaps, NO_INVENTION, per_frame=True),
    "swap-all": Form(all_swapped, NO_INVENTION),
    "overlap": Form(overlaps, NO_INVENTION, per_frame=True),
    "overlap-all-1": Form(all_overlap(1), NO_INVENTION),
    "overlap-all-5": Form(all_overlap(5), NO_INVENTION),
    **{f"repacked-{size}": Form(after(repacked(size), in_segments(536)), EQUAL) for size in (40, 300, 1000)},
    "window-probe": Form(window_probes, UNLESS_NOTED, per_frame=True),
    "early-acknowledgement": Form(early_acknowledgements, NO_INVENTION, per_frame=True),
    # While A alone was asked for, its empty answer says that there is no address.
    "early-dns-answer": Form(early_answers, NO_INVENTION, spared=("name-with-aaaa-only",)),
    # A question asked again after a second: at that frame no answer is in the capture, and one that has lost all answers
    # looks like one of a name server that is down.
    "client-only": Form(one_side(True), NO_INVENTION, spared=("name-asked-again",)),
    "server-only": Form(one_side(False), NO_INVENTION),
    "client-only-row": Form(one_side(True), NO_INVENTION, by_address=True, spared=("name-asked-again",)),
    "server-only-row": Form(one_side(False), NO_INVENTION, by_address=True),
    "time-0": Form(beginning_at(0), UNDATED),
    "time-2000": Form(beginning_at(Y2000), UNDATED),
    "time-2101": Form(beginning_at(Y2101), UNDATED),
    "without-times": Form(without_times, NO_INVENTION),
    "ip-fragments-64": Form(ip_fragments(64), EQUAL),
    "ip-fragments-576": Form(ip_fragments(576), EQUAL),
    # What was not TLS came before the Client Hello that the capture begins with: without it the server refuses.
    "beginning": Form(beginnings, NO_INVENTION, per_frame=True, spared=("not-tls-before-hello",)),
    # An error counts on its frame; whether the session gets over it is behind the end of these captures.
    "end": Form(ends, NO_INVENTION, per_frame=True,
                spared=("certificate-expired-connected", "http-401-then-200", "proxy-407-then-200")),
    "no-tcp-reassembly": Form(as_captured, NO_INVENTION, ("tcp.desegment_tcp_streams:FALSE",)),
    "no-tls-reassembly": Form(as_captured, NO_INVENTION, ("tls.desegment_ssl_records:FALSE",)),
    "no-tls-data-reassembly": Form(as_captured, NO_INVENTION, ("tls.desegment_ssl_application_data:FALSE",)),
    "no-http-reassembly": Form(as_captured, NO_INVENTION, ("http.desegment_headers:FALSE",
                                                           "http.desegment_body:FALSE")),
    # What has been swapped is then handed on all the same.
    "no-sequence-analysis": Form(as_captured, EQUAL, ("tcp.analyze_sequence_numbers:FALSE",),
                                 spared=("tunnel-frames-swapped", "tunnel-segments-out-of-order")),
    "absolute-sequence-numbers": Form(as_captured, EQUAL, ("tcp.relative_sequence_numbers:FALSE",)),
    # So is what came out of order, but in its order.
    "out-of-order-reassembly": Form(as_captured, UNLESS_NOTED, ("tcp.reassemble_out_of_order:TRUE",),
                                    spared=("tunnel-segments-out-of-order",)),
    "out-of-order-reassembly-swap": Form(swaps, NO_INVENTION, per_frame=True,
        preferences=("tcp.reassemble_out_of_order:TRUE",)),
    "out-of-order-reassembly-loss": Form(losses, NO_INVENTION, per_frame=True,
        preferences=("tcp.reassemble_out_of_order:TRUE",)),
    "out-of-order-reassembly-copies": Form(copies(3, 2 * MICROSECOND), UNLESS_NOTED,
                                           ("tcp.reassemble_out_of_order:TRUE",)),
    "no-sequence-analysis-loss": Form(losses, NO_INVENTION, per_frame=True,
        preferences=("tcp.analyze_sequence_numbers:FALSE",)),
    "no-sequence-analysis-overlap": Form(all_overlap(5), NO_INVENTION, ("tcp.analyze_sequence_numbers:FALSE",)),
    "no-sequence-analysis-copies": Form(copies(3, 2 * MICROSECOND), UNLESS_NOTED,
                                        ("tcp.analyze_sequence_numbers:FALSE",)),
    "copies-cut-128": Form(after(copies(2, MICROSECOND), cut(128)), NO_INVENTION),
    "copies-cut-256": Form(after(copies(3, 2 * MICROSECOND), cut(256)), NO_INVENTION),
}
