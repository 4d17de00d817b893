"""Everyday work asks the database no more than it does without the add-ons."""

import json
from pathlib import Path

import pytest

from tools.sandbox import databases, layout, prepared

SCRIPT = Path(__file__).parents[1] / "ordinary_queries.py"
# Queries more that one document may ask for, and each further one with it. Bills ask
# whether a permission's bill has taken their number. Of a document of an earlier
# transaction the ORM does not know yet that it has neither rows nor logs, which follow
# its state; when it is deleted, neither tax rows nor adjustments.
MORE = {
    "bills of 5 lines, together": (1, 0),
    "bills, one by one": (1, 2),
    "drafts posted, one by one": (2, 0),
    "entries posted, one by one": (2, 0),
    "drafts deleted": (6, 0),
    "drafts cancelled": (2, 0),
    "invoices reset to draft": (2, 0),
    "entries reset to draft": (2, 0),
    "payments unmatched": (1, 0),
    "invoices replaced": (3, 0),
}


@pytest.fixture(scope="module")
def queries(environment):
    """``{title: [[of one document, of several] without, the same with]}``."""
    names = {}
    for kind in ("installed", "plain"):
        names[kind] = databases.test_name(f"ordinary_{kind}")
        databases.clone(prepared.ensure(environment, kind), names[kind])
    found = layout.folder("run") / f"{names['installed']}.json"
    environment.run_script(
        names["installed"],
        SCRIPT,
        log=layout.folder("log") / f"{names['installed']}.log",
        env={"PLAIN_DATABASE": names["plain"], "ORDINARY_QUERIES": str(found)},
    )
    return json.loads(found.read_text())


def test_queries_of_ordinary_work(queries):
    asks_more = {}
    for title, (without, ours) in queries.items():
        single, several = (b - a for a, b in zip(without, ours, strict=True))
        most, further = MORE.get(title, (0, 0))
        if single > most or several > single + further:
            asks_more[title] = single, several
    assert not asks_more
