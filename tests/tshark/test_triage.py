"""iphttps-triage tells of many captures what the plugin tells of each.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import subprocess
import types

import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
SCRIPT = sandbox.SOURCE / "triage" / "iphttps-triage"
BATCH = 12  # captures
TOLD = ("client", "endpoint", "tagged_by", "verdict", "decided_in", "client_type",
        "cipher_suite", "phase", "windows_error")


def batches():
    """Names of the catalogue in two groups, each with one table of endpoints, as a run has: with no
    row and with some; in each the first captures that end in different ways."""
    tables = {}
    for name, scenario in SCENARIOS.items():
        ends = json.dumps([[session["verdict"], session["findings"] and session["findings"][-1]["slug"]]
                           for session in scenario["sessions"]])
        tables.setdefault(json.dumps(scenario["endpoints"]), {}).setdefault(ends, name)
    without_rows = tables.pop("[]")
    return [list(names.values())[:BATCH] for names in (without_rows, max(tables.values(), key=len))]


pytestmark = pytest.mark.skipif(
    not shutil.which("parallel") or "GNU" not in subprocess.run(
        ["parallel", "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout,
    reason="there is no GNU parallel")


class Triage:
    """Runs iphttps-triage in a sandbox, in a folder of its own there."""

    def __init__(self, room):
        self.room = room
        self.folder = room.folder / "triage"
        self.folder.mkdir()
        self.program = shutil.copy(SCRIPT, room.folder)

    def add(self, name, content):
        """A file in the folder."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o644)
        return path

    def run(self, *arguments):
        """Runs it; its CompletedProcess."""
        self.room.write_table("iphttps_endpoints", [])
        return self.room.run(*arguments, program=self.program)

    def json(self, *arguments):
        """The objects that it prints."""
        done = self.run("--json", *arguments)
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


@pytest.fixture
def triage(tshark):
    """A Triage with an empty folder."""
    made = Triage(tshark)
    yield made
    shutil.rmtree(made.folder)


def content(name):
    """The bytes of a capture of the catalogue."""
    return sandbox.capture_of(name).read_bytes()


def expectation(session, told):
    """A session of the catalogue, with what it leaves open filled in from what was told: the code,
    too, where a warning after the deciding frame leads."""
    warned = told["gravest_in"] not in (None, told["decided_in"])
    wanted = {key: told[key] if session[key] is None or warned and key == "windows_error"
              else session[key] for key in TOLD}
    if session["windows_error"] == sandbox.NO_CODE:
        wanted["windows_error"] = None
    wanted["findings"] = sorted((finding["frame"], finding["slug"])
                                for finding in session["findings"])
    return wanted


def diagnosis(told):
    """A session as triage tells it, in the catalogue's words."""
    return {**{key: told[key] for key in TOLD},
            "findings": sorted((finding["frame"], finding["slug"]) for finding in told["findings"])}


