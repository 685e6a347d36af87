"""Other traffic is shown to the letter as without the plugin, by whatever way tshark is asked.

Were a single field wanted, Wireshark would build a tree of every frame, and with a tree many dissectors write other
columns: malformed frames are called so, and what is written only while a tree is filled appears.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import random
import sys

import pytest

import noise
import sandbox
import traffic

sys.path.append(str(sandbox.SOURCE / "testcaptures" / "generate"))
import pcapng  # pylint: disable=wrong-import-position

# What real software has sent that is no DirectAccess.
FOREIGN = [name for name, scenario in sandbox.catalogue().items() if scenario["untouched"]]
SEED = 11
WAYS = {"one line": [], "details": ["-P", "-V"], "bytes": ["-x"], "filter": ["-Y", "ip || ipv6"],
        "fields": ["-T", "fields", "-e", "frame.number", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"]}


def of_real_software():
    """Frames, and the keys of what is encrypted."""
    captures = [pcapng.read(sandbox.capture_of(name)) for name in FOREIGN]
    captures = [capture for capture in captures if capture.link_type == traffic.LINK_ETHERNET]
    return [frame for capture in captures for frame in capture.frames], b"".join(capture.keys for capture in captures)


def made_up():
    return [pcapng.Frame(traffic.START_NS + number, data, len(data))
            for number, data in enumerate(noise.frames_of(random.Random(SEED)))]


def written(folder, frames, keys=b""):
    path = folder / "other.pcapng"
    pcapng.write(path, pcapng.Capture(frames, keys=keys), "", "")
    return path


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """One capture with all of it."""
    frames, keys = of_real_software()
    return written(tmp_path_factory.mktemp("untouched"), frames + made_up(), keys)


def ours_and_without(tshark, *arguments, **options):
    """What tshark prints with the plugin, and without. Noise may find bugs of Wireshark's own."""
    return [tshark.read(*arguments, environment={"WIRESHARK_ABORT_ON_DISSECTOR_BUG": None, **environment},
                        **options).stdout for environment in ({}, sandbox.WITHOUT_PLUGIN)]


@pytest.mark.parametrize("row", [("", "198.18.77.0/24"), ("da.contoso.example", "")], ids=["address", "name"])
def test_other_traffic_is_as_without_us_beside_a_row(tshark, capture, row, two_pass):
    """Nothing is asked for in order to find an address or a name."""
    ours, without = (tshark.read(capture, two_pass=two_pass, endpoints=endpoints,
                                 environment={"WIRESHARK_ABORT_ON_DISSECTOR_BUG": None, **environment}).stdout
                     for endpoints, environment in (([row], {}), ([], sandbox.WITHOUT_PLUGIN)))
    assert ours == without


@pytest.mark.parametrize("arguments", WAYS.values(), ids=WAYS)
def test_other_traffic_is_shown_to_the_letter_as_without_us(tshark, capture, arguments, two_pass):
    ours, without = ours_and_without(tshark, capture, *arguments, two_pass=two_pass)
    assert len(without.splitlines()) > 1000
    assert ours == without


@pytest.mark.parametrize("arguments", WAYS.values(), ids=WAYS)
def test_traffic_beside_a_session_is_as_without_us(tshark, tmp_path, arguments, two_pass):
    """Frames of others behind those of a session in the same capture. It has no tunnel, whose packets are streams, too,
    and count."""
    session = pcapng.read(sandbox.capture_of("certificate-expired")).frames
    path = written(tmp_path, session + made_up())
    first = f"frame.number > {len(session)}"
    if "-Y" in arguments:
        arguments = ["-Y", f"({arguments[1]}) && {first}"]
    elif arguments:
        arguments = [*arguments, "-Y", first]
    ours, without = (text.splitlines()[0 if arguments else len(session):]
                     for text in ours_and_without(tshark, path, *arguments, two_pass=two_pass))
    assert len(without) > 500
    assert ours == without


@pytest.mark.parametrize("name", ["tunnel-null-alpn", "tunnel-tls12-alpn", "tunnel-plain-80", "certificate-expired"])
def test_sessions_are_shown_as_without_us_once_the_protocol_is_disabled(tshark, name, two_pass):
    disabled = "--disable-protocol", "iphttps"
    for arguments in WAYS.values():
        ours = tshark.read(sandbox.capture_of(name), *arguments, *disabled, two_pass=two_pass).stdout
        without = tshark.read(sandbox.capture_of(name), *arguments, two_pass=two_pass,
                              environment=sandbox.WITHOUT_PLUGIN).stdout
        assert ours == without
