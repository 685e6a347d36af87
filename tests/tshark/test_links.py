"""Whatever link layer, tunnel or file frames come in, the answer is that of testcaptures/expected.json.

links.py and file_types.py make them. A few captures are tried in each; with IPHTTPS_ALL_CAPTURES=1 set, all are.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses
import functools
import itertools
import os

import pytest

import cases
import sandbox
import shared
from file_types import FILE_TYPES
from forms import MICROSECOND, NO_INVENTION, UNLESS_NOTED, later
from links import (ERSPAN_II, ETHERNET, GRE, LINKS, VXLAN, Link, in_quotes_too, one_in_another, over_udp, sflow,
                   translated, tunnelled)
from test_forms import SUBJECTS, server_row

SCENARIOS = sandbox.catalogue()
# Over IPv4 and IPv6; NULL suites, encrypted and with keys; large messages; DNS over UDP and TCP, ICMP.
FEW = ["healthy-null-sha256", "healthy-null-ipv6", "healthy-tls13-keys", "client-certificate-missing-400-keys",
       "client-certificate-missing-alert", "certificate-untrusted-chain", "connect-unreachable-host",
       "connect-unreachable-ipv6", "name-not-found-tcp", "name-alias-chain", "proxy-407-then-200"]
TRIED = SUBJECTS if "IPHTTPS_ALL_CAPTURES" in os.environ else FEW
IN_FILES = [name for name in TRIED if not cases.capture_of(name).keys and not SCENARIOS[name]["endpoints"]]


def is_whole(name):
    """Whether none of its frames is cut short."""
    return all(frame.length == len(frame.data) for frame in cases.capture_of(name).frames)


def linked(name, link=None, series=0):
    """A capture in a link layer; of the same series there may be one in a file."""
    return dataclasses.replace(cases.clean_case(name, series), link=link)


def expected(names):
    """Verdict and findings of each session of these captures."""
    return {name: [(session["verdict"], sorted(finding["slug"] for finding in session["findings"]))
                   for session in SCENARIOS[name]["sessions"]] for name in names}


def said(names, told):
    """The same as told."""
    return {name: [(session.verdict, sorted(session.findings)) for session in sessions]
            for name, sessions in zip(names, told)}


class EachInAnother:
    """Each frame in another link layer, as from several interfaces."""

    def __init__(self, *names):
        self._links = itertools.cycle([LINKS[name] for name in names])

    def frames(self, frame):
        """The frame in the next one."""
        return next(self._links).frames(frame)


class Copies:
    """Each frame several times, as it passes interfaces of one machine."""

    def __init__(self, *names):
        self._links = [LINKS[name] for name in names]

    def frames(self, frame):
        """The frame in each of them."""
        return [later(made, number * MICROSECOND)
                for number, link in enumerate(self._links) for made in link.frames(frame)]


def cut_before(link, size):
    """Who mirrors frames hands on their beginnings only, and nothing tells so of the frames that carry them."""
    return Link(lambda frame: link.wrap(frame[:size]))


MIXED = {
    "ethernet-raw-sll": EachInAnother("ethernet", "raw", "sll"),
    "six-interfaces": EachInAnother("vxlan", "802.1q", "ethernet", "ppp", "802.11", "gre"),
}
COPIED = {
    "ethernet-raw": Copies("ethernet", "raw"),
    "raw-ethernet": Copies("raw", "ethernet"),
    "sll-sll": Copies("sll", "sll"),
    "vxlan-ethernet": Copies("vxlan", "ethernet"),
    "gre-in-fragments-ethernet": Copies("gre-in-fragments", "ethernet"),
}
MIRRORED = {f"{name}-{size}": cut_before(link, size) for size in (64, 96, 128, 256, 512) for name, link in
            {"erspan": tunnelled(GRE, ERSPAN_II, with_ethernet=True), "vxlan": over_udp(4789, VXLAN)}.items()}
MIRRORED |= {f"sflow-{size}": sflow(size) for size in (128, 256)}
EXACT = LINKS | MIXED


def answers(tshark, chosen, two_pass):
    """What is told of the captures in the link layers of a dict, by their names; those with the same preferences are in
    one file."""
    def preferences_of(link):
        return getattr(link, "preferences", ())
    told = {}
    for preferences in dict.fromkeys(map(preferences_of, chosen.values())):
        names = [name for name, link in chosen.items() if preferences_of(link) == preferences]
        tried = [linked(capture, chosen[name], series) for series, name in enumerate(names) for capture in TRIED]
        sessions = iter(cases.read_all(tshark, tried, two_pass, preferences))
        told |= {name: [next(sessions) for _ in TRIED] for name in names}
    return told


@pytest.fixture(name="once", scope="module")
def fixture_once(tshark):
    """A function: answers() of all link layers of a kind, found once by all workers and unpacked once by each."""
    kinds = {"exact": EXACT, "copied": COPIED, "mirrored": MIRRORED, "clean": {"ethernet": LINKS["ethernet"]}}

    @functools.lru_cache(maxsize=None)
    def found(kind, two_pass):
        return shared.once(("links", kind, two_pass), lambda: answers(tshark, kinds[kind], two_pass))
    return found


@pytest.mark.parametrize("name", EXACT)
def test_link_layers_change_no_answer(once, name, two_pass):
    needs_all = getattr(EXACT[name], "needs_all", False)
    told = said(TRIED, once("exact", two_pass)[name])
    seen = [capture for capture in TRIED if is_whole(capture) or not needs_all]
    assert {capture: told[capture] for capture in seen} == expected(seen)


@pytest.mark.parametrize("link", ["ethernet", *(name for name in LINKS if name.startswith("routing")), "home-address"])
def test_names_asked_for_over_ipv6_are_read_behind_extension_headers(tshark, link, two_pass):
    names = ["name-not-found", "name-not-found-tcp", "name-without-address"]
    chosen = one_in_another(Link(translated), LINKS[link])
    told = cases.read_all(tshark, [linked(name, chosen) for name in names], two_pass)
    assert said(names, told) == expected(names)


@pytest.mark.parametrize("link", ["ethernet", "loose-source-route", "strict-source-route", "ah", "hop-by-hop-options",
                                  "atomic-fragments", "routing-0", "routing-2", "routing-3", "routing-4", "home-address"])
def test_errors_are_told_of_packets_with_options_and_extension_headers(tshark, link, two_pass):
    names = ["connect-unreachable-host", "connect-unreachable-ipv6"]
    told = cases.read_all(tshark, [linked(name, in_quotes_too(LINKS[link])) for name in names], two_pass)
    assert said(names, told) == expected(names)


@pytest.mark.parametrize("kind, name, rule", [*(("copied", name, UNLESS_NOTED) for name in COPIED),
                                              *(("mirrored", name, NO_INVENTION) for name in MIRRORED)])
def test_nothing_is_invented_of_copies_and_parts(once, kind, name, rule, two_pass):
    clean, told = once("clean", two_pass)["ethernet"], once(kind, two_pass)[name]
    wrong = {capture: complaints for capture, before, after in zip(TRIED, clean, told)
             for complaints in [cases.complaints(rule, before, after)] if complaints}
    assert wrong == {}


def test_three_copies_are_decrypted_where_the_endpoint_is_known(tshark, two_pass):
    """By itself Wireshark has TLS dissect the copies of the handshake, as fast retransmissions. So the hash of its
    messages, of which the extended master secret is made, is another one; and so are, behind Finished, the numbers of
    the records, which their MACs cover."""
    name = "tunnel-tls10-cbc"
    copied = linked(name, Copies("ethernet", "ethernet", "ethernet"), 1)
    [clean], [told] = cases.read_all(tshark, [linked(name), dataclasses.replace(copied, endpoints=server_row(name))],
                                     two_pass)
    assert (told.verdict, told.told(), told.inner) == (clean.verdict, clean.told(), clean.inner)


@pytest.mark.parametrize("file_type", FILE_TYPES)
def test_file_types_change_no_answer(tshark, file_type, two_pass):
    def write(path, frames):
        FILE_TYPES[file_type](tshark, path, frames)
    told = cases.read_all(tshark, [linked(name) for name in IN_FILES], two_pass, write=write)
    assert said(IN_FILES, told) == expected(IN_FILES)


def test_all_kinds_of_link_layers_reach_the_dissectors():
    kinds = {frame.link_type for link in LINKS.values() for frame in link.frames(cases.capture_of(FEW[0]).frames[0])}
    assert len(kinds) > 15 and ETHERNET in kinds
