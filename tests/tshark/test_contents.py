"""What is read of frames that are cut, bring bytes again or have something else in front: all that stands in them, once,
and no more than that.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses

import pytest

import cases
import traffic
from forms import cut, window_probes
from test_rewritten import ALERT, NULL_SHA256, NAME, findings
from test_tunnel import made, plain_session

__all__ = ["made"]  # a fixture

FAILED, HANDSHAKE_COMPLETE = 3, 2
# What a load balancer puts in front of the Client Hello, in versions 1 and 2 of the PROXY protocol.
PROXY_HEADERS = {"1": b"PROXY TCP4 192.0.2.10 203.0.113.10 51000 443\r\n",
                 "2": b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + traffic.opaque(2, bytes(12))}
ANYWHERE = ["", "0.0.0.0/0", "443", "", ""]  # the name may be cut


def read(tshark, name, two_pass, form, rows=()):
    """The sessions of a capture in each variant of a form, in pairs with those of the clean one."""
    case = cases.clean_case(name)
    case = dataclasses.replace(case, endpoints=[*case.endpoints, *rows])
    variants = [dataclasses.replace(case, frames=frames) for frames in form(case.frames)]
    return cases.read_all(tshark, [case, *variants], two_pass)


@pytest.mark.parametrize("name", ["proxy-refused-407", "proxy-refused-503", "proxy-refused-timeout"])
def test_refusal_is_told_though_its_head_is_cut(tshark, name, two_pass):
    for session, *_ in read(tshark, name, two_pass, cut(128)):
        assert (session.verdict, session.told()) == (FAILED, ["proxy_refused"])


def test_tls13_that_cannot_be_decrypted_is_noted(tshark, two_pass):
    """The keys are there, but with the server's flight cut its records are out of step."""
    _, (session,) = read(tshark, "tunnel-tls13", two_pass, cut(768))
    assert "capture_incomplete" in session.findings


@pytest.mark.parametrize("snaplen", [140, 160, 200, 400, 576])
def test_what_a_retry_asked_for_is_no_end_of_the_handshake_though_it_is_cut(tshark, snaplen, two_pass):
    _, (session,) = read(tshark, "handshake-failed-retry", two_pass, cut(snaplen), [ANYWHERE])
    assert session.verdict != HANDSHAKE_COMPLETE


def test_record_whose_first_byte_came_before_is_counted_once(tshark, two_pass):
    (clean,), *probed = read(tshark, "client-certificate-missing-tls13", two_pass, window_probes)
    assert [session.told() for session, in probed] == len(probed) * [clean.told()]


@pytest.mark.parametrize("version", PROXY_HEADERS)
def test_hello_behind_what_a_load_balancer_tells_of_the_client(tshark, made, version, two_pass):
    frames = []
    connection = plain_session(frames, 10000, 443)
    connection.client(PROXY_HEADERS[version] + traffic.client_hello([NULL_SHA256], NAME))
    connection.server(ALERT)
    connection.close()
    assert findings(tshark, made(frames), two_pass=two_pass) == ["null_cipher_rejected"]
