"""How many tests ran: read from Odoo's log and from pytest's report."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

TOTAL = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests "
)
SKIPPED = re.compile(r" INFO \S+ \S+: skipped (\S+) : (.*)$")
FAILED = re.compile(r" ERROR \S+ \S+: ((?:FAIL|ERROR): .*)$")


@dataclass
class Outcome:
    """What one lane did.  A skipped test has not run, and says why."""

    ran: int = 0
    failed: int = 0
    skipped: list = field(default_factory=list)
    failures: list = field(default_factory=list)
    problems: list = field(default_factory=list)

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
            outcome.failures.append(match[1].strip())
    outcome.ran -= len(outcome.skipped)
    return outcome


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
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
            outcome.failures.append(name)
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
