"""The commands in README.md print what stands below them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re
import shlex
import shutil
import subprocess
import sys
import textwrap

import pytest

import sandbox


def examples():
    """Command and output of each example in README.md, with the output that stands there."""
    text = (sandbox.SOURCE / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^    \$ (.*)\n((?:(?:    (?!\$ ).*)?\n)*)", text, re.MULTILINE)
    return [(command, textwrap.dedent(output).rstrip("\n")) for command, output in blocks]


def run_demo(arguments):
    """What ./run demo prints once the plugin is built."""
    report = sandbox.SOURCE / "tests" / "tshark" / "report.py"
    return subprocess.run([sys.executable, "-B", report, *arguments], cwd=sandbox.SOURCE, text=True,
                          stdout=subprocess.PIPE, check=True).stdout


def run_tshark(room, arguments):
    """What tshark prints, with captures named as from the top folder of the source."""
    named = [room.readable(sandbox.SOURCE / argument) if argument.startswith("testcaptures/")
             else argument for argument in arguments]
    room.write_table("iphttps_endpoints", [])
    done = room.run(*named)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def run_triage(room, arguments):
    """What ./run triage prints once the plugin is built, in a folder with the captures."""
    program = shutil.copy(sandbox.SOURCE / "triage" / "iphttps-triage", room.folder)
    for name in arguments:
        copy = room.output / name
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(room.readable(sandbox.SOURCE / name), copy)
    return room.run(*arguments, program=program).stdout


def test_readme_shows_both_programs():
    assert {shlex.split(command)[0] for command, _ in examples()} == {"./run", "tshark"}


@pytest.mark.parametrize("page", ["README.md", "plugin/README.md"])
def test_page_says_how_many_findings_there_are(page):
    text = (sandbox.SOURCE / page).read_text(encoding="utf-8")
    assert re.findall(r"\b(\d+) findings\b", text) == [str(len(sandbox.interface()["findings"]))]


@pytest.mark.parametrize("command, output", examples())
def test_example_prints_what_readme_shows(tshark, command, output):
    program, *arguments = shlex.split(command)
    if program == "./run" and arguments[0] == "triage":
        printed = run_triage(tshark, arguments[1:])
    elif program == "./run":
        printed = run_demo(arguments[1:])
    else:
        printed = run_tshark(tshark, arguments)
    if output:
        assert printed.rstrip("\n") == output
