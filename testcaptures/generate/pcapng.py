"""Reads and writes pcapng files: frames, comment and session keys, nothing of the machine.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct
from dataclasses import dataclass

SECTION_HEADER, INTERFACE, SIMPLE_PACKET, ENHANCED_PACKET, SECRETS = 0x0A0D0D0A, 1, 3, 6, 10
OPT_COMMENT, SHB_APPLICATION, IDB_NAME, IDB_RESOLUTION = 1, 4, 2, 9
TLS_KEY_LOG = 0x544C534B
NANOSECONDS = 1_000_000_000


@dataclass
class Frame:
    """One captured frame: `time` in nanoseconds since 1970, None for no time stamp; `length` as it
    was on the wire; `link_type` of the interface, None for the capture's."""
    time: int
    data: bytes
    length: int
    link_type: int = None


@dataclass
class Capture:
    """Frames of an interface for each link type. `keys` is the text of a TLS key log, empty if there is none."""
    frames: list
    link_type: int = 1
    snaplen: int = 262144
    keys: bytes = b""


def read(path):
    """Reads a little-endian pcapng file with one interface, as dumpcap writes it."""
    content = path.read_bytes()
    capture, resolution, offset = Capture([]), 1_000_000, 0
    while offset < len(content):
        kind, length = struct.unpack_from("<II", content, offset)
        body = content[offset + 8:offset + length - 4]
        if kind == INTERFACE:
            capture.link_type, _, capture.snaplen = struct.unpack_from("<HHI", body)
            resolution = _resolution(body[8:], resolution)
        elif kind == ENHANCED_PACKET:
            _, high, low, captured, wire = struct.unpack_from("<IIIII", body)
            ticks = high << 32 | low
            capture.frames.append(Frame(ticks * NANOSECONDS // resolution,
                                        body[20:20 + captured], wire))
        elif kind == SECRETS:
            length_of_keys, = struct.unpack_from("<I", body, 4)
            capture.keys += body[8:8 + length_of_keys]
        offset += length
    return capture


def write(path, capture, comment, application):
    """Writes a capture, with an interface for each link type; `comment` and the capturing `application`
    go into the section header."""
    blocks = [_block(SECTION_HEADER, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options(
        (OPT_COMMENT, comment.encode()), (SHB_APPLICATION, application.encode())))]
    link_types = list(dict.fromkeys([capture.link_type, *(frame.link_type for frame in capture.frames
                                                          if frame.link_type is not None)]))
    blocks += [_block(INTERFACE, struct.pack("<HHI", link_type, 0, capture.snaplen) + _options(
        (IDB_NAME, f"eth{number}".encode()), (IDB_RESOLUTION, b"\x09")))
        for number, link_type in enumerate(link_types)]
    if capture.keys:
        blocks.append(_block(SECRETS, struct.pack("<II", TLS_KEY_LOG, len(capture.keys))
                             + capture.keys))
    blocks += [_packet(frame, 0 if frame.link_type is None else link_types.index(frame.link_type))
               for frame in capture.frames]
    path.write_bytes(b"".join(blocks))


def _packet(frame, interface):
    if frame.time is None:
        return _block(SIMPLE_PACKET, struct.pack("<I", frame.length) + frame.data)
    return _block(ENHANCED_PACKET, struct.pack(
        "<IIIII", interface, frame.time >> 32, frame.time & 0xFFFFFFFF, len(frame.data), frame.length)
        + frame.data)


def _resolution(options, default):
    offset = 0
    while offset + 4 <= len(options):
        code, length = struct.unpack_from("<HH", options, offset)
        if code == IDB_RESOLUTION:
            return 10 ** options[offset + 4]
        offset += 4 + length + -length % 4
    return default


def _options(*pairs):
    encoded = b"".join(struct.pack("<HH", code, len(value)) + _padded(value)
                       for code, value in pairs)
    return encoded + struct.pack("<HH", 0, 0)


def _padded(value):
    return value + bytes(-len(value) % 4)


def _block(kind, body):
    body = _padded(body)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length
