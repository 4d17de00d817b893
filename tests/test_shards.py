"""Cutting lanes into jobs, and the order in which workers take them."""

import threading
import time

import pytest

from tools.sandbox import runner, shards
from tools.sandbox.console import SandboxError
from tools.sandbox.results import Outcome


def test_jobs_are_of_like_length_and_hold_every_unit_once(monkeypatch):
    monkeypatch.setattr(shards, "JOB_SECONDS", 100)
    units = {f"/a:Test{number}": seconds for number, seconds in enumerate((90, 80, 70))}
    units |= {f"/a:TestShort{number}": 10 for number in range(6)}
    jobs = shards.pack(units)
    # 300 seconds: three jobs, the short ones beside the long ones
    assert [seconds for seconds, _tags in jobs] == [100, 100, 100]
    assert sorted(tag for _seconds, tags in jobs for tag in tags) == sorted(units)


def test_a_lane_without_units_makes_no_job_of_nothing():
    assert shards.pack({"/a:Test": 1}) == [[1, ["/a:Test"]]]


def test_classes_are_read_from_the_sources(monkeypatch, tmp_path):
    monkeypatch.setattr(shards.layout, "CHECKOUT", tmp_path)
    tests = tmp_path / "addon" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_a.py").write_text(
        "class TestA(Common):\n"
        "    def test_one(self): pass\n"
        "    def test_two(self): pass\n"
        "    def _help(self): pass\n"
        "class Common: pass\n"
    )
    (tests / "common.py").write_text("class TestNone: pass\n")
    expected = shards.CLASS_SECONDS + 2 * shards.TEST_SECONDS
    assert shards.list_classes("addon") == {"/addon:TestA": expected}


def test_seconds_are_remembered_beside_those_of_other_lanes(monkeypatch, tmp_path):
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path))
    assert shards.read_seconds() == {}
    shards.remember({"/a:TestA": 1.5})
    shards.remember({"/a:TestB": 2.5})
    assert shards.read_seconds() == {"/a:TestA": 1.5, "/a:TestB": 2.5}
    shards.path().write_text("{")
    assert shards.read_seconds() == {}


def test_what_takes_longer_by_night_is_no_measure_for_the_day(monkeypatch, tmp_path):
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path))
    monkeypatch.delenv("SERVICE_NIGHTLY", raising=False)
    shards.remember({"/a:TestA": 20})
    monkeypatch.setenv("SERVICE_NIGHTLY", "1")
    shards.remember({"/a:TestA": 900})
    assert shards.read_seconds() == {"/a:TestA": 900}
    monkeypatch.delenv("SERVICE_NIGHTLY")
    assert shards.read_seconds() == {"/a:TestA": 20}


class FakeJob:
    def __init__(self, lane, seconds):
        self.name = self.lane = lane
        self.seconds = seconds


class FakeLane:
    """Jobs that wait for each other: they pass only if two run at once."""

    name = title = "fake"

    def __init__(self, barrier=None, problem=None):
        self.barrier = barrier
        self.problem = problem

    def cut(self, known):
        return [FakeJob(self, seconds) for seconds in (1, 3, 2, 4)]

    def run(self, worker, job):
        if self.problem:
            raise SandboxError(self.problem)
        self.barrier.wait(timeout=10)
        return Outcome(ran=1)

    def measure(self, outcome):
        return {}


@pytest.fixture
def two_cores(monkeypatch, tmp_path):
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path))
    monkeypatch.setattr(runner.os, "cpu_count", lambda: 2)


def test_the_longest_jobs_are_taken_first(two_cores):
    assert [job.seconds for job in runner.sort_jobs([FakeLane()])] == [4, 3, 2, 1]


def test_as_many_jobs_run_at_once_as_there_are_cores(two_cores):
    lane = FakeLane(threading.Barrier(2))
    start = time.monotonic()
    outcomes = runner.run_jobs(None, [lane])
    assert outcomes[lane].passed == 4
    assert time.monotonic() - start < 10


def test_a_job_that_cannot_be_run_fails_its_lane_alone(two_cores):
    broken = FakeLane(problem="There is no Odoo.")
    fine = FakeLane(threading.Barrier(2))
    outcomes = runner.run_jobs(None, [broken, fine])
    assert set(outcomes[broken].problems) == {"There is no Odoo."}
    assert outcomes[fine].ok


def test_an_unknown_lane_is_named_with_those_there_are():
    with pytest.raises(SandboxError, match="LANE=wrong must be some of: together"):
        runner.choose(runner.lanes.list_lanes(), ["core", "wrong"])
