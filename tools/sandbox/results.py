"""How many tests ran: read from Odoo's log and from pytest's report."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

# Longer than any job may take: the clock was set within what was measured.
LONGEST = 3600
TOTAL = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests "
)
SKIPPED = re.compile(r" INFO \S+ \S+: skipped (\S+) : (.*)$")
FAILED = re.compile(r" ERROR \S+ (\S+): ((?:FAIL|ERROR): .*)$")
FAILED_TEST = re.compile(r"\b(Test\w+(?:\.test_\w+)?)")
# a test or a class in the detailed report of odoo.tests.stats, whatever package of the
# add-on's tests it is in
MEASURED = re.compile(
    r"^\t(\w+)\.(?:[a-z_]\w*\.)+([A-Z]\w*)(?:\.(\w+))?: ([\d.]+)s (\d+) queries$"
)


@dataclass
class Outcome:
    """What one lane did.  A skipped test has not run, and says why."""

    ran: int = 0
    failed: int = 0
    skipped: list = field(default_factory=list)
    failures: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    # {(addon, class, test or None): (seconds, queries)}
    measured: dict = field(default_factory=dict)
    seconds: float = 0
    # what runs its failed tests again
    again: list = field(default_factory=list)

    @property
    def ok(self):
        return not self.failed and not self.problems

    @property
    def failures_count(self):
        """A lane with a problem but no failed test counts as one failure."""
        return max(self.failed, 0 if self.ok else 1)

    @property
    def passed(self):
        return self.ran - self.failed

    def __add__(self, other):
        pairs = zip(vars(self).items(), vars(other).values(), strict=True)
        return Outcome(
            **{
                name: (mine | its) if isinstance(mine, dict) else mine + its
                for (name, mine), its in pairs
            }
        )

    def require_tests(self):
        if not self.ran:
            self.problems.append("no test was executed")
        return self


def read_odoo_log(lines):
    """The outcome of a test run of Odoo; several totals in one log add up."""
    outcome = Outcome()
    for line in lines:
        if match := TOTAL.search(line):
            failed, errors, total = map(int, match.groups())
            outcome.failed += failed + errors
            outcome.ran += total
        elif match := SKIPPED.search(line):
            outcome.skipped.append((match[1], match[2].strip()))
        elif match := FAILED.search(line):
            outcome.failures.append(match[2].strip())
            outcome.again += list_tags(match[1], match[2])
        elif match := MEASURED.match(line):
            addon, name, test, seconds, queries = match.groups()
            if float(seconds) < LONGEST:
                outcome.measured[addon, name, test] = float(seconds), int(queries)
    outcome.ran -= len(outcome.skipped)
    return outcome


def list_tags(logger, failure):
    """What ``--test-tags`` calls a failed test, by its logger and its name."""
    addon = re.match(r"odoo\.addons\.(\w+)\.", logger)
    name = FAILED_TEST.search(failure.rpartition(".tests.")[2] or failure)
    return [f"/{addon[1]}:{name[1]}"] if addon and name else []


def read_junit(path):
    """The outcome of a pytest run from the file of ``--junitxml``."""
    outcome = Outcome()
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        outcome.problems.append("pytest ended without a report")
        return outcome
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        reason = case.find("skipped")
        if reason is not None:
            outcome.skipped.append((name, reason.get("message", "")))
            continue
        outcome.ran += 1
        place, seconds = case.get("classname", ""), float(case.get("time") or 0)
        outcome.measured["", place, case.get("name")] = seconds, 0
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
            outcome.failures.append(name)
            file = f"{place.partition('.Test')[0].replace('.', '/')}.py"
            test = case.get("name", "").partition("[")[0]
            outcome.again.append(f"{sys.executable} -m pytest {file}::{test}")
    return outcome


def add_up(outcomes):
    """``(passed, failed, skipped)`` of all lanes."""
    outcomes = list(outcomes)
    return (
        sum(outcome.passed for outcome in outcomes),
        sum(outcome.failures_count for outcome in outcomes),
        sum(len(outcome.skipped) for outcome in outcomes),
    )


def format_total(passed, failed, skipped):
    line = f"{passed} passed, {failed} failed"
    return f"{line}, {skipped} skipped" if skipped else line


def list_slowest(measured, whole_classes, count=15):
    """Lines on what took longest: classes with their preparation, or single tests."""
    chosen = {
        name: figures
        for name, figures in measured.items()
        if (name[2] is None) == whole_classes
    }
    slowest = sorted(chosen.items(), key=lambda item: item[1], reverse=True)[:count]
    return [
        # of what pytest runs no queries are known
        f"{seconds:7.1f}s {f'{queries:7} queries' if queries else '':15}  "
        f"{'.'.join(filter(None, name))}"
        for name, (seconds, queries) in slowest
    ]
