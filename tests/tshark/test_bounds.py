"""Tests that a hostile capture grows nothing without bound, and that at the bound all still works.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import sandbox
import traffic

SERVER = "203.0.113.10"
CLIENT = "192.0.2.10"
RESOLVER = "198.51.100.53"
BY_ADDRESS = [("", SERVER)]
BY_WILDCARD = [("*.example.com",)]
NULL_SHA256 = 0x003B
ONLY_NULL, NULL_FIRST = 3, 4
MS = 1_000_000


def constant(name):
    """The value of a constant of the plugin's, so that the tests follow it."""
    for source in sorted((sandbox.SOURCE / "plugin").rglob("*.[ch]")):
        found = re.search(rf"(#define |\b){name} (= )?(\d+)", source.read_text(encoding="utf-8"))
        if found:
            return int(found[3])
    raise KeyError(name)


@pytest.fixture
def capture(tmp_path):
    """Writes frames as a capture and returns its path."""
    def write(frames, **options):
        path = tmp_path / "made.pcap"
        traffic.write(path, frames, **options)
        return path
    return write


def client(number):
    """A client's address of its own."""
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def question(number, name):
    return traffic.dns_frame(CLIENT, RESOLVER, traffic.dns_message(number, name))


def answer(number, name, addresses):
    return traffic.dns_frame(CLIENT, RESOLVER, traffic.dns_message(number, name, addresses),
                             is_response=True)


def tagged(tshark, path, *fields, **options):
    """The given fields of each frame of the sessions tagged."""
    return tshark.fields(path, *fields, display_filter="iphttps", **options)


def sessions(tshark, path, **options):
    """How many sessions are tagged."""
    rows = tagged(tshark, path, "iphttps.session", **options)
    return len({row["iphttps.session"][0] for row in rows})


def test_sessions_of_a_capture(tshark, capture):
    most = constant("CAPTURE_SESSIONS_MAX")
    frames = []
    for number in range(most + 10):
        traffic.Connection(frames, client(number), SERVER, 50000).syn()
    last = tagged(tshark, capture(frames), "iphttps.session", "frame.number",
                  endpoints=BY_ADDRESS)[-1]
    assert last == {"iphttps.session": [str(most - 1)], "frame.number": [str(most)]}


def test_lookups_under_way(tshark, capture):
    most = constant("CAPTURE_LOOKUPS_MAX")
    names = [f"h{number}.example.com" for number in range(most + 10)]
    frames = [question(number, name) for number, name in enumerate(names)]
    assert sessions(tshark, capture(frames), endpoints=BY_WILDCARD) == most


def test_addresses_of_an_answer(tshark, capture):
    most = constant("OBSERVATION_ADDRESSES_MAX")
    addresses = [f"203.0.113.{number}" for number in range(1, most + 2)]
    frames = [question(1, "da.example.com"), answer(1, "da.example.com", addresses)]
    for port, address in enumerate(addresses, 50000):
        traffic.Connection(frames, CLIENT, address, port).syn()
    path = capture(frames)
    known = [row["ip.dst"][0] for row in tagged(tshark, path, "ip.dst", endpoints=BY_WILDCARD)]
    assert known[2:] == addresses[:most]


def test_addresses_of_names(tshark, capture):
    most = constant("CAPTURE_NAMED_ADDRESSES_MAX")
    addresses = [f"203.{number >> 8}.113.{number & 255}" for number in range(most + 5)]
    frames = []
    for number, address in enumerate(addresses):
        name = f"h{number}.example.com"
        frames += [question(number, name), answer(number, name, [address])]
    for address in addresses:
        traffic.Connection(frames, CLIENT, address, 50000).syn()
    path = capture(frames)
    known = [row["ip.dst"][0] for row in tshark.fields(
        path, "ip.dst", display_filter="iphttps && tcp", endpoints=BY_WILDCARD)]
    assert known == addresses[:most]


def test_icmp_errors_about_many_attempts(tshark, capture):
    """Each error finds its attempt, however many there are: the time is that of tshark itself."""
    frames = []
    for number in range(20_000):
        traffic.Connection(frames, client(number), SERVER, 50000).syn()
    frames += [traffic.unreachable("192.0.2.1", syn) for syn in list(frames)]
    rows = tshark.fields(capture(frames), "iphttps.session", endpoints=BY_ADDRESS,
                         display_filter="iphttps.finding == connect_unreachable")
    assert [int(row["iphttps.session"][0]) for row in rows] == list(range(20_000))


def test_what_looks_like_many_heads(tshark, capture):
    """Behind a request for the tunnel's path its answer is looked for, but not for ever."""
    frames = []
    connection = traffic.Connection(frames, CLIENT, SERVER, 50000, 80).connect()
    connection.client(b"POST /IPHTTPS HTTP/1.1\r\nHost: da.example.com\r\n\r\n")
    for _ in range(1000):
        connection.server(b" \nPOST \n" * 7_000)
    assert tagged(tshark, capture(frames), "iphttps.session") == []


