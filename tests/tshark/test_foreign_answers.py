"""What another web server, a captive portal or a compressed certificate makes of a session at an endpoint.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import traffic
from test_rewritten import ALERT, AES, NAME, SERVER, findings, head, rows
from test_tunnel import NULL_SHA256, made, null_session, plain_session, records

__all__ = ["made"]  # a fixture

COMPRESSED_CERTIFICATE = 25  # RFC 8879 section 4
UNREADABLE = b"\x00\x03" + traffic.opaque(3, b"") + traffic.opaque(3, b"no Zstandard")
PAGE = b"<html>Welcome to the hotel</html>"
PORTAL = b"HTTP/1.1 200 OK\r\nServer: portal\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE


@pytest.mark.parametrize("by_tls", [True, False], ids=["TLS", "plain HTTP"])
def test_page_of_a_captive_portal(tshark, made, by_tls, two_pass):
    frames, port = [], 443 if by_tls else 80
    connection = null_session(frames, 10000) if by_tls else plain_session(frames, 10000, port)
    wrapped = records if by_tls else bytes
    connection.client(wrapped(head()))
    connection.server(wrapped(PORTAL))
    connection.close()
    assert findings(tshark, made(frames), endpoints=rows(port), two_pass=two_pass) == [
        "http_not_directaccess", "request_altered", "connected", "tunnel_closed"]


@pytest.mark.parametrize("again", [False, True], ids=["once", "again"])
def test_connection_stays_one_though_vnc_makes_it_anew(tshark, made, again, two_pass):
    """Wireshark's VNC begins another conversation at the server's first bytes, and at their repetition."""
    frames = []
    connection = traffic.Connection(frames, "192.0.2.10", SERVER, 10000)
    connection.sent = [0x12345678, 0xFFFFFFF8]
    connection.connect().server(b"RFB 003.008\n")
    for _ in range(3):
        connection.client(b"")
    if again:
        frames.append(frames[3])
        connection.client(b"")
    connection.client(traffic.client_hello([NULL_SHA256], NAME))
    connection.close()
    told = tshark.fields(made(frames), "iphttps.session", "iphttps.finding", display_filter="iphttps",
                         endpoints=rows(address=SERVER), two_pass=two_pass)
    assert [row["iphttps.session"] for row in told] == len(frames) * [["0"]]
    assert [slug for row in told for slug in row["iphttps.finding"]] == ["not_tls"] + again * ["capture_duplicated"]


@pytest.mark.parametrize("status", [b"100 Continue", b"101 Switching Protocols", b"102 Processing"])
def test_interim_answer_leaves_the_request_unanswered(tshark, made, status, two_pass):
    frames = []
    connection = null_session(frames, 10000)
    connection.client(records(head()))
    connection.server(records(b"HTTP/1.1 " + status + b"\r\n\r\n"))
    connection.close()
    assert findings(tshark, made(frames), two_pass=two_pass) == ["http_unanswered"]


def handshake(frames, flight):
    """The server's flight behind a Client Hello with an AES suite."""
    connection = plain_session(frames, 10000, 443)
    connection.client(traffic.client_hello([AES], NAME))
    connection.server(traffic.server_hello(AES) + flight)
    return connection


def test_compressed_certificate_is_shown(tshark, made, two_pass):
    frames = []
    connection = handshake(frames, traffic.handshake(COMPRESSED_CERTIFICATE, UNREADABLE)
                           + traffic.handshake(traffic.SERVER_HELLO_DONE, b""))
    connection.client(traffic.record(21, b"\x02\x30"))
    capture = made(frames)
    assert findings(tshark, capture, endpoints=rows(), two_pass=two_pass) == ["certificate_untrusted"]
    assert tshark.frames(capture, "iphttps.certificate_in == 5", endpoints=rows(), two_pass=two_pass)


def test_compressed_client_certificate_is_not_missing(tshark, made, two_pass):
    frames = []
    connection = handshake(frames, traffic.handshake(COMPRESSED_CERTIFICATE, UNREADABLE)
                           + traffic.certificate_request([])
                           + traffic.handshake(traffic.SERVER_HELLO_DONE, b""))
    connection.client(traffic.handshake(COMPRESSED_CERTIFICATE, UNREADABLE))
    connection.server(ALERT)
    assert findings(tshark, made(frames), endpoints=rows(), two_pass=two_pass) == [
        "client_certificate_requested", "client_certificate_rejected"]
