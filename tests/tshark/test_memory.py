"""Tests that the plugin gives back what it holds of a capture when the next one is opened.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import shutil

import pytest

import sandbox
import traffic

SESSIONS = 500
WARM_UP, LOADS = 10, 50
# 64 bytes a session. sharkd 4.0 itself grows with every capture, and a little more where a post-dissector wants the
# tree.
TOLERANCE_KIB = SESSIONS * (LOADS - WARM_UP) // 16
HANDSHAKE_FAILURE = bytes.fromhex("15030300020228")


@pytest.fixture(scope="module")
def failing_sessions(tmp_path_factory, tshark):
    """A capture of sessions with names, certificates, findings, look-ups, unanswered attempts."""
    shown = tshark.fields(sandbox.capture_of("healthy-null-sha256"), "tls.handshake.certificate",
                          display_filter="tls.handshake.type == 11")
    der = bytes.fromhex(shown[0]["tls.handshake.certificate"][0])
    frames = []
    for number in range(SESSIONS):
        client, name = f"10.1.{number >> 8}.{number & 255}", f"h{number}.example.com"
        frames.append(traffic.dns_frame(client, "198.51.100.53", traffic.dns_message(number, name)))
        traffic.Connection(frames, client, "203.0.113.10", 50000).syn()
        connection = traffic.Connection(frames, client, "203.0.113.10", 50001).connect()
        connection.client(traffic.client_hello([0x003B], name))
        connection.server(traffic.server_hello(0x003B) + traffic.certificate([der]))
        connection.server(HANDSHAKE_FAILURE)
        connection.close()
    path = tmp_path_factory.mktemp("memory") / "failing-sessions.pcap"
    traffic.write(path, frames)
    return path


def growth_kib(tshark, capture, **environment):
    """By how much sharkd has grown from the end of the warm-up to the last load."""
    script = tshark.readable(pathlib.Path(__file__).with_name("load_repeatedly.py"))
    tshark.write_table("iphttps_endpoints", [("*.example.com", "203.0.113.10", "", "", "")])
    done = tshark.run(script, tshark.readable(capture), WARM_UP, LOADS, program="/usr/bin/python3",
                      environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    first, last = map(int, done.stdout.split())
    return last - first


@pytest.mark.skipif(not shutil.which("sharkd"), reason="there is no sharkd")
@pytest.mark.skipif(bool(sandbox.PRELOADED), reason="AddressSanitizer holds back what is freed")
def test_memory_between_captures(tshark, failing_sessions):
    """Against sharkd's growth without the plugin."""
    assert len(tshark.frames(failing_sessions, "iphttps.finding == null_cipher_not_selected || "
                             "iphttps.finding == handshake_failed")) == SESSIONS
    without_plugin = growth_kib(tshark, failing_sessions, **sandbox.WITHOUT_PLUGIN)
    assert growth_kib(tshark, failing_sessions) - without_plugin < TOLERANCE_KIB
