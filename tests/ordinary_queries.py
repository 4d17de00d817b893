"""Run in Odoo's shell: count the queries of everyday work with and without us.

Writes ``{title: [[of one document, of several] without, the same with the add-ons]}``
to the file ``ORDINARY_QUERIES``.
"""

# ruff: noqa: F821  (the shell gives env)
import json
import os
from pathlib import Path

from tests.ordinary import WORKS, Office

SEVERAL = 3


def count(office, work):
    several = min(work.count, SEVERAL)
    office.measure(work, 1)  # fills the caches of the registry
    return [office.measure(work, number).queries for number in (1, several)]


plain = Office(os.environ["PLAIN_DATABASE"])
offices = [plain, Office(env.cr.dbname, plain.specs)]
found = {work.title: [count(office, work) for office in offices] for work in WORKS}
Path(os.environ["ORDINARY_QUERIES"]).write_text(json.dumps(found))
