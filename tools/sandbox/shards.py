"""Cutting a lane into jobs of like length: by what its classes took the last time."""

import ast
import json
import math
import os

from . import layout

JOB_SECONDS = 300
# what a class is thought to take that was never measured: beginning, and each test
CLASS_SECONDS, TEST_SECONDS = 0.5, 0.25


def list_classes(addon):
    """``{tag: expected seconds}`` of the test classes of an add-on, by its sources."""
    found = {}
    for path in sorted((layout.CHECKOUT / addon / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                found[f"/{addon}:{node.name}"] = expect(node)
    return found


def expect(node):
    tests = sum(
        isinstance(part, ast.FunctionDef) and part.name.startswith("test_")
        for part in node.body
    )
    return CLASS_SECONDS + TEST_SECONDS * tests


def pack(units):
    """Spread ``{unit: seconds}`` over as few jobs as may take JOB_SECONDS each.

    Return pairs (seconds, units), each unit in the job with the least so far, the long
    ones first.
    """
    count = max(1, math.ceil(sum(units.values()) / JOB_SECONDS))
    jobs = [[0, []] for _number in range(min(count, len(units)))]
    for unit, seconds in sorted(units.items(), key=lambda item: -item[1]):
        least = min(jobs, key=lambda job: job[0])
        least[0] += seconds
        least[1].append(unit)
    return jobs


# -- what was measured ---------------------------------------------------------------


def path():
    """By night tests take longer, which is no measure for the day."""
    night = "-nightly" if os.environ.get("SERVICE_NIGHTLY") else ""
    return layout.folder() / f"test-seconds{night}.json"


def read_seconds():
    """``{unit: seconds}`` of the last runs on this machine."""
    try:
        return json.loads(path().read_text())
    except (OSError, ValueError):
        return {}


def remember(seconds):
    path().write_text(json.dumps(read_seconds() | seconds, indent=1, sort_keys=True))
