"""Run in Odoo's shell: a mass run against core's own batch of the same documents, and
the cancellation of the run against the run.

Core's way is a plain ``create`` of the list of invoices and of the list of entries,
then ``_post``: no check report, no log, no reconciliation.  Both are measured on fresh
records in turn.  The least processor time of Python counts, since others disturb a
machine and nobody hastens it; queries are the same every time.
"""

# ruff: noqa: F821  (the shell gives env)
import os

from odoo.addons.maintenance_reinvoice.models.run import (
    maintenance_reinvoice_run_execute as execute,
)

from tests import ratios
from tests.mass_run import BilledLessor, create_and_post, prepare_core_values
from tests.timing import measure

ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", 20))
CONTRACTS = int(os.environ.get("BENCH_CONTRACTS", 2))  # a customer
LINES = int(os.environ.get("BENCH_LINES", 5))  # a contract
SIZE = (CUSTOMERS, CONTRACTS, LINES)
METHODS = os.environ.get("BENCH_METHODS", "customer,contract,permission").split(",")


def measure_round(lessor, billing_method):
    """``(invoices, measures of the run, of core and of the cancellation)``."""
    run = lessor.create_run(lessor.create_round(billing_method, *SIZE))
    # without statistics core's own queries take minutes
    env.cr.execute("ANALYZE")
    of_run = measure(env, run.action_execute)
    env.cr.commit()
    moves = run.log_ids.move_id
    taken = run.line_ids.filtered("taken")
    assert run.state == "done", run.log_ids.mapped("posting_error")
    assert len(taken) == CUSTOMERS * CONTRACTS * LINES
    values = prepare_core_values(moves)
    of_core = measure(env, lambda: create_and_post(env, *values))
    env.cr.rollback()
    return len(moves), of_run, of_core, measure_cancellation(run)


def measure_cancellation(run):
    cancellation = run.browse(run.action_cancel_run()["res_id"])
    env.cr.commit()
    of_cancellation = measure(env, cancellation.action_execute)
    assert cancellation.state == "done", cancellation.log_ids.mapped("posting_error")
    assert cancellation.taken_count == CUSTOMERS * CONTRACTS * LINES
    return of_cancellation


def print_least(billing_method, rounds):
    lines, invoices = CUSTOMERS * CONTRACTS * LINES, rounds[0][0]
    (seconds, queries), (core_seconds, core_queries), (back_seconds, back_queries) = (
        min(measured) for measured in list(zip(*rounds, strict=True))[1:]
    )
    print(
        f"{lines:>6} {invoices:>9} {billing_method:<11}"
        f"{seconds * 1000 / lines:>10.2f} {queries / invoices:>8.1f}"
        f"{core_seconds * 1000 / lines:>10.2f} {core_queries / invoices:>8.1f}"
        f"{seconds / core_seconds:>8.2f}"
        f"{back_seconds * 1000 / lines:>10.2f} {back_queries / invoices:>8.1f}"
        f"{back_seconds / seconds:>8.2f}",
        flush=True,
    )
    ratios.keep(f"run, billed by {billing_method}", seconds / core_seconds)
    ratios.keep(
        f"cancellation against the run, {billing_method}", back_seconds / seconds
    )


# of many lines, too, all is done here
execute.INLINE_LINES = float("inf")
lessor = BilledLessor(env)
print(f"{'':28}{'mass run':>19}{'core':>19}{'':>8}{'cancellation':>19}")
print(
    f"{'lines':>6} {'invoices':>9} {'billed by':<11}"
    + f"{'ms/line':>10} {'q/inv.':>8}" * 2
    + f"{'ratio':>8}{'ms/line':>10} {'q/inv.':>8}{'to run':>8}"
)
for method in METHODS:
    # the first round fills caches
    rounds = [measure_round(lessor, method) for _ in range(ROUNDS + 1)]
    print_least(method, rounds[1:])
