"""What a capture lacks, or has in another order than it was sent in, proves nothing.

Each frame of a capture is lost once, and each changes places with the next one once; these copies
go into one capture, each with a client of its own, since it is the start of tshark that takes the time.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import sys

import pytest

import sandbox

sys.path[:0] = [str(sandbox.SOURCE / "tests" / "fuzz"), str(sandbox.SOURCE / "testcaptures" / "generate")]

# pylint: disable=wrong-import-position
import mutations
import pcapng

SCENARIOS = sandbox.catalogue()
SPREAD = [
    "connect-reset-later", "no-client-hello-server-closes", "null-rejected-fin", "certificate-expired-connected",
    "certificate-silently-rejected-fin", "certificate-untrusted", "client-certificate-missing-fin",
    "http-rejected-403", "http-unanswered-server-closes", "http-answered-late", "tunnel-null-sha256",
    "tunnel-plain-80", "tunnel-packets-across-records", "tunnel-closed-by-client", "several-clients",
]
# An alert or an answer that is there is a failure, whatever is missing of its cause.
FAILED_ALL_THE_SAME = {"handshake_failed", "http_rejected"}


def losses(frames):
    """Copies that lack one frame each."""
    return [frames[:at] + frames[at + 1:] for at in range(len(frames))]


def swaps(frames):
    """Copies in which one frame each comes behind the next one."""
    return [[*frames[:at], frames[at + 1], frames[at], *frames[at + 2:]] for at in range(len(frames) - 1)]


def found_in(tshark, capture, mutants, name, two_pass):
    """The findings of each mutant, by its number from 1."""
    numbered = [(number, frame) for number, mutant in enumerate(mutants)
                for frame in mutations.as_client(number, mutant)]
    path = tshark.output / f"{name}-damaged.pcapng"
    path.unlink(missing_ok=True)
    pcapng.write(path, pcapng.Capture([frame for _, frame in numbered], link_type=capture.link_type,
                                      keys=capture.keys), "", "")
    path.chmod(0o644)
    shown = tshark.fields(path, "iphttps.finding", endpoints=SCENARIOS[name]["endpoints"], two_pass=two_pass)
    return [(number + 1, slug) for (number, _), row in zip(numbered, shown) for slug in row["iphttps.finding"]]


@pytest.mark.parametrize("damage", [losses, swaps])
@pytest.mark.parametrize("name", SPREAD)
def test_missing_evidence_invents_no_finding(tshark, name, damage, two_pass):
    expected = {finding["slug"] for session in SCENARIOS[name]["sessions"] for finding in session["findings"]}
    capture = pcapng.read(sandbox.capture_of(name))
    found = found_in(tshark, capture, damage(capture.frames), name, two_pass)
    assert expected <= {slug for _, slug in found}
    assert [pair for pair in found if pair[1] not in expected | FAILED_ALL_THE_SAME] == []
