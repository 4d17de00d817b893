"""Run the project's own checks, or those named: ``python3 -m tools.checks text``."""

import sys
from pathlib import Path

from . import limits, manifests, overrides, text

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "manifests": manifests,
    "limits": limits,
    "overrides": overrides,
    "text": text,
}


def main(names):
    findings = []
    for name in names or CHECKS:
        findings += CHECKS[name].find(ROOT)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
