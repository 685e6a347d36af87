#!/usr/bin/env python3
"""Makes the fuzzers' first inputs from the test captures, as tshark without the plugin sees them.

usage: seed.py FOLDER, which gets a folder for each fuzzer

SPDX-License-Identifier: GPL-2.0-or-later
"""
import hashlib
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = SOURCE / "testcaptures"
sys.path[:0] = [str(SOURCE / "tests" / "tshark"), str(CAPTURES / "generate")]

# pylint: disable=wrong-import-position
import links
import pcapng

FIELDS = """frame.time_epoch ip.src ipv6.src tcp.srcport tcp.stream tcp.len tcp.flags icmp.type
    tls.handshake.type tls.handshake.ciphersuite tls.handshake.certificate tls.record.content_type
    tls.alert_message.level tls.alert_message.desc http.request.method http.response.code
    tcp.analysis.retransmission dns.qry.name dns.qry.type dns.flags.response dns.flags.rcode
    dns.flags.truncated dns.a dns.aaaa dns.id tcp.payload udp.payload""".split()

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
CUT_POSITION = b"\x80\x00"  # the first bytes of fuzz_tunnel's input

# What fuzz_session.c has under these positions.
KNOWN_ROW = 0x01
FRAME_FROM_CLIENT, FRAME_ASIDE = 0x01, 0x40
OUR_NAME, OTHER_NAME = 0, 1
SUITES = [0x003B, 0x0002, 0x0001, 0xC030, 0x002F, 0x1301, 0x00FF, 0x5600, 0x0A0A]
ANOTHER_ENCRYPTED_SUITE = SUITES.index(0xC030)
HANDSHAKE_FACTS = {1: 7, 2: 8, 11: 9, 13: 10, 16: 11, 20: 12}  # message -> bit in observation_facts
CHANGE_CIPHER_SPEC, APPLICATION_DATA = "20", "23"
HANDSHAKE_RECORD, RECORD_HEADER = b"\x16\x03", 5
DNS_LENGTH = 2  # over TCP
PACKETS_IN = ["ethernet", "loose-source-route", "ah", "hop-by-hop-options", "atomic-fragments", "routing-0", "routing-4",
              "home-address"]


