"""The tshark that stays tells what one tells that is started for the question (resident.py).

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import subprocess

import pytest

import resident
import sandbox

pytestmark = pytest.mark.skipif(not sandbox.may_stay(), reason="tshark is started for each question")

CAPTURE = "several-clients"
HOLDING = "tunnel-null-sha256"
QUESTIONS = {
    "packet list": [],
    "details twice read": ["-2", "-V"],
    "bytes": ["-T", "json", "-x"],
    "statistics": ["-q", "-z", "iphttps,report", "-z", "expert", "-z", "io,phs"],
    "fields": ["-Y", "iphttps", "-T", "fields", "-e", "iphttps.verdict", "-e", "iphttps.finding"],
    "preference": ["-o", "iphttps.dissect_tunnel:FALSE", "-P", "-V"],
    "row": ["-o", 'uat:iphttps_endpoints:"","203.0.113.0/24","","",""', "-V"],
    "unknown field": ["-T", "fields", "-e", "iphttps.no_such_field"],
    "unknown filter": ["-Y", "tcp =="],
    "unknown preference": ["-o", "iphttps.no_such_preference:TRUE"],
    "unknown profile": ["-C", "No such profile"],
    "another capture": ["-r", "/nonexistent"],
}
ENVIRONMENTS = {"plugin": None, "no plugin": sandbox.WITHOUT_PLUGIN}


@pytest.fixture(name="staying", scope="module")
def fixture_staying(tshark):
    """A tshark that stays in each of the environments, by the environment's name."""
    made = {name: resident.Resident(tshark, sandbox.RESIDENT, environment)
            for name, environment in ENVIRONMENTS.items()}
    yield made
    for one in made.values():
        one.close()


@pytest.mark.parametrize("where", ENVIRONMENTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_that_of_a_tshark_that_was_started(tshark, staying, question, where):
    tshark.write_table("iphttps_endpoints", [])
    for name in (HOLDING, CAPTURE):  # what one question leaves behind would show in the next answer
        asked = ["-r", tshark.readable(sandbox.capture_of(name)), "-n", *QUESTIONS[question]]
        started = tshark.run(*asked, environment=ENVIRONMENTS[where])
        told = staying[where].run(*asked, timeout_s=sandbox.TIMEOUT_S)
        assert (told.returncode, told.stdout, told.stderr) \
            == (started.returncode, started.stdout, started.stderr)


def test_tables_are_read_anew_for_each_question(tshark, staying):
    asked = ["-r", tshark.readable(sandbox.capture_of("healthy-windows7")), "-Y", "iphttps"]
    counts = []
    for rows in ([], [("da.example.com", "", "", "", "")], []):
        tshark.write_table("iphttps_endpoints", rows)
        counts.append(len(staying["plugin"].run(*asked, timeout_s=sandbox.TIMEOUT_S).stdout))
    assert counts[0] == counts[2] == 0 < counts[1]


def test_question_without_an_answer_ends_in_time(tshark):
    pipe = tshark.output / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o644)
    one = resident.Resident(tshark, sandbox.RESIDENT, None)
    one.run("--version", timeout_s=sandbox.TIMEOUT_S)
    with pytest.raises(subprocess.TimeoutExpired):
        one.run("-r", pipe, timeout_s=1)
