"""Every row of the catalogue has a capture that raises it and a near miss on which it stays silent.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import sandbox
from test_reference import PROMISED_FINDINGS

SCENARIOS = sandbox.catalogue()

# For each row a capture that has much of what the row asks for, but not all.
NEAR_MISSES = {
    "name_not_found": "name-with-a-only",
    "name_without_address": "name-with-aaaa-only",
    "name_lookup_failed": "name-asked-again-at-once",
    "connect_timeout": "connect-given-up-early",
    "connect_refused": "connect-reset-later",
    "connect_unreachable": "connect-other-port-unreachable",
    "proxy_refused": "proxy-answer-pending",
    "proxy_in_path": "proxy-refused-403",
    "no_client_hello": "no-client-hello-server-closes",
    "null_cipher_rejected": "hello-rejected-windows7",
    "hello_rejected": "null-rejected-configured",
    "hello_unanswered": "hello-retransmitted",
    "not_tls": "null-rejected-alert",
    "null_cipher_not_selected": "healthy-null-first",
    "certificate_name_mismatch": "certificate-wildcard",
    "certificate_name_only_in_san": "certificate-plain-subject",
    "certificate_not_expected": "certificate-expected",
    "certificate_inspected": "certificate-untrusted-chain",
    "certificate_expired": "certificate-not-yet-valid",
    "certificate_not_yet_valid": "certificate-expired",
    "certificate_without_server_auth": "certificate-plain-subject",
    "certificate_self_signed": "certificate-untrusted",
    "certificate_key_not_rsa": "certificate-self-signed",
    "certificate_untrusted": "certificate-rejected",
    "certificate_rejected": "certificate-untrusted",
    "certificate_silently_rejected": "client-certificate-missing-client-reset",
    "client_certificate_requested": "healthy-null-adc",
    "client_certificate_missing": "healthy-client-certificate-optional",
    "client_certificate_rejected": "healthy-client-certificate",
    "client_certificate_issuer_not_listed": "client-certificate-intermediate",
    "client_certificate_expired": "client-certificate-revoked",
    "client_certificate_without_client_auth": "client-certificate-expired",
    "handshake_failed": "healthy-tls13",
    "http_rejected": "http-not-directaccess",
    "http_unanswered": "http-answer-pending",
    "http_not_directaccess": "http-rejected-404",
    "tunnel_without_router_advertisement": "tunnel-closed-without-packet",
    "tunnel_closed": "tunnel-closed-later",
    "tunnel_malformed": "tunnel-record-lost",
    "connected": "http-rejected-403",
}


def frames_of(scenario, slug):
    """The frames of a scenario that decide a finding."""
    return sorted(finding["frame"] for session in scenario["sessions"]
                  for finding in session["findings"] if finding["slug"] == slug)


def raising(slug):
    """The first capture that raises a finding, None if there is none."""
    return next((name for name, scenario in SCENARIOS.items() if frames_of(scenario, slug)), None)


def filtered(tshark, name, slug):
    """The frames of a scenario's capture that the finding's expert info matches on both passes."""
    found = [tshark.frames(sandbox.capture_of(name), f"iphttps.{slug}", two_pass=two_pass,
                           endpoints=SCENARIOS[name]["endpoints"]) for two_pass in (False, True)]
    assert found[0] == found[1]
    return found[0]


def test_every_row_has_a_near_miss():
    assert list(NEAR_MISSES) == PROMISED_FINDINGS


@pytest.mark.parametrize("slug", PROMISED_FINDINGS)
def test_row_is_raised_by_a_capture(tshark, slug):
    name = raising(slug)
    assert name, f"no capture raises {slug}"
    assert filtered(tshark, name, slug) == frames_of(SCENARIOS[name], slug)


@pytest.mark.parametrize("slug", PROMISED_FINDINGS)
def test_row_stays_silent_on_its_near_miss(tshark, slug):
    name = NEAR_MISSES[slug]
    assert not frames_of(SCENARIOS[name], slug)
    assert filtered(tshark, name, slug) == []
