"""What load balancers and proxies make of the exchange, and ports that Wireshark gives to others.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct

import pytest

import traffic
from test_tunnel import (ANSWER, NULL_SHA256, SOLICITATION, made, null_session, packet,
                         plain_session, records, take_handshake, tunnels)

__all__ = ["made"]  # a fixture

NAME, SERVER = "da.example.com", "203.0.113.10"
AES = 0x002F
ALERT = traffic.record(21, b"\x02\x28")
VERSIONLESS_ALERT = bytes.fromhex("15000000020228")
ENDLESS = b"Content-Length: 18446744073709551615\r\n"
LEARNED, BEHIND = "5", "6"
LOGIN = b"HTTP/1.1 407 Proxy Authentication Required\r\n"
INTERIM = {
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "two": b"HTTP/1.1 102 Processing\r\nServer: squid\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
}


def head(path=b"/IPHTTPS", length=ENDLESS):
    return b"POST " + path + b" HTTP/1.1\r\nHost: da.example.com\r\n" + length + b"\r\n"


def rows(port=443, address=SERVER, name=NAME):
    return [(name, address, str(port))]


def findings(tshark, capture, **options):
    """The findings of a capture in their order."""
    return [slug for row in tshark.fields(capture, "iphttps.finding", **options)
            for slug in row["iphttps.finding"]]


def opened(connection, wrapped, request, answer=ANSWER):
    """A tunnel with a packet in each direction."""
    connection.client(wrapped(request))
    connection.server(wrapped(answer))
    connection.client(wrapped(SOLICITATION))
    connection.server(wrapped(packet()))


ALTERED = {
    "2^63-1": head(length=b"Content-Length: 9223372036854775807\r\n"),
    "2^31-1": head(length=b"Content-Length: 2147483647\r\n"),
    "chunked": head(length=b"Transfer-Encoding: chunked\r\n"),
    "no length": head(length=b""),
    "another path": head(b"/tunnel"),
}
def proxy_session(frames, client_port, proxy_port):
    """The same handshake through CONNECT."""
    connection = plain_session(frames, client_port, proxy_port)
    connection.client(b"CONNECT da.example.com:443 HTTP/1.1\r\nHost: da.example.com:443\r\n\r\n")
    connection.server(b"HTTP/1.1 200 Connection established\r\n\r\n")
    return take_handshake(connection)


AS_SENT = {"endless": head(), "with a slash": head(b"/iphttps/")}


@pytest.mark.parametrize("session, port, wrapped", [
    (null_session, 443, records), (null_session, 8080, records), (plain_session, 80, bytes),
    (plain_session, 62000, bytes)])
@pytest.mark.parametrize("request_head", ALTERED.values(), ids=ALTERED)
def test_altered_request_opens_the_tunnel_of_a_configured_endpoint(
        tshark, made, session, port, wrapped, request_head, two_pass):
    frames = []
    opened(session(frames, 10000, port), wrapped, request_head)
    capture = made(frames)
    options = {"endpoints": rows(port), "two_pass": two_pass}
    assert findings(tshark, capture, **options) == ["request_altered", "connected"]
    assert tunnels(tshark, capture, **options) == {
        0: {"to_server": [SOLICITATION], "to_client": [packet()]}}


@pytest.mark.parametrize("session, port, wrapped", [(null_session, 443, records), (plain_session, 80, bytes)])
@pytest.mark.parametrize("first", [1, 10], ids="first {}".format)
@pytest.mark.parametrize("request_head", ALTERED.values(), ids=ALTERED)
def test_altered_request_is_known_that_comes_in_two_pieces(
        tshark, made, request_head, first, session, port, wrapped, two_pass):
    frames = []
    connection = session(frames, 10000, port)
    connection.client(wrapped(request_head[:first]))
    opened(connection, wrapped, request_head[first:])
    assert findings(tshark, made(frames), endpoints=rows(port), two_pass=two_pass) == ["request_altered", "connected"]


@pytest.mark.parametrize("request_head", ALTERED.values(), ids=ALTERED)
def test_altered_request_is_known_behind_a_proxy(tshark, made, request_head, two_pass):
    frames = []
    opened(proxy_session(frames, 10000, 8080), records, request_head)
    assert findings(tshark, made(frames), endpoints=rows(), two_pass=two_pass) == [
        "proxy_in_path", "request_altered", "connected"]


def last_one_cut(tshark, path, frames):
    """A capture that lacks the last 10 bytes of the last frame."""
    traffic.write(path, frames[:-1])
    record = traffic.pcap_record(traffic.START_NS + 1_000_000, frames[-1])
    kept = len(frames[-1]) - 10
    with open(path, "ab") as file:
        file.write(record[:8] + kept.to_bytes(4, "little") + record[12:16 + kept])
    return tshark.readable(path)


def test_answer_cut_by_the_capture_is_not_altered(tshark, tmp_path):
    frames = []
    connection = plain_session(frames, 10000, 80)
    connection.client(head())
    connection.server(ANSWER[:-2] + ENDLESS + b"\r\n")
    capture = last_one_cut(tshark, tmp_path / "cut.pcap", frames)
    assert findings(tshark, capture, endpoints=rows(80)) == ["capture_truncated", "connected"]


def told(tshark, capture, **options):
    """All that is said of the sessions of a capture."""
    return tshark.fields(capture, "iphttps.session", "iphttps.finding", "iphttps.finding.evidence",
                         "iphttps.windows_error", "iphttps.verdict", "iphttps.response.status", **options)


def asked_proxy(frames, interim, answer, flags):
    """A proxy's answer to CONNECT, and how the client ends the connection."""
    connection = plain_session(frames, 10000, 8080)
    connection.client(b"CONNECT da.example.com:443 HTTP/1.1\r\nHost: da.example.com:443\r\n\r\n")
    connection.server(interim + answer)
    connection.send(0, flags)


