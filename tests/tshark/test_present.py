"""What stands on a frame says what to do, in lines that a small screen shows whole.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
NULL_REJECTED = "null-rejected-alert"
LINE_MAX = 140  # characters of the packet details at 1280 pixels
FIELDS = [f"iphttps.finding{part}" for part in
          ("", ".title", ".severity", ".evidence", ".summary", ".cause", ".next_step", ".reference")]


def details(tshark, name, display_filter="iphttps"):
    """The lines about DirectAccess in the packet details."""
    text = tshark.read(sandbox.capture_of(name), "-V", "-Y", display_filter, two_pass=True,
                       endpoints=SCENARIOS[name]["endpoints"]).stdout
    blocks = re.findall(r"^\[DirectAccess IP-HTTPS.*\n(?:    .*\n)*", text, re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]


def test_deciding_frame_tells_all_of_its_finding(tshark, two_pass):
    [frame] = tshark.fields(sandbox.capture_of(NULL_REJECTED), *FIELDS, "_ws.expert.message",
                            display_filter="iphttps.finding", two_pass=two_pass)
    evidence = "the server sent the fatal alert handshake_failure (40)"
    assert frame["iphttps.finding"] == ["null_cipher_rejected"]
    assert frame["iphttps.finding.title"] == ["NULL cipher suites rejected"]
    assert frame["iphttps.finding.severity"] == ["3"]
    assert frame["iphttps.finding.evidence"] == [evidence]
    assert frame["_ws.expert.message"] == [f"NULL cipher suites rejected: {evidence}"]
    [reference] = frame["iphttps.finding.reference"]
    assert re.fullmatch(r"https://.*/docs/findings/null_cipher_rejected\.md", reference)
    for product in ("NetScaler: ", "NetScaler with SSL profiles: ", "F5: ", "Kemp: ", "HAProxy: ",
                    "Windows Server 2016 or later: ", "Windows Server 2012 (R2): "):
        assert [step for step in frame["iphttps.finding.next_step"] if step.startswith(product)]


@pytest.mark.parametrize("name", [NULL_REJECTED, "client-certificate-missing-alert",
                                  "connect-timeout", "http-rejected-404"])
def test_every_frame_of_a_failed_session_says_what_to_do(tshark, name):
    [session] = SCENARIOS[name]["sessions"]
    frames = tshark.fields(sandbox.capture_of(name), "frame.number", "iphttps.finding",
                           "iphttps.gravest_in", "iphttps.finding.cause",
                           "iphttps.finding.next_step", display_filter="iphttps", two_pass=True,
                           endpoints=SCENARIOS[name]["endpoints"])
    assert len(frames) > 1
    for frame in frames:
        assert frame["iphttps.gravest_in"] == [str(session["decided_in"])]
        assert frame["iphttps.finding.cause"] and frame["iphttps.finding.next_step"]
    assert {int(frame["frame.number"][0]) for frame in frames if frame["iphttps.finding"]} \
        == {finding["frame"] for finding in session["findings"]}


def test_tunnel_without_advertisement_leads_to_its_finding(tshark):
    name = "tunnel-no-router-advertisement"
    [session] = SCENARIOS[name]["sessions"]
    shown = next(finding["frame"] for finding in session["findings"]
                 if finding["slug"] == "tunnel_without_router_advertisement")
    frames = tshark.fields(sandbox.capture_of(name), "iphttps.gravest_in", two_pass=True,
                           display_filter="iphttps", endpoints=SCENARIOS[name]["endpoints"])
    assert {tuple(frame["iphttps.gravest_in"]) for frame in frames} == {(str(shown),)}


def test_headline_begins_with_the_verdict(tshark):
    lines = details(tshark, NULL_REJECTED)
    headlines = {line for line in lines if not line.startswith(" ")}
    assert headlines == {"[DirectAccess IP-HTTPS: Failed, NULL cipher suites rejected; look at: "
                         "server or load balancer (session 0, da.example.com:443)]"}


@pytest.mark.parametrize("name", [NULL_REJECTED, "client-certificate-missing-alert",
                                  "certificate-untrusted", "certificate-name-only-in-san"])
def test_lines_fit_the_screen(tshark, name):
    labels = ("[DirectAccess", "[Summary: ", "[Evidence: ", "[Next step: ", "[Cause: ", "[   ")
    lines = [line for line in details(tshark, name) if line.lstrip().startswith(labels)]
    assert lines
    assert [line for line in lines if len(line) > LINE_MAX] == []


def test_inner_packets_are_named_by_protocol_and_addresses(tshark):
    text = tshark.read(sandbox.capture_of("healthy-null-sha256"), "-V",
                       "-Y", "iphttps.tunnel.packet").stdout
    named = re.findall(r"^IP-HTTPS Tunnel, (.*), (.*) \u2192 (.*), \d+ bytes$", text, re.MULTILINE)
    assert ("ICMPv6", "ff02::2") in {(protocol, to) for protocol, _, to in named}
