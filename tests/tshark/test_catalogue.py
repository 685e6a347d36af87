"""Every row of the catalogue has a capture that raises it and a near miss on which it stays silent.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
FINDINGS = list(sandbox.interface()["findings"])


def frames_of(scenario, slug):
    """The frames of a scenario that decide a finding."""
    return sorted(finding["frame"] for session in scenario["sessions"]
                  for finding in session["findings"] if finding["slug"] == slug)


def raising(slug):
    """The first capture that raises a finding, None if there is none."""
    return next((name for name, scenario in SCENARIOS.items() if frames_of(scenario, slug)), None)


def near_misses(name):
    """The findings whose condition a scenario just misses."""
    return SCENARIOS[name].get("near_miss_of", [])


def matched(frames, slug):
    """The numbers of the frames that the filter of a finding's expert info matches."""
    return [int(frame["frame.number"][0]) for frame in frames if frame[f"iphttps.{slug}"]]


@pytest.mark.parametrize("slug", FINDINGS)
def test_row_is_raised_by_a_capture(rows, slug, two_pass):
    name = raising(slug)
    assert name, f"no capture raises {slug}"
    assert matched(rows(name, two_pass), slug) == frames_of(SCENARIOS[name], slug)


@pytest.mark.parametrize("slug", FINDINGS)
def test_row_stays_silent_on_its_near_misses(rows, slug, two_pass):
    near = [name for name in SCENARIOS if slug in near_misses(name)]
    assert near, f"no capture just misses {slug}"
    for name in near:
        assert not frames_of(SCENARIOS[name], slug)
        assert matched(rows(name, two_pass), slug) == []


def test_near_misses_are_of_findings_that_exist():
    assert {slug for name in SCENARIOS for slug in near_misses(name)} <= set(FINDINGS)
