"""Files that captures come in beside pcapng: by Wireshark's own programs where they can, else written here.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct

import links
import pcapng  # of testcaptures/generate; cases.py has it found

SNAPLEN = 262144
SECOND, MICROSECOND = 1_000_000_000, 1_000
MICROSECONDS, NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D  # pcap's magic numbers

# https://gitlab.com/wireshark/wireshark/-/blob/master/wiretap/netscaler.c
NSTRACE_SIGNATURE, NSTRACE_TIME, NSTRACE_ETHERNET = 1, 7, 1
NSTRACE_RECEIVED = {20: 0xA2, 30: 0xAA, 35: 0xAE}
NSTRACE_PAGE = {20: 8192, 30: 16384, 35: 16384}


def pcap(order, magic, unit):
    """A writer of pcap files in a byte order, with times in a unit of so many nanoseconds."""
    def write(_tshark, path, frames):
        records = [struct.pack(order + "IIII", frame.time // SECOND, frame.time % SECOND // unit, len(frame.data),
                               frame.length) + frame.data for frame in frames]
        path.write_bytes(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, SNAPLEN, links.ETHERNET) + b"".join(records))
    return write


def pcapng_big_endian(_tshark, path, frames):
    """A pcapng file of a machine with the other byte order, with times in nanoseconds."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        length = struct.pack(">I", len(body) + 12)
        return struct.pack(">I", kind) + length + body + length
    blocks = [block(pcapng.SECTION_HEADER, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1)),
              block(pcapng.INTERFACE, struct.pack(">HHIHHB3xHH", links.ETHERNET, 0, SNAPLEN, pcapng.IDB_RESOLUTION, 1,
                                                  9, 0, 0))]
    blocks += [block(pcapng.ENHANCED_PACKET, struct.pack(">IQII", 0, frame.time, len(frame.data), frame.length)
                     + frame.data) for frame in frames]
    path.write_bytes(b"".join(blocks))


def _nstrace_record(version, frame):
    """A packet as it was received; before it stand time, connections, length, VLAN and core."""
    header = struct.pack("<BQII", 1, frame.time, 7, 8)
    header += struct.pack("<H", frame.length) if version >= 30 else b""
    header += bytes(4)
    if version == 35:
        header += struct.pack("<HBBIB", 3 + len(header) + 9, 0, 0, 0, NSTRACE_ETHERNET)
    else:
        header += bytes(7 + (3 if version == 30 else 1) + 16)
    length = 3 + len(header) + len(frame.data)
    return bytes([NSTRACE_RECEIVED[version], length & 0x7F | 0x80, length >> 7]) + header + frame.data


def nstrace(version):
    """A writer of traces of a NetScaler, pages of records; from 3.0 on a record may go on in the next page."""
    def write(_tshark, path, frames):
        page = NSTRACE_PAGE[version]
        maker = "NetScaler" if version == 20 else "Netscaler"
        signature = f"{maker} V{version} Performance Data".encode() + b"\0"
        trace = bytearray(struct.pack("BBB", NSTRACE_SIGNATURE, 3 + len(signature), 1) + signature)
        trace += struct.pack("<BBHI", NSTRACE_TIME, 8, 0, frames[0].time // SECOND)
        for frame in frames:
            record = _nstrace_record(version, frame)
            whole = len(record) if version == 20 else len(record) - len(frame.data)
            left = page - len(trace) % page
            trace += (bytes(left) if left <= whole else b"") + record
        path.write_bytes(trace + bytes(-len(trace) % page))
    return write


def erf(_tshark, path, frames):
    """Records of an Endace card."""
    path.write_bytes(b"".join(links.erf_record(frame.data, frame.length, frame.time) for frame in frames))


def edited(file_type):
    """A writer by editcap."""
    def write(tshark, path, frames):
        captured = path.with_suffix(".edited")
        captured.unlink(missing_ok=True)
        pcapng.write(captured, pcapng.Capture(frames), "", "")
        captured.chmod(0o644)
        done = tshark.run("-F", file_type, captured, path, program="editcap")
        assert done.returncode == 0, done.stderr
    return write


FILE_TYPES = {
    "pcap": pcap("<", MICROSECONDS, MICROSECOND),
    "pcap-big-endian": pcap(">", MICROSECONDS, MICROSECOND),
    "pcap-nanoseconds": pcap("<", NANOSECONDS, 1),
    "pcap-nanoseconds-big-endian": pcap(">", NANOSECONDS, 1),
    "pcapng-big-endian": pcapng_big_endian,
    "nstrace-2.0": nstrace(20),
    "nstrace-3.0": nstrace(30),
    "nstrace-3.5": nstrace(35),
    "netmon-2": edited("netmon2"),
    "snoop": edited("snoop"),
    "erf": erf,
    "sniffer": edited("ngwsniffer_2_0"),
    "commview": edited("commview-ncf"),
}
