"""What all workers of a run share, and how tests are dealt out to them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE / "tshark"))

import shared  # pylint: disable=wrong-import-position

ANSWERS = pytest.StashKey[str]()


def pytest_configure(config):
    """The workers, which begin later, get the folder's name with the environment."""
    config.addinivalue_line("markers", "xdist_group: tests that run in one worker")
    if not hasattr(config, "workerinput"):
        config.stash[ANSWERS] = tempfile.mkdtemp(prefix="iphttps-answers-")
        os.environ[shared.VARIABLE] = config.stash[ANSWERS]


def pytest_unconfigure(config):
    """Removes the folder when all workers have ended."""
    if ANSWERS in config.stash:
        shutil.rmtree(config.stash[ANSWERS], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)  # xdist looks at the marks in the same hook
def pytest_collection_modifyitems(items):
    """One desktop is enough: one worker runs the tests of the GUI, and begins with them, since
    they take longest."""
    gui = [item for item in items if (HERE / "gui") in item.path.parents]
    for item in gui:
        item.add_marker(pytest.mark.xdist_group("gui"))
    items.sort(key=lambda item: item not in gui)
