"""``make test``: lanes of tests, cut into jobs that workers take from one queue."""

import os
import sys
from dataclasses import dataclass

from . import (
    addons,
    checklog,
    core_tests,
    databases,
    layout,
    odoo,
    outside,
    prepared,
    processes,
    programs,
    results,
    shards,
)
from .console import call, tail

FIRST_PORT = 8170
PORTS_PER_WORKER = 50
# Nobody listens there.  While Odoo tests, its server waits for the test and the test
# for wkhtmltopdf: asked for style sheets, it would never answer.
REPORT_PORT = 9
JOB_SECONDS = results.LONGEST
# on the test classes which show that the base add-on is whole without any other
ALONE_TAG = "service_alone"
# on the test classes that need the chart of accounts of a country
COUNTRY_TAG = "service_country"
# on those that need other apps of Odoo beside ours
NEIGHBOUR_TAG = "service_neighbours"
# on those that need an add-on of others
OUTSIDE_TAG = "service_outside"
STATISTICS = "--log-handler=odoo.tests.stats:DEBUG"


class Worker:
    """One of those that run tests side by side: its ports and its databases."""

    def __init__(self, environment, number):
        self.environment = environment
        self.number = number
        self.first_port = FIRST_PORT + number * PORTS_PER_WORKER
        self.clones = {}

    def clone(self, kind):
        """A database of that kind for this worker alone, kept for its later jobs."""
        if kind not in self.clones:
            name = databases.test_name(f"{kind}_{self.number}")
            databases.clone(prepared.ensure(self.environment, kind), name)
            databases.set_address(name, self.first_port, REPORT_PORT)
            self.clones[kind] = name
        return self.clones[kind]


@dataclass
class Job:
    """A part of a lane that one worker runs at a stretch."""

    lane: "Lane"
    number: int
    seconds: float
    content: list

    @property
    def name(self):
        return f"{self.lane.name} {self.number}"

    @property
    def log(self):
        name = databases.test_name(f"{self.lane.name}-{self.number}")
        return layout.folder("log") / f"{name}.log"


@dataclass(eq=False)
class Lane:
    """Tests that one job runs at a stretch."""

    name: str
    title: str
    # tags of Odoo, or arguments of pytest
    content: list
    # what it is thought to take before it was measured
    seconds: float = 60

    def cut(self, known):
        """The jobs; ``known`` tells what each lane or class took the last time."""
        return [Job(self, 1, known.get(self.name, self.seconds), self.content)]

    def measure(self, outcome):
        """What is known of an outcome the next time: ``{lane or class: seconds}``."""
        return {self.name: outcome.seconds}


@dataclass(eq=False)
class OdooLane(Lane):
    """The tests of tags on a database of one kind."""

    kind: str = "installed"

    def run(self, worker, job):
        database = worker.clone(self.kind)
        port = processes.pick_port(worker.first_port)
        tags = ",".join(self.list_tags(job))
        code = worker.environment.run(
            *("-d", database, f"--test-tags={tags}", STATISTICS),
            *("--stop-after-init", f"--http-port={port}"),
            log=job.log,
            seconds=JOB_SECONDS,
        )
        outcome = self.judge(job, code)
        outcome.again = [self.run_again(tag, database) for tag in outcome.again]
        return outcome

    def list_tags(self, job):
        return job.content

    def judge(self, job, code):
        with job.log.open(errors="replace") as lines:
            outcome = results.read_odoo_log(lines).require_tests()
        outcome.problems += checklog.check_file(job.log)
        if code == odoo.TIMED_OUT:
            last = job.log.read_text(errors="replace").strip().splitlines()[-1]
            outcome.problems.append(f"stopped after {JOB_SECONDS} s at: {last}")
        elif code and outcome.ok:
            outcome.problems.append(f"Odoo ended with code {code}; see {job.log}")
        return refuse_missing_browser(outcome)

    def run_again(self, tag, database):
        """The command which runs a failed test on the database it failed on. A test
        that is not for every database is found by what the lane calls it alone."""
        addon = tag[1:].partition(":")[0]
        mark = self.content[0].partition("/")[0]
        return f"make test-module MODULES={addon} TAGS={mark}{tag} DB={database} KEEP=1"


class ClassesLane(OdooLane):
    """Tests enough for many jobs, cut by their classes."""

    def cut(self, known):
        units = self.list_units()
        parts = shards.pack({unit: known.get(unit, units[unit]) for unit in units})
        return [Job(self, number, *part) for number, part in enumerate(parts, 1)]

    def measure(self, outcome):
        return {
            f"/{addon}:{name}": seconds
            for (addon, name, test), (seconds, _queries) in outcome.measured.items()
            if not test
        }


