"""Many small captures read by few starts of tshark: each has addresses and names of its own, so none tells of another.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses
import functools
import sys

import sandbox
from forms import EQUAL, UNDATED, UNLESS_NOTED

sys.path.append(str(sandbox.SOURCE / "testcaptures" / "generate"))
import pcapng  # pylint: disable=wrong-import-position

# Wireshark's TLS has assertions of its own that frames which are cut short fail, plugin or not.
LENIENT = {"WIRESHARK_ABORT_ON_DISSECTOR_BUG": None}
CASES_OF_A_RUN = 400  # what is kept of a capture's endpoints, names and certificates has bounds
CAPTURE_NOTES = {"capture_truncated", "capture_incomplete", "capture_duplicated"}
DATED = {"certificate_expired", "certificate_not_yet_valid", "client_certificate_expired"}
FAILED = 3

CLIENTS, SERVERS, OTHERS = bytes([192, 0, 2]), bytes([203, 0, 113]), bytes([198, 51, 100])
CLIENTS_IPV6, SERVERS_IPV6 = bytes.fromhex("20010db80001"), bytes.fromhex("20010db80002")
LABEL = b"example"  # that all names share
IN_PIECES = {"delivery-spanning-records", "delivery-small-records-and-segments"}


@dataclasses.dataclass
class Case:
    """A capture in some form. keys: of its TLS sessions; link: that its frames are in, a links.Link, None for
    Ethernet."""
    name: str
    frames: list
    endpoints: list
    keys: bytes = b""
    link: object = None

    def linked(self):
        """Its frames in its link layer."""
        return [made for frame in self.frames for made in self.link.frames(frame)] if self.link else self.frames


@dataclasses.dataclass
class Session:
    """What the plugin tells of a session."""
    verdict: int = None
    findings: list = dataclasses.field(default_factory=list)
    inner: int = 0

    def told(self):
        """Its findings without the notes on the capture."""
        return sorted(set(self.findings) - CAPTURE_NOTES)


@functools.lru_cache(maxsize=None)
def capture_of(name):
    """A capture of testcaptures/."""
    return pcapng.read(sandbox.capture_of(name))


@functools.lru_cache(maxsize=None)
def clean_case(name, series=0):
    """A capture of testcaptures/, with the endpoint rows of its scenario, and with a domain of its own, another one in
    each series: but where the name is encrypted, or in pieces."""
    capture, scenario = capture_of(name), sandbox.catalogue()[name]
    case = Case(name, capture.frames, scenario["endpoints"], capture.keys)
    if capture.keys or name in IN_PIECES:
        return case
    label = f"x{series:02}{list(sandbox.catalogue()).index(name):04}"
    return Case(name, [dataclasses.replace(frame, data=frame.data.replace(LABEL, label.encode()))
                       for frame in case.frames],
                [[cell.replace(LABEL.decode(), label) for cell in row] for row in case.endpoints])


class Place:
    """The addresses of one case."""

    def __init__(self, number):
        server = 200 + number % 23, number // 23 % 10, 100 + number // 230  # as many digits as the original
        pair = number.to_bytes(2, "big")
        self._bytes = {CLIENTS: b"\x0a" + pair, SERVERS: bytes(server), OTHERS: b"\x0c" + pair,
                       b"203.0.113.": "{}.{}.{}.".format(*server).encode(),
                       CLIENTS_IPV6: CLIENTS_IPV6[:3] + b"\xba" + pair,
                       SERVERS_IPV6: SERVERS_IPV6[:3] + b"\xbb" + pair}
        self._texts = {"203.0.113.": "{}.{}.{}.".format(*server), "2001:db8:2:": f"2001:dbb:{number:x}:"}

    def moved(self, case):
        """The case in this place."""
        frames = [dataclasses.replace(frame, data=_replaced(frame.data, self._bytes)) for frame in case.frames]
        return dataclasses.replace(case, frames=frames, endpoints=[[_replaced(cell, self._texts) for cell in row]
                                                                   for row in case.endpoints])


def _replaced(data, changes):
    for old, new in changes.items():
        data = data.replace(old, new)
    return data


def located(cases):
    """The cases, each in a place of its own."""
    return [Place(number).moved(case) for number, case in enumerate(cases)]


def read_sessions(tshark, cases, two_pass, preferences=(), write=None):
    """The sessions of each of these cases, which must have places of their own; write(path, frames): another file than
    pcapng, for cases without keys."""
    path = tshark.output / "cases.pcapng"
    path.unlink(missing_ok=True)
    frames = [(number, frame) for number, case in enumerate(cases) for frame in case.linked()]
    keys = b"".join(dict.fromkeys(case.keys for case in cases))
    if write:
        write(path, [frame for _, frame in frames])
    else:
        pcapng.write(path, pcapng.Capture([frame for _, frame in frames], keys=keys), "", "")
    path.chmod(0o644)
    rows = list(dict.fromkeys(tuple(row) for case in cases for row in case.endpoints))
    shown = tshark.fields(path, "frame.number", "iphttps.session", "iphttps.verdict", "iphttps.finding",
                          "iphttps.tunnel.length", display_filter="iphttps", endpoints=rows, two_pass=two_pass,
                          environment=LENIENT,
                          preferences=dict(one.split(":", 1) for one in preferences))
    sessions = [{} for _ in cases]
    for row in shown:
        if not row["iphttps.session"]:
            continue  # a tunnel whose session is not followed
        of_case = sessions[frames[int(row["frame.number"][0]) - 1][0]]
        session = of_case.setdefault(int(row["iphttps.session"][0]), Session())
        session.verdict = int(row["iphttps.verdict"][-1]) if row["iphttps.verdict"] else session.verdict
        session.findings += row["iphttps.finding"]
        session.inner += len(row["iphttps.tunnel.length"])
    return [list(of_case.values()) for of_case in sessions]


def read_all(tshark, cases, two_pass, preferences=(), write=None):
    """The sessions of each case, in the same order; those with and without endpoint rows do not meet."""
    answers = [None] * len(cases)
    for with_rows in (False, True):
        numbers = [number for number, case in enumerate(cases) if bool(case.endpoints) == with_rows]
        for first in range(0, len(numbers), CASES_OF_A_RUN):
            chunk = numbers[first:first + CASES_OF_A_RUN]
            told = read_sessions(tshark, located([cases[number] for number in chunk]), two_pass, preferences, write)
            for number, sessions in zip(chunk, told):
                answers[number] = sessions
    return answers


def _differences(clean, told, undated):
    ignored = DATED if undated else set()
    wanted = [sorted(set(session.told()) - ignored) for session in clean]
    have = [session.told() for session in told]
    if have != wanted:
        yield f"findings {have} instead of {wanted}"
    for before, after in zip(clean, told):
        if after.verdict != before.verdict and not (undated and DATED & set(before.findings)):
            yield f"verdict {after.verdict} instead of {before.verdict}"
        if after.inner != before.inner:
            yield f"{after.inner} inner packets instead of {before.inner}"


def _inventions(clean, told):
    invented = sorted({slug for session in told for slug in session.told()} -
                      {slug for session in clean for slug in session.findings})
    if invented:
        yield f"invented {invented}"
    if len(told) > len(clean):
        yield f"{len(told)} sessions instead of {len(clean)}"
    all_there = not any(CAPTURE_NOTES & set(session.findings) for session in clean)
    inner, inner_there = (sum(session.inner for session in sessions) for sessions in (told, clean))
    if all_there and inner > inner_there:
        yield f"{inner} inner packets instead of {inner_there}"
    healthy = all(session.verdict != FAILED for session in clean)
    if healthy and any(session.verdict == FAILED for session in told):
        yield "a healthy session failed"


def complaints(rule, clean, told):
    """What is wrong with the answer to a capture in some form, held against that to the clean one: the one place
    where it stands what may not be said of a capture that is not as it should be."""
    if rule in (EQUAL, UNDATED):
        return list(_differences(clean, told, rule == UNDATED))
    found = list(_inventions(clean, told))
    noted = any(CAPTURE_NOTES & set(session.findings) for session in told)
    if rule == UNLESS_NOTED and told and not noted:
        found += _differences(clean, told, undated=False)
    return found