def tshark(home, *arguments):
    """What tshark prints, without any plugin of the user's."""
    environment = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC",
                   "WIRESHARK_PLUGIN_DIR": home}
    return subprocess.run(["tshark", "-n", *map(str, arguments)], env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


def frames_of(home, capture):
    """For each frame a dict of the lists of its fields' texts."""
    arguments = ["-r", capture, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"]
    for name in FIELDS:
        arguments += ["-e", name]
    return [{name: text.split("|") if text else [] for name, text in zip(FIELDS, line.split("\t"))}
            for line in tshark(home, *arguments).splitlines()]


def suite_positions(texts):
    numbers = [int(text, 0) for text in texts]
    return bytes(SUITES.index(number) if number in SUITES else ANOTHER_ENCRYPTED_SUITE
                 for number in numbers)


class SessionSeed:
    """Writes the frames of a capture in the format of fuzz_session.c."""

    def __init__(self, is_known):
        self.content = bytearray([KNOWN_ROW if is_known else 0])
        self.time = None
        self.client = None
        self.spoken = set()

    def add(self, frame, aside):
        sender = (*frame["ip.src"][:1], *frame["ipv6.src"][:1])
        self.client = self.client or sender
        from_client = sender == self.client
        bits, particulars = self._facts(frame, from_client)
        time = float(frame["frame.time_epoch"][0])
        delay = min(255, math.isqrt(int((time - (self.time or time)) * 1000)))
        self.time = time
        length = int(frame["tcp.len"][0]) if frame["tcp.len"] else 0
        self.content += bytes([(FRAME_FROM_CLIENT if from_client else 0)
                               | (FRAME_ASIDE if aside else 0), delay])
        self.content += sum(1 << bit for bit in bits).to_bytes(3, "little")
        self.content += struct.pack("<H", min(length, 0xFFFF))
        self.content += b"".join(particulars[bit] for bit in sorted(particulars))

    def _facts(self, frame, from_client):
        bits, particulars = set(), {}
        self._tcp(frame, from_client, bits, particulars)
        self._tls(frame, from_client, bits, particulars)
        self._http(frame, bits, particulars)
        self._dns(frame, bits, particulars)
        return bits, particulars

    def _tcp(self, frame, from_client, bits, particulars):
        flags = int(frame["tcp.flags"][0], 16) if frame["tcp.flags"] else 0
        if flags & SYN:
            bits.add(1 if flags & ACK else 0)
        if flags & FIN:
            bits.add(2)
        if flags & RST:
            bits.add(3)
        if frame["tcp.analysis.retransmission"]:
            bits.add(4)
        if frame["icmp.type"]:
            bits.add(6)
        if not from_client and frame["tcp.len"] not in ([], ["0"]) and 5 not in self.spoken:
            self.spoken.add(5)
            bits.add(5)
            particulars[5] = bytes([6, 22, 3, 3, 0, 100, 2])

    @staticmethod
    def _tls(frame, from_client, bits, particulars):
        bits |= {HANDSHAKE_FACTS[int(kind)] for kind in frame["tls.handshake.type"]
                 if int(kind) in HANDSHAKE_FACTS}
        if 7 in bits:
            suites = suite_positions(frame["tls.handshake.ciphersuite"])[:100]
            particulars[7] = bytes([0, len(suites)]) + suites
        if 8 in bits:
            particulars[8] = suite_positions(frame["tls.handshake.ciphersuite"][:1]) or b"\0"
        if 9 in bits:
            count = min(10, len(frame["tls.handshake.certificate"]))
            particulars[9] = bytes([count]) + bytes([9 if from_client else 0] * count)
        if 10 in bits:
            particulars[10] = bytes([1, 9])
        if frame["tls.alert_message.desc"]:
            bits.add(14)
            particulars[14] = bytes([int(frame["tls.alert_message.level"][0]),
                                     int(frame["tls.alert_message.desc"][0])])
        if CHANGE_CIPHER_SPEC in frame["tls.record.content_type"]:
            bits.add(12)
        if APPLICATION_DATA in frame["tls.record.content_type"]:
            bits.add(15)

    def _http(self, frame, bits, particulars):
        if "CONNECT" in frame["http.request.method"]:
            bits.add(16)
            particulars[16] = bytes([0]) + struct.pack("<H", 443)
            self.spoken.add(16)
        elif "POST" in frame["http.request.method"]:
            bits.add(18)
            particulars[18] = bytes([3])
            self.spoken.add(18)
        if frame["http.response.code"]:
            bit = 19 if 18 in self.spoken else 17
            bits.add(bit)
            status = struct.pack("<H", int(frame["http.response.code"][0]))
            particulars[bit] = status + bytes([OTHER_NAME])

    @staticmethod
    def _dns(frame, bits, particulars):
        if not frame["dns.qry.type"]:
            return
        is_answer = frame["dns.flags.response"][0] in ("1", "True")
        bit = 23 if is_answer else 22
        bits.add(bit)
        code = int(frame["dns.flags.rcode"][0]) if is_answer else 0
        addresses = len(frame["dns.a"]) + len(frame["dns.aaaa"])
        truncated = frame["dns.flags.truncated"][0] in ("1", "True")
        name = OUR_NAME if frame["dns.qry.name"][0].startswith("da.") else OTHER_NAME
        particulars[bit] = bytes([name, int(frame["dns.qry.type"][0]) & 0xFF, code, addresses,
                                  truncated])


def decrypted_records(home, capture):
    """The content of each TLS record that tshark could read, from its hexadecimal dump."""
    records, current = [], None
    for line in tshark(home, "-r", capture, "-x").splitlines():
        words = line.split("  ")
        if line.startswith(("Frame (", "Reassembled TCP", "Decrypted TLS")):
            current = bytearray() if line.startswith("Decrypted TLS") else None
            if current is not None:
                records.append(current)
        elif current is not None and len(words) > 1:
            current += bytes.fromhex(words[1])
    return [bytes(record) for record in records if record]


def endpoint_lines(row):
    columns = [*row, "", "", "", ""][:4]
    return "\n".join([*columns, "da.example.com", "203.0.113.10"]).encode()


class Corpus:
    """The folders of first inputs; an input's name is its hash, so that none is there twice."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def add(self, fuzzer, content):
        place = self.folder / fuzzer
        place.mkdir(parents=True, exist_ok=True)
        (place / hashlib.sha1(content).hexdigest()).write_bytes(content)


def packets():
    """IP packets, most of them with options or extension headers."""
    for name in ("connect-unreachable-host", "connect-unreachable-ipv6"):
        for frame in pcapng.read(CAPTURES / f"{name}.pcapng").frames:
            for link in PACKETS_IN:
                yield from (made.data[links.ETHERNET_HEADER:] for made in links.LINKS[link].frames(frame))


def main():
    corpus = Corpus(sys.argv[1])
    for packet in packets():
        corpus.add("fuzz_ip_header", packet)
    expected = json.loads((CAPTURES / "expected.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as home:
        for name, scenario in expected.items():
            capture = CAPTURES / f"{name}.pcapng"
            if not capture.exists():
                continue
            for row in scenario["endpoints"]:
                corpus.add("fuzz_endpoint", endpoint_lines(row))
            session = SessionSeed(scenario["endpoints"])
            for frame in frames_of(home, capture):
                for der in frame["tls.handshake.certificate"]:
                    corpus.add("fuzz_certificate", bytes.fromhex(der.replace(":", "")))
                for payload in frame["tcp.payload"]:
                    content = bytes.fromhex(payload.replace(":", ""))
                    if content.startswith(HANDSHAKE_RECORD):
                        corpus.add("fuzz_tls_handshake", content)
                        corpus.add("fuzz_tls_handshake", content[RECORD_HEADER:])
                    if frame["dns.id"]:
                        corpus.add("fuzz_dns_message", content[DNS_LENGTH:])
                for payload in frame["udp.payload"]:
                    if frame["dns.id"]:
                        corpus.add("fuzz_dns_message", bytes.fromhex(payload.replace(":", "")))
                if frame["tcp.stream"] in ([], ["0"], ["1"]):
                    session.add(frame, aside=frame["tcp.stream"] == ["1"])
            corpus.add("fuzz_session", bytes(session.content))
            if not (CAPTURES / f"{name}.packets.json").exists():
                continue
            records = decrypted_records(home, capture)
            for content in {*records, b"".join(records)}:
                corpus.add("fuzz_tunnel", CUT_POSITION + content)


if __name__ == "__main__":
    main()
