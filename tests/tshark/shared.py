"""What one test has asked, others need not ask again, in whatever process they run.

pytest's workers share a folder of answers, which tests/conftest.py makes; without it every question
is asked anew.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import fcntl
import hashlib
import os
import pathlib
import pickle

VARIABLE = "IPHTTPS_SHARED_ANSWERS"


def once(question, answer):
    """What answer() returns, from whoever asked the question first.

    The question is anything whose repr() tells it from all others. While one asks, others who want
    to know the same wait.
    """
    if VARIABLE not in os.environ:
        return answer()
    kept = pathlib.Path(os.environ[VARIABLE]) / hashlib.sha256(repr(question).encode()).hexdigest()
    with open(kept.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            return pickle.loads(kept.read_bytes())
        found = answer()
        kept.write_bytes(pickle.dumps(found))
        return found
