"""The table of requirements names tests that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "maintenance_reinvoice"
TABLE = (ADDON / "readme" / "REQUIREMENTS.rst").read_text(encoding="utf-8")
NAMED = set(re.findall(r"``(\w+)\.(test_\w+)``", TABLE))


def list_tests(folder):
    """``{(class, method)}`` of the tests of an add-on."""
    found = set()
    for path in folder.rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                methods = (n for n in node.body if isinstance(n, ast.FunctionDef))
                found |= {(node.name, method.name) for method in methods}
    return found


def test_every_named_test_exists():
    assert NAMED - list_tests(ADDON / "tests") == set()


def test_every_sentence_has_a_test_or_says_why_not():
    rows = TABLE.split("   * - ")[2:]
    without = [row for row in rows if not re.search(r"``\w+\.test_\w+``", row)]
    assert len(rows) > 40
    assert all("out of scope" in row for row in without)
