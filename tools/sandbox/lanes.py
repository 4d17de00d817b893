"""``make test``: independent lanes, each on a database of its own, side by side."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from . import (
    addons,
    browser,
    checklog,
    core_tests,
    databases,
    layout,
    odoo,
    ports,
    results,
)
from .console import SandboxError, say, tail

FIRST_PORT = 8170
PORTS_PER_LANE = 50
SHOWN_PROBLEMS = 15
# Nobody listens there.  While Odoo tests, its server waits for the test and the test
# for wkhtmltopdf: asked for style sheets, it would never answer.
REPORT_PORT = 9
LANE_SECONDS = 3600
COMPANIES_SCRIPT = Path(__file__).with_name("prepare_companies.py")
# on the test classes which show that the base add-on is whole without any other
ALONE_TAG = "service_alone"
# on the test classes that need the chart of accounts of a country, and these charts
COUNTRY_TAG = "service_country"
COUNTRY_MODULES = ["l10n_sk", "l10n_cz"]


def database_name(lane):
    """Checkouts may share a sandbox; their test databases must not meet."""
    key = hashlib.sha256(str(layout.CHECKOUT).encode()).hexdigest()[:6]
    return f"test_{key}_{lane}"


class OdooLane:
    """Install ``modules`` on a fresh clone and run the tests of ``tags``."""

    def __init__(self, name, title, modules, tags):
        self.name = name
        self.title = title
        self.modules = modules
        self.tags = tags

    def run(self, environment, index):
        database, port = self.clone(environment, index)
        return self.run_tests(environment, database, port, "-i", ",".join(self.modules))

    def clone(self, environment, index):
        database = database_name(self.name)
        port = ports.pick(FIRST_PORT + index * PORTS_PER_LANE)
        self.make_database(environment, database)
        databases.stop_autovacuum(environment.settings, database)
        databases.set_address(environment.settings, database, port, REPORT_PORT)
        return database, port

    def make_database(self, environment, name):
        environment.clone_template(name)

    def run_tests(self, environment, database, port, *options):
        log = layout.folder("log") / f"{database}.log"
        code = environment.run(
            *("-d", database, *options, f"--test-tags={','.join(self.tags)}"),
            *("--stop-after-init", f"--http-port={port}"),
            log=log,
            seconds=LANE_SECONDS,
        )
        return self.judge(log, code)

    def judge(self, log, code):
        with log.open(errors="replace") as lines:
            outcome = results.read_odoo_log(lines).require_tests()
        outcome.problems += checklog.check_file(log)
        if code == odoo.TIMED_OUT:
            last = log.read_text(errors="replace").strip().splitlines()[-1]
            outcome.problems.append(f"stopped after {LANE_SECONDS} s at: {last}")
        elif code and outcome.ok:
            outcome.problems.append(f"Odoo ended with code {code}; see {log}")
        return refuse_missing_browser(outcome)


class InstalledLane(OdooLane):
    """Run the tests on a clone of a database with ``modules``, installed once for all
    these lanes: what installs nothing runs the tests of the whole database."""

    preparing = threading.Lock()
    prepared: set[str] = set()

    def run(self, environment, index):
        database, port = self.clone(environment, index)
        return self.run_tests(environment, database, port)

    def make_database(self, environment, name):
        prepared = database_name("installed")
        with self.preparing:
            if prepared not in self.prepared:
                self.prepare(environment, prepared)
                self.prepared.add(prepared)
            databases.clone(environment.settings, prepared, name)

    def prepare(self, environment, name):
        """Install the add-ons, and make the companies every test class begins with."""
        environment.create_database(name, ",".join(self.modules))
        log = layout.folder("log") / f"{name}-companies.log"
        environment.run_script(name, COMPANIES_SCRIPT, log=log)


class CountryLane(InstalledLane):
    """Tests with the charts of accounts of countries, installed on top of the rest."""

    def make_database(self, environment, name):
        super().make_database(environment, name)
        log = layout.folder("log") / f"{name}-install.log"
        environment.install(name, ",".join(COUNTRY_MODULES), log=log)


class CoreLane(InstalledLane):
    """Tests of Odoo itself, on a database with all our add-ons."""

    def __init__(self, name, title, modules):
        super().__init__(name, title, modules, core_tests.list_tags())

    def run(self, environment, index):
        if not core_tests.find(environment.source):
            return core_tests.report_missing(environment.source)
        return super().run(environment, index)

    def judge(self, log, code):
        outcome = super().judge(log, code)
        with log.open(errors="replace") as lines:
            outcome.problems += core_tests.find_not_run(lines)
        return outcome


class PytestLane:
    """Run pytest with ``arguments``; the tests make their databases themselves."""

    def __init__(self, name, title, arguments):
        self.name = name
        self.title = title
        self.arguments = arguments

    def run(self, environment, index):
        report = layout.folder("log") / f"{database_name(self.name)}-pytest.xml"
        log = report.with_suffix(".log")
        report.unlink(missing_ok=True)
        env = {
            **os.environ,
            "SANDBOX_FIRST_PORT": str(FIRST_PORT + index * PORTS_PER_LANE),
            "PYTHONPYCACHEPREFIX": str(layout.folder("pycache")),
        }
        with log.open("wb") as output:
            code = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pytest",
                    f"--junitxml={report}",
                    *self.arguments,
                ],
                cwd=layout.CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                check=False,
            ).returncode
        outcome = results.read_junit(report).require_tests()
        if code and (outcome.ok or not outcome.ran):
            outcome.problems.append(f"pytest ended with code {code}; see {log}")
        if not outcome.ok:
            outcome.problems.append(tail(log.read_text(errors="replace"), lines=60))
        return refuse_missing_browser(outcome)


def refuse_missing_browser(outcome):
    """Where a browser is required, a test skipped for want of it is a failure."""
    for name, reason in outcome.skipped:
        if browser.is_required() and ("Chrom" in reason or "websocket" in reason):
            outcome.problems.append(f"{name} was skipped: {reason}")
    return outcome


def list_lanes():
    """The slow ones first, so that none is left alone at the end."""
    base = addons.BASE_ADDON
    others = [name for name in addons.names() if name != base]
    system = ["tests", "--ignore=tests/test_demo.py"]
    reinstall = ["tests/reinstall.py"]
    return [
        InstalledLane(
            "together",
            f"{base} beside all others: its tests",
            addons.to_install(),
            [f"/{base}"],
        ),
        CoreLane("core", "core's own tests beside our add-ons", addons.to_install()),
        InstalledLane(
            "others",
            f"{' + '.join(others)}: their tests",
            addons.to_install(),
            [f"/{name}" for name in others],
        ),
        CountryLane(
            "countries",
            "charts of Slovakia and Czechia: storno, VAT date",
            addons.to_install(),
            [f"{COUNTRY_TAG}/{name}" for name in addons.names()],
        ),
        PytestLane("system", "whole system: server, JSON-2, browser", system),
        OdooLane(
            "alone",
            f"{base} alone: from work order to print",
            [base],
            [f"{ALONE_TAG}/{base}"],
        ),
        PytestLane("reinstall", "install, uninstall, install again", reinstall),
        PytestLane("demo", "the demo does the main job", ["tests/test_demo.py"]),
    ]


def run_all(only=None):
    """Run the lanes (or those named in ``only``), print what they did."""
    lanes = [lane for lane in list_lanes() if not only or lane.name in only]
    if not lanes:
        raise SandboxError(f"LANE must be one of: {known_names()}")
    browser.find()
    environment = odoo.ensure()
    environment.ensure_template()
    start = time.monotonic()
    workers = max(1, min(2, os.cpu_count() or 1))
    outcomes = {}
    with ThreadPoolExecutor(workers) as pool:
        futures = {
            pool.submit(run_timed, lane, environment, index): lane
            for index, lane in enumerate(lanes)
        }
        for future in as_completed(futures):
            lane = futures[future]
            outcomes[lane.name], seconds = future.result()
            print_lane(lane, outcomes[lane.name], seconds)
    return print_total(outcomes.values(), time.monotonic() - start)


def known_names():
    return ", ".join(lane.name for lane in list_lanes())


def run_timed(lane, environment, index):
    start = time.monotonic()
    say(f"[ .... ] {lane.title}")
    try:
        outcome = lane.run(environment, index)
    except SandboxError as error:
        outcome = results.Outcome(problems=[str(error)])
    return outcome, time.monotonic() - start


def print_lane(lane, outcome, seconds):
    word = "ok" if outcome.ok else "FAILED"
    say(
        f"[{seconds:5.1f}s] {lane.title}: {word}, {outcome.passed} passed, "
        f"{outcome.failures_count} failed, {len(outcome.skipped)} skipped"
    )
    for name, reason in outcome.skipped:
        say(f"         skipped {name}: {reason}")
    for failure in outcome.failures:
        say(f"         {failure}")
    for problem in outcome.problems[:SHOWN_PROBLEMS]:
        say(f"         {problem}")
    if len(outcome.problems) > SHOWN_PROBLEMS:
        say(f"         and {len(outcome.problems) - SHOWN_PROBLEMS} more")


def print_total(outcomes, seconds):
    outcomes = list(outcomes)
    say(f"[{seconds:5.1f}s] all lanes; logs in {layout.folder('log')}")
    print(results.format_total(*results.add_up(outcomes)), flush=True)
    return 0 if outcomes and all(outcome.ok for outcome in outcomes) else 1