@pytest.fixture(name="script", scope="module")
def fixture_script():
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("iphttps_triage", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def assert_expected(name, sessions):
    """Triage tells of a capture the sessions of its scenario, in their order."""
    wanted = SCENARIOS[name]["sessions"]
    assert [one["session"] for one in sessions] == list(range(len(wanted))), name
    assert [diagnosis(one) for one in sessions] \
        == [expectation(one, other) for one, other in zip(wanted, sessions)], name


@pytest.mark.parametrize("name", SCENARIOS)
def test_triage_makes_of_tsharks_lines_what_the_catalogue_expects(tshark, script, name):
    """What the script asks tshark, and what it makes of the answer, without what spreads the jobs."""
    asked = types.SimpleNamespace(profile=None, endpoint=as_arguments(SCENARIOS[name]["endpoints"]))
    path = tshark.readable(sandbox.capture_of(name))
    tshark.write_table("iphttps_endpoints", [])
    done = tshark.ask("-r", path, *script.reading_options(script.tshark_settings(asked)))
    assert (done.returncode, done.stderr) == (0, "")
    capture = script.Capture(path)
    for line in done.stdout.splitlines():
        assert not capture.take(line)
    assert_expected(name, json.loads(json.dumps(capture.sessions())))


def as_arguments(endpoints):
    """Rows of the table of endpoints as triage is given them."""
    return [",".join(row) for row in endpoints]


@pytest.mark.parametrize("names", batches(), ids=lambda names: names[0])
def test_triage_tells_what_the_catalogue_expects(triage, names):
    endpoints = SCENARIOS[names[0]]["endpoints"]
    files = {name: str(triage.add(f"{name}.pcapng", content(name))) for name in names}
    rows = [text for row in as_arguments(endpoints) for text in ("-e", row)]
    sessions, status = triage.json(*rows, triage.folder)
    assert status == 0
    for name in names:
        assert_expected(name, [one for one in sessions if one["file"] == files[name]])


def test_rows_and_summary_are_for_people(triage):
    triage.add("a.pcapng", content("null-rejected-alert"))
    triage.add("b.pcapng", content("null-rejected-alert"))
    triage.add("c.pcapng", content("foreign-https"))
    done = triage.run(triage.folder)
    assert done.returncode == 0
    rows, _, summary = done.stdout.partition("\n\n")
    for row in sorted(rows.splitlines()):
        assert row.split()[1:] == ["0", "192.0.2.10", "da.example.com:443", "Failed", "0x80090326",
                                   "null_cipher_rejected"]
    assert summary == ("3 captures, 0 of them broken, 1 without a DirectAccess session\n"
                       "\n"
                       "da.example.com:443  2 sessions: 2 failed\n"
                       "       2  null_cipher_rejected\n")


def test_what_cannot_be_read_is_reported(triage):
    whole = content("several-clients")
    cut = triage.add("cut.pcapng", whole[:-40])
    text = triage.add("text.pcapng", b"no capture")
    missing = triage.folder / "missing.pcapng"
    triage.add("whole.pcapng", whole)
    done = triage.run(triage.folder, missing)
    assert done.returncode == 1
    for path, reason in ((cut, "cut short"), (text, "understand"), (missing, "doesn't exist")):
        assert any(f"{path}: " in line and reason in line
                   for line in done.stderr.splitlines()), done.stderr
    # What could be read of the one that is cut counts.
    assert "4 captures, 3 of them broken" in done.stdout and "6 sessions" in done.stdout
    lines, status = triage.json(cut)
    assert status == 1 and "cut short" in lines[-1]["error"] and len(lines) == 4


def test_bar_shows_progress_on_a_terminal(triage):
    for name in "ab":
        triage.add(f"{name}.pcapng", content("null-rejected-alert"))
    terminal, theirs = os.openpty()
    process = triage.room.start(triage.program, triage.folder,
                                stdout=subprocess.DEVNULL, stderr=theirs)
    assert process.wait(sandbox.TIMEOUT_S) == 0
    shown = os.read(terminal, 4096).decode()
    os.close(theirs)
    os.close(terminal)
    states = re.findall(r"\] (.*?captures, .*?) broken", shown)
    assert states == ["0 of 2 captures, 0 sessions, 0", "1 of 2 captures, 1 session, 0",
                      "2 of 2 captures, 2 sessions, 0"]
    assert shown.endswith("\x1b[K")  # it leaves nothing on the screen


def test_folders_are_searched_for_captures(triage):
    triage.add("a file; with 'signs' & spaces.pcapng", content("connect-refused"))
    triage.add("notes.txt", b"none")
    deeper = triage.folder / "deeper"
    deeper.mkdir()
    shutil.copy(sandbox.capture_of("connect-refused"), deeper / "other.PCAPNG")
    sessions, status = triage.json("-e", "da.example.com,203.0.113.0/24", triage.folder)
    assert status == 0
    assert {session["file"] for session in sessions} \
        == {str(triage.folder / "a file; with 'signs' & spaces.pcapng"),
            str(deeper / "other.PCAPNG")}


@pytest.mark.parametrize("arguments, sentence", [
    (["-e", "da.example.com,,0"], 'Port "0" is not a number from 1 to 65535'),
    (["-C", "No such profile"], "No such profile"),
])
def test_what_would_fail_for_every_capture_is_said_once(triage, arguments, sentence):
    for name in "abc":
        triage.add(f"{name}.pcapng", content("foreign-https"))
    done = triage.run(*arguments, triage.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and sentence in done.stderr


def test_without_the_plugin_it_says_so(triage):
    triage.add("a.pcapng", content("foreign-https"))
    done = triage.room.run(triage.folder, program=triage.program,
                           environment={"WIRESHARK_PLUGIN_DIR": str(triage.room.home)})
    assert done.returncode == 2 and "does not load the IP-HTTPS plugin" in done.stderr
