"""What a scenario is, how it is run, and how its expectations are held against stock tshark.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import inspect
import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import pcapng
import software
from net import ADDRESSES, Lab, run

MAX_BYTES = 60_000
VERDICT_CONNECTED = 1
TRIES = 5

UNADVERTISED = "tunnel_without_router_advertisement"
UNADVERTISED_AFTER = 3  # router solicitations

INTERFACE = Path(__file__).resolve().parents[2] / "tests" / "interface.json"
# Findings that leave the verdict alone: notes and warnings.
NO_ERRORS = {slug for slug, row in json.loads(INTERFACE.read_text())["findings"].items()
             if row["severity"] in ("note", "warning")}
SCENARIOS = {}
NO_CODE = -1  # of a session that shows no Windows error


@dataclass(frozen=True)
class Session:
    """A DirectAccess session the plugin is expected to report.

    tagged_by, verdict  numbers of the fields of these names
    findings            pairs of slug and display filter; the filter is for Wireshark without the
                        plugin, and the first frame it matches is the one that decides the finding
                        (the n-th frame, where n is given as a third element). The list is
                        complete: any other finding in the session is wrong
    decided             filter of the frame that decides the verdict; without it the frame of the
                        finding that does, if all errors are on one frame
    stream              the TCP stream to which the filters are confined, None for the whole capture
    client, server      names of ADDRESSES, or addresses
    client_type, windows_error, cipher_suite, phase   values of these fields, None: not checked;
                      windows_error NO_CODE: the session shows none
    """
    tagged_by: int
    verdict: int
    findings: tuple = ()
    decided: str = None
    stream: int = None
    client: str = "client"
    server: str = "server"
    endpoint: str = "da.example.com:443"
    client_type: int = None
    windows_error: int = None
    cipher_suite: int = None
    phase: int = None


@dataclass(frozen=True)
class Scenario:
    """A function that makes the traffic, and what is to be found in it; fields as in scenario()."""
    name: str
    group: str
    title: str
    made: str
    traffic: object
    software: tuple
    sessions: tuple
    endpoints: tuple = ()
    untouched: bool = False
    withdrawn: bool = False
    near_miss_of: tuple = ()
    keys: bool = False
    capture: dict = field(default_factory=dict)
    edit: object = None


def scenario(group, programs, *sessions, **options):
    """Declares the decorated function as the scenario of its name (null_rejected_alert makes
    null-rejected-alert.pcapng). It is called with a net.Lab while the capture runs on the client.
    Its docstring's first paragraph is the title, the rest tells how the capture is made.

    group      heading in the catalogue
    programs   keys of software.PROGRAMS
    sessions   Session for each one expected, in the order of tagging
    endpoints  rows for the plugin's table: host, address, port, thumbprint, comment (all text);
               or a function of the Pki that returns them
    untouched  nothing of the plugin may appear in any frame
    withdrawn  the tag is taken back: no finding on any pass, no field on a second pass
    near_miss_of  slugs of findings that this capture must not raise although it has much of what
               they ask for: each finding needs one such capture
    keys       put the lab's key log into the capture as a Decryption Secrets Block
    capture    arguments of Lab.capture, such as {"snaplen": 96}
    edit       function from the list of captured frames to the list that is kept
    """
    def declare(function):
        name = function.__name__.replace("_", "-")
        title, _, made = inspect.getdoc(function).partition("\n\n")
        SCENARIOS[name] = Scenario(name, group, " ".join(title.split()), " ".join(made.split()),
                                   function,
                                   tuple(programs), sessions, **options)
        return function
    return declare


class ScenarioFailed(RuntimeError):
    """The traffic did not come out as its scenario says."""


class Unlucky(ScenarioFailed):
    """It did not since something took too long on this machine: worth another try."""


def make(chosen, scratch, pki, folder):
    """Runs one scenario, writes its capture into `folder` and returns what is expected of it."""
    for attempt in range(1, TRIES + 1):
        try:
            return _make(chosen, scratch, pki, folder, scratch / f"{chosen.name}-{attempt}")
        except Unlucky as error:
            if attempt == TRIES:
                raise
            print(f"{chosen.name}: {error}, once more", flush=True)


def _make(chosen, scratch, pki, folder, directory):
    raw = scratch / f"{chosen.name}.raw"
    with Lab(chosen.name, directory, pki) as lab:
        with lab.capture(raw, **chosen.capture):
            chosen.traffic(lab)
        keys = lab.keylog.read_bytes() if chosen.keys else b""
    _check_advertised(chosen, lab)
    capture = pcapng.read(raw)
    if chosen.edit:
        capture.frames = chosen.edit(capture.frames)
    capture.keys = keys
    draft = scratch / f"{chosen.name}.pcapng"
    pcapng.write(draft, capture, chosen.title, software.version("dumpcap"))
    if draft.stat().st_size > MAX_BYTES:
        raise ScenarioFailed(f"{draft.stat().st_size} bytes, more than {MAX_BYTES}")
    expectation = _expectation(chosen, capture, draft, pki)
    _write(folder / draft.name, draft.read_bytes())
    packets = folder / f"{chosen.name}.packets.json"
    packets.unlink(missing_ok=True)
    if lab.packets:
        _write(packets, _packets(chosen, lab).encode())
    return expectation


def _check_advertised(chosen, lab):
    """Where the finding UNADVERTISED is not expected, the capture must give no cause for it."""
    if any(UNADVERTISED in finding for session in chosen.sessions for finding in session.findings):
        return
    if max(lab.solicitations, default=0) >= UNADVERTISED_AFTER:
        raise Unlucky("the router advertisement came too late")


def _write(path, content):
    path.write_bytes(content)
    os.chown(path, path.parent.stat().st_uid, path.parent.stat().st_gid)


def _packets(chosen, lab):
    """The inner packets of the scenario's tunnels as text; `complete` unless some of them were
    taken out of the capture."""
    complete = not chosen.edit and "snaplen" not in chosen.capture
    return json.dumps({"complete": complete, "sessions": lab.packets},
                      separators=(",", ":")) + "\n"


def _expectation(chosen, capture, path, pki):
    if not capture.frames:
        raise ScenarioFailed("nothing captured")
    start = datetime.fromtimestamp(capture.frames[0].time / 1e9, timezone.utc)
    rows = chosen.endpoints(pki) if callable(chosen.endpoints) else chosen.endpoints
    return {
        "group": chosen.group,
        "title": chosen.title,
        "made": chosen.made,
        "software": [software.version(name) for name in chosen.software],
        "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "frames": len(capture.frames),
        "addresses": _lines(path, "ip || ipv6", "ip.src", "ipv6.src"),
        "endpoints": [list(row) for row in rows],
        "untouched": chosen.untouched,
        "withdrawn": chosen.withdrawn,
        **({"near_miss_of": list(chosen.near_miss_of)} if chosen.near_miss_of else {}),
        "sessions": [_session(path, session) for session in chosen.sessions],
    }


def _session(path, session):
    findings = []
    for slug, display_filter, *nth in session.findings:
        findings.append({"slug": slug, "frame": _frame(path, session, display_filter, *nth),
                         "filter": display_filter, "match": nth[0] if nth else 1})
    return {
        "client": ADDRESSES.get(session.client, (session.client,))[0],
        "server": ADDRESSES.get(session.server, (session.server,))[0],
        "endpoint": session.endpoint,
        "tagged_by": session.tagged_by,
        "verdict": session.verdict,
        "decided_in": _decided_in(path, session, findings),
        "client_type": session.client_type,
        "windows_error": session.windows_error,
        "cipher_suite": session.cipher_suite,
        "phase": session.phase,
        "stream": session.stream,
        "findings": findings,
    }


def _decided_in(path, session, findings):
    if session.decided:
        return _frame(path, session, session.decided)
    if session.verdict == VERDICT_CONNECTED:
        deciding = {entry["frame"] for entry in findings if entry["slug"] == "connected"}
    else:
        deciding = {entry["frame"] for entry in findings if entry["slug"] not in NO_ERRORS}
    return deciding.pop() if len(deciding) == 1 else None


def _frame(path, session, display_filter, nth=1):
    """Number of the n-th frame the filter matches in the session's TCP stream."""
    if session.stream is not None:
        display_filter = f"(tcp.stream == {session.stream}) && ({display_filter})"
    frames = _lines(path, display_filter, "frame.number")
    if len(frames) < nth:
        packet_list = _tshark(path).stdout
        raise ScenarioFailed(f"not found: {display_filter} ({nth})\n{packet_list}")
    return int(frames[nth - 1])


def _lines(path, display_filter, *fields):
    """Distinct values of fields in the matching frames."""
    columns = [word for name in fields for word in ("-e", name)]
    result = _tshark(path, "-Y", display_filter, "-T", "fields", *columns)
    return list(dict.fromkeys(result.stdout.split()))


def _tshark(path, *arguments):
    """Runs tshark without any plugin or configuration: as an unprivileged user, since root's tshark
    loads the global plugins whatever it is told."""
    empty = path.parent / "empty"
    empty.mkdir(exist_ok=True)
    return run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                "env", f"HOME={empty}", f"WIRESHARK_PLUGIN_DIR={empty}", "TZ=UTC",
                "tshark", "-n", "-r", path, *arguments])