REFUSALS = {
    "403": (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", ["0x00002afc"]),
    "407, no login of Windows": (LOGIN + b"Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", ["0x00002afc"]),
    "407": (LOGIN + b"Proxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n", []),
    "407, the other login": (LOGIN + b"Proxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n", []),
    "407 until it closes": (LOGIN + b"Proxy-Authenticate: Negotiate\r\n\r\n<html>", ["0x00002afc"]),
}


@pytest.mark.parametrize("refusal, errors", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
def test_interim_answers_of_a_proxy_hide_nothing_of_its_answer(tshark, made, interim, refusal, errors, two_pass):
    frames, without = [], []
    flags = traffic.RST if refusal.endswith(b">") else traffic.FIN | traffic.ACK
    asked_proxy(frames, interim, refusal, flags)
    asked_proxy(without, b"", refusal, flags)
    expected = told(tshark, made(without), endpoints=rows(), two_pass=two_pass)
    assert told(tshark, made(frames), endpoints=rows(), two_pass=two_pass) == expected
    assert [(row["iphttps.finding"], row["iphttps.windows_error"]) for row in expected if row["iphttps.finding"]] == [
        (["proxy_refused"], errors)]


@pytest.mark.parametrize("interim", [b"", *INTERIM.values()], ids=["none", *INTERIM])
def test_refusal_is_told_though_the_capture_cuts_its_head(tshark, tmp_path, interim, two_pass):
    frames = []
    asked_proxy(frames, interim, LOGIN + b"Proxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n", traffic.RST)
    capture = last_one_cut(tshark, tmp_path / "cut.pcap", frames[:-1])
    shown = told(tshark, capture, endpoints=rows(), two_pass=two_pass)[-1]
    assert (shown["iphttps.finding"], shown["iphttps.windows_error"]) == (["proxy_refused", "capture_truncated"], [])


@pytest.mark.parametrize("dissected", ["TRUE", "FALSE"])
@pytest.mark.parametrize("session, port, wrapped", [
    (null_session, 443, records), (plain_session, 80, bytes), (plain_session, 62000, bytes)])
@pytest.mark.parametrize("answer", [ANSWER, b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"],
                         ids=["accepted", "refused"])
@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
def test_interim_answers_hide_nothing_of_that_to_the_tunnel_request(
        tshark, made, interim, answer, session, port, wrapped, dissected, two_pass):
    shown = []
    for before in (b"", interim):
        frames = []
        connection = session(frames, 10000, port)
        connection.client(wrapped(head()))
        connection.server(wrapped(before + answer))
        connection.close()
        shown.append(told(tshark, made(frames), endpoints=rows(port), two_pass=two_pass,
                          preferences={"iphttps.dissect_tunnel": dissected}))
    assert shown[1] == shown[0]
    assert [status for row in shown[1] for status in row["iphttps.response.status"]] == [answer[9:12].decode()]


@pytest.mark.parametrize("session, port, wrapped", [
    (null_session, 443, records), (null_session, 4443, records), (plain_session, 80, bytes)])
@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
def test_answer_behind_interim_ones_is_enough_where_the_request_is_missing(
        tshark, made, interim, session, port, wrapped, two_pass):
    frames = []
    connection = session(frames, 10000, port)
    connection.client(wrapped(head()))
    del frames[-1]
    connection.server(wrapped(interim + ANSWER))
    connection.client(wrapped(SOLICITATION))
    assert tunnels(tshark, made(frames), two_pass=two_pass)[0]["to_server"] == [SOLICITATION]


@pytest.mark.parametrize("request_head", AS_SENT.values(), ids=AS_SENT)
def test_request_as_windows_sends_it_is_not_altered(tshark, made, request_head, two_pass):
    frames = []
    opened(null_session(frames, 10000), records, request_head)
    assert findings(tshark, made(frames), endpoints=rows(), two_pass=two_pass) == ["connected"]


@pytest.mark.parametrize("dissected", ["TRUE", "FALSE"])
def test_request_is_altered_whether_or_not_the_tunnel_is_dissected(tshark, made, dissected):
    frames = []
    opened(null_session(frames, 10000), records, ALTERED["chunked"])
    assert findings(tshark, made(frames), endpoints=rows(),
                    preferences={"iphttps.dissect_tunnel": dissected}) == [
                        "request_altered", "connected"]


@pytest.mark.parametrize("request_head", [ALTERED["2^31-1"], ALTERED["another path"]])
def test_post_to_an_endpoint_that_nobody_knows_is_none_of_ours(tshark, made, request_head,
                                                              two_pass):
    frames = []
    opened(plain_session(frames, 10000, 80), bytes, request_head)
    assert tshark.frames(made(frames), "iphttps", two_pass=two_pass) == []


def test_chunked_answer_is_altered_and_hides_its_advertisement(tshark, made, two_pass):
    frames = []
    connection = null_session(frames, 10000)
    connection.client(records(head()))
    connection.server(records(ANSWER[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"))
    for _ in range(3):
        connection.client(records(SOLICITATION))
        connection.server(records(b"3c\r\n" + packet() + b"\r\n"))
    assert findings(tshark, made(frames), endpoints=rows(), two_pass=two_pass) == [
        "request_altered", "connected"]


@pytest.mark.parametrize("session, port, wrapped", [
    (null_session, 443, records), (plain_session, 80, bytes)])
def test_chunks_of_the_client_are_altered_and_no_malformed_tunnel(
        tshark, made, session, port, wrapped, two_pass):
    frames = []
    connection = session(frames, 10000, port)
    connection.client(wrapped(ALTERED["chunked"]))
    connection.server(wrapped(ANSWER))
    for _ in range(3):
        connection.client(wrapped(b"%x\r\n" % len(SOLICITATION) + SOLICITATION + b"\r\n"))
        connection.server(wrapped(packet()))
    assert findings(tshark, made(frames), endpoints=rows(port), two_pass=two_pass) == [
        "request_altered", "connected"]


@pytest.mark.parametrize("port", [80, 443, 3128, 8080, 4443])
@pytest.mark.parametrize("address", [SERVER, ""], ids=["by address", "by name"])
def test_tls_is_recognised_at_a_configured_endpoint_on_any_port(tshark, made, port, address,
                                                               two_pass):
    frames = []
    connection = plain_session(frames, 10000, port)
    connection.client(traffic.client_hello([NULL_SHA256], NAME))
    connection.server(ALERT)
    assert findings(tshark, made(frames), endpoints=rows(port, address), two_pass=two_pass) == [
        "null_cipher_rejected"]


def test_tls_on_ports_of_http_stays_as_it_is_elsewhere(tshark, made, two_pass):
    frames = []
    connection = traffic.Connection(frames, "192.0.2.10", "203.0.113.99", 10000, 8080).connect()
    connection.client(traffic.client_hello([NULL_SHA256], NAME))
    connection.server(ALERT)
    capture = made(frames)
    assert tshark.frames(capture, "tls || iphttps", two_pass=two_pass,
                         endpoints=rows(8080, name="")) == []


def test_alert_of_version_0_refuses_the_hello(tshark, made, two_pass):
    frames = []
    connection = plain_session(frames, 10000, 443)
    connection.client(traffic.client_hello([NULL_SHA256], NAME))
    connection.server(VERSIONLESS_ALERT)
    connection.close()
    [shown] = [row for row in tshark.fields(made(frames), "iphttps.finding",
                                           "iphttps.windows_error", two_pass=two_pass)
               if row["iphttps.finding"]]
    assert shown == {"iphttps.finding": ["null_cipher_rejected"],
                     "iphttps.windows_error": ["0x80090326"]}


def test_draft_of_tls_1_3_gives_no_suite(tshark, made, two_pass):
    """Up to draft 21 a Server Hello has no session identifier before the suite."""
    frames = []
    connection = plain_session(frames, 10000, 443)
    connection.client(traffic.client_hello([NULL_SHA256, AES], NAME))
    connection.server(traffic.handshake(traffic.SERVER_HELLO, struct.pack("!H", 0x7F12)
                                        + bytes(range(32)) + struct.pack("!HH", 0x1301, 0)))
    capture = made(frames)
    assert findings(tshark, capture, two_pass=two_pass) == []
    assert tshark.frames(capture, "iphttps.cipher_suite", two_pass=two_pass) == []


@pytest.mark.parametrize("extended, found", [(1, []), (0, ["name_without_address"])])
def test_extended_dns_code_is_no_empty_answer(tshark, made, extended, found, two_pass):
    """BADVERS (RFC 6891 section 6.1.3) is RCODE 0 with 1 in the OPT record."""
    answer = traffic.dns_message(1, NAME, [])
    answer = (answer[:10] + b"\0\x01" + answer[12:]
              + struct.pack("!BHHBBHH", 0, 41, 1232, extended, 0, 0, 0))
    frames = [traffic.dns_frame("192.0.2.10", "198.51.100.53", traffic.dns_message(1, NAME)),
              traffic.dns_frame("192.0.2.10", "198.51.100.53", answer, is_response=True)]
    assert findings(tshark, made(frames), endpoints=rows(), two_pass=two_pass) == found


@pytest.mark.parametrize("suites, setting, tag", [
    ([NULL_SHA256], "0", []), ([NULL_SHA256], "FALSE", []), ([NULL_SHA256], "1", ["3"]),
    ([NULL_SHA256], "TRUE", ["3"]), ([NULL_SHA256], "2", ["3"]),
    ([AES, NULL_SHA256], "1", []), ([AES, NULL_SHA256], "2", [BEHIND]),
    ([AES, NULL_SHA256, 0x0034], "2", []), ([AES, NULL_SHA256, 0xC010], "2", []),
])
def test_null_offers_tag_by_their_place(tshark, made, suites, setting, tag):
    frames = []
    connection = plain_session(frames, 10000, 443)
    connection.client(traffic.client_hello(suites, NAME))
    shown = tshark.fields(made(frames), "iphttps.tagged_by", display_filter="iphttps",
                          preferences={"iphttps.tag_null_offers": setting})
    assert [row["iphttps.tagged_by"] for row in shown] == ([tag] if tag else [])


@pytest.mark.parametrize("name, tags", [(NAME, ["3", LEARNED]), ("www.example.com", ["3"])])
def test_encrypted_attempt_after_refused_null_suites_is_tagged(tshark, made, name, tags, two_pass):
    frames = []
    refused = plain_session(frames, 10000, 443)
    refused.client(traffic.client_hello([NULL_SHA256], NAME))
    refused.server(ALERT)
    again = plain_session(frames, 10001, 443)
    again.client(traffic.client_hello([AES], name))
    again.server(ALERT)
    shown = tshark.fields(made(frames), "iphttps.tagged_by", two_pass=two_pass,
                          display_filter="iphttps && tls.handshake.type == 1")
    assert [row["iphttps.tagged_by"] for row in shown] == [[tag] for tag in tags]
