"""Run in Odoo's shell: what everyday work costs more because the add-ons are there.

Each piece of work is done in turns on a database without the add-ons and on one with
them. The least processor time of Python counts, since others disturb a machine and
nobody hastens it; queries are the same every time.
"""

# ruff: noqa: F821  (the shell gives env)
import gc
import os

from tests import ratios
from tests.ordinary import WORKS, Office

ROUNDS = int(os.environ.get("BENCH_ROUNDS", 5))
HEAD = ("without, ms", "with, ms", "ratio", "queries", "more")


def measure(work, offices):
    """Least seconds and the queries of each office; the first round fills caches."""
    rounds = []
    for _round in range(ROUNDS + 1):
        gc.collect()
        rounds.append([office.measure(work, work.count) for office in offices])
    return [
        (min(one.seconds for one in measured[1:]), measured[-1].queries)
        for measured in zip(*rounds, strict=True)
    ]


def print_row(work, without, ours):
    print(
        f"{work.count:>4} {work.title:<32}"
        f"{without[0] * 1000:>12.0f}{ours[0] * 1000:>10.0f}{ours[0] / without[0]:>7.2f}"
        f"{without[1] / work.count:>9.1f}{(ours[1] - without[1]) / work.count:>+7.1f}",
        flush=True,
    )
    ratios.keep(work.title, ours[0] / without[0])


plain = Office(os.environ["PLAIN_DATABASE"])
offices = [plain, Office(env.cr.dbname, plain.specs)]
print(f"{'':<37}{HEAD[0]:>12}{HEAD[1]:>10}{HEAD[2]:>7}{HEAD[3]:>9}{HEAD[4]:>7}")
for work in WORKS:
    print_row(work, *measure(work, offices))
