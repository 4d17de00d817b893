"""Examine this checkout: ``python3 -m tools.checks.core_names ODOO [--list]``."""

import sys
from pathlib import Path

from . import run

ROOT = Path(__file__).resolve().parents[3]

if __name__ == "__main__":
    options = [text for text in sys.argv[1:] if text.startswith("--")]
    (source,) = (text for text in sys.argv[1:] if not text.startswith("--"))
    sys.exit(run(ROOT, source, show="--list" in options))