@pytest.mark.parametrize("beyond, tag", [(0, ONLY_NULL), (1, NULL_FIRST)])
def test_cipher_suites_of_a_client_hello(tshark, capture, beyond, tag):
    """Behind the last suite looked at there might be an encrypted one."""
    suites = [NULL_SHA256] * (constant("SUITES_MAX") + beyond)
    frames = []
    traffic.Connection(frames, CLIENT, SERVER, 50000).connect().client(traffic.client_hello(suites))
    rows = tagged(tshark, capture(frames), "iphttps.tagged_by")
    assert [row["iphttps.tagged_by"] for row in rows] == [[str(tag)]]


@pytest.mark.parametrize("beyond, endpoint", [(0, "{name}:443"), (1, f"{SERVER}:443")])
def test_length_of_a_server_name(tshark, capture, beyond, endpoint):
    """A name longer than hosts can have is no name."""
    name = ("a" * 49 + ".") * 5
    name += "b" * (constant("ENDPOINT_NAME_MAX") + beyond - len(name))
    frames = []
    traffic.Connection(frames, CLIENT, SERVER, 50000).connect().client(
        traffic.client_hello([NULL_SHA256], name))
    rows = tagged(tshark, capture(frames), "iphttps.endpoint")
    assert [row["iphttps.endpoint"] for row in rows] == [[endpoint.format(name=name)]]


def element(der, offset):
    """Where the content of a DER element begins, and where the element ends."""
    length, content = der[offset + 1], offset + 2
    if length & 0x80:
        content += length & 0x7F
        length = int.from_bytes(der[offset + 2:content], "big")
    return content, content + length


def issuer_of(der):
    """The DER of the issuer's name, behind version, number and algorithm (RFC 5280 section 4.1)."""
    to_be_signed, _ = element(der, 0)
    issuer, _ = element(der, to_be_signed)
    for _ in range(3):
        _, issuer = element(der, issuer)
    _, end = element(der, issuer)
    return der[issuer:end]


def client_certificate(tshark, scenario):
    shown = tshark.fields(sandbox.capture_of(scenario), "tls.handshake.certificate",
                          display_filter="tls.handshake.type == 11 && tcp.dstport == 443")
    return bytes.fromhex(shown[0]["tls.handshake.certificate"][0])


@pytest.fixture(scope="module")
def machine(tshark):
    """A client's certificate."""
    return client_certificate(tshark, "healthy-client-certificate")


@pytest.fixture(scope="module")
def stranger(tshark):
    """One of another issuer."""
    return client_certificate(tshark, "client-certificate-wrong-ca")


def mutual_handshake(authorities, chain):
    """The chain is one of certificates, or what the client sends in its place."""
    frames = []
    connection = traffic.Connection(frames, CLIENT, SERVER, 50000).connect()
    connection.client(traffic.client_hello([NULL_SHA256], "da.example.com"))
    connection.server(traffic.server_hello(NULL_SHA256) + traffic.certificate([b"junk"]))
    connection.server(authorities)
    connection.client(chain if isinstance(chain, bytes) else traffic.certificate(chain))
    return frames


def raised(tshark, path):
    rows = tagged(tshark, path, "iphttps.finding", endpoints=BY_ADDRESS)
    return {slug for row in rows for slug in row["iphttps.finding"]}


@pytest.mark.parametrize("beyond, told", [(-1, True), (0, False)])
def test_authorities_of_a_certificate_request(tshark, capture, machine, beyond, told):
    """Where the list is as long as what is looked at, the issuer may be in the rest of it."""
    count = constant("OBSERVATION_AUTHORITIES_MAX") + beyond
    authorities = [traffic.distinguished_name(f"CA {number}") for number in range(count)]
    frames = mutual_handshake(traffic.certificate_request(authorities), [machine])
    assert ("client_certificate_issuer_not_listed" in raised(tshark, capture(frames))) == told


def test_chain_ends_with_its_message(tshark, capture, machine, stranger):
    """What a second Certificate message of the same frame shows belongs to another handshake."""
    both = traffic.certificate([stranger]) + traffic.certificate([machine])
    frames = mutual_handshake(traffic.certificate_request([issuer_of(machine)]), both)
    assert "client_certificate_issuer_not_listed" in raised(tshark, capture(frames))


@pytest.mark.parametrize("beyond, told", [(0, False), (1, True)])
def test_certificates_of_a_chain(tshark, capture, machine, stranger, beyond, told):
    """What the listed CA has issued is the last certificate looked at, or the one behind it."""
    chain = [stranger] * (constant("OBSERVATION_CERTIFICATES_MAX") - 1 + beyond) + [machine]
    frames = mutual_handshake(traffic.certificate_request([issuer_of(machine)]), chain)
    assert ("client_certificate_issuer_not_listed" in raised(tshark, capture(frames))) == told
