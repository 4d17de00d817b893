"""Run the project's own checks, or those named: ``python3 -m tools.checks text``."""

import sys
from pathlib import Path

from . import layers, limits, manifests, promises, text, translations

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "manifests": manifests,
    "limits": limits,
    "layers": layers,
    "promises": promises,
    "text": text,
    "translations": translations,
}
FIX = "--fix"


def main(arguments):
    names = [name for name in arguments if name != FIX] or CHECKS
    findings = []
    for name in names:
        if FIX in arguments and hasattr(CHECKS[name], "fix"):
            CHECKS[name].fix(ROOT)
        findings += CHECKS[name].find(ROOT)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