class AddonsLane(ClassesLane):
    """All tests of add-ons."""

    def list_units(self):
        """``{tag: expected seconds}`` of the classes."""
        units = {}
        for tag in self.content:
            units |= shards.list_classes(tag.removeprefix("/"))
        return units

    def cut(self, known):
        """The last job takes what no unit names, so that nothing is left out."""
        *others, last = super().cut(known)
        named = [f"-{unit}" for job in others for unit in job.content]
        last.content = [*self.content, *named]
        return [*others, last]


class CoreLane(ClassesLane):
    """Tests of Odoo itself beside our add-ons."""

    def list_units(self):
        return {tag: core_tests.expect(tag) for tag in self.content}

    def run(self, worker, job):
        if not core_tests.find(worker.environment.source):
            return core_tests.report_missing(worker.environment.source)
        return super().run(worker, job)

    def list_tags(self, job):
        return job.content + core_tests.list_excluded()

    def judge(self, job, code):
        outcome = super().judge(job, code)
        with job.log.open(errors="replace") as lines:
            outcome.problems += core_tests.find_not_run(lines, job.content)
        return outcome


class OutsideLane(OdooLane):
    """Tests beside add-ons of others, skipped where these cannot be had."""

    def run(self, worker, job):
        if reason := outside.find_missing():
            return results.Outcome(skipped=[(self.title, reason)])
        environment = outside.beside(worker.environment)
        return super().run(Worker(environment, worker.number), job)


class PytestLane(Lane):
    """Run pytest with arguments; the tests make their databases themselves."""

    def run(self, worker, job):
        report = job.log.with_suffix(".xml")
        report.unlink(missing_ok=True)
        env = {
            **os.environ,
            "SANDBOX_FIRST_PORT": str(worker.first_port),
            "PYTHONPYCACHEPREFIX": str(layout.folder("pycache")),
        }
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}"]
        with job.log.open("wb") as output:
            code = call(
                [*command, *job.content], output, cwd=layout.CHECKOUT, env=env
            ).returncode
        return self.judge(job, report, code)

    def judge(self, job, report, code):
        outcome = results.read_junit(report).require_tests()
        if code and (outcome.ok or not outcome.ran):
            outcome.problems.append(f"pytest ended with code {code}; see {job.log}")
        if not outcome.ok:
            log = job.log.read_text(errors="replace")
            outcome.problems.append(tail(log, lines=60))
        return refuse_missing_browser(outcome)


def refuse_missing_browser(outcome):
    """Where a browser is required, a test skipped for want of it is a failure."""
    for name, reason in outcome.skipped * programs.is_browser_required():
        if "Chrom" in reason or "websocket" in reason:
            outcome.problems.append(f"{name} was skipped: {reason}")
    return outcome


def list_lanes(nightly=False):
    """All lanes; by night with all of core's tests, and with tests of their own."""
    base = addons.BASE_ADDON
    usual = [f"/{name}" for name in addons.without_neighbours()]
    core = core_tests.list_tags(nightly)
    countries = [f"{COUNTRY_TAG}/{name}" for name in addons.names()]
    neighbours = [f"{NEIGHBOUR_TAG}/{name}" for name in addons.names()]
    beside = [f"{OUTSIDE_TAG}/{name}" for name in addons.needing(addons.OUTSIDE)]
    system = ["tests", "--ignore=tests/test_demo.py", "--ignore=tests/nightly"]
    lanes = [
        AddonsLane("together", "all add-ons: their tests", usual, kind="world"),
        CoreLane("core", "core's own tests beside our add-ons", core),
        OdooLane(
            "countries",
            "charts of Slovakia and Czechia: storno, VAT date",
            countries,
            kind="countries",
        ),
        OdooLane(
            "neighbours",
            "beside sales, projects, purchases, stock and repairs",
            neighbours,
            kind="neighbours",
        ),
        OutsideLane(
            "outside", "beside OCA's job queue", beside, kind="outside", seconds=40
        ),
        OdooLane(
            "alone",
            f"{base} alone: from work order to print",
            [f"{ALONE_TAG}/{base}"],
            kind="base_world",
        ),
        PytestLane("system", "whole system: server, JSON-2, browser", system, 200),
        PytestLane(
            "reinstall", "install, uninstall, install again", ["tests/reinstall.py"], 90
        ),
        PytestLane("demo", "the demo does the main job", ["tests/test_demo.py"]),
    ]
    if nightly:
        lanes.append(PytestLane("nightly", "once a night", ["tests/nightly"], 600))
    return lanes
