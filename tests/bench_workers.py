"""Run in Odoo's shell: a mass run that two processes share through OCA's job queue,
against core's own batch of the same documents in one process.

It is the time on the clock that counts, and the least of some rounds: others disturb a
machine and nobody hastens it. The check report is made before, by one process, and not
measured here; nor is how the queue hands out its jobs, which are carried out at once.
"""

# ruff: noqa: F821  (the shell gives env)
import multiprocessing
import os
import time
from contextlib import contextmanager

from odoo import api, sql_db
from odoo.modules.registry import Registry

from odoo.addons.maintenance_reinvoice.models.run import (
    maintenance_reinvoice_run_check as check,
)
from odoo.addons.queue_job.job import Job

from tests import ratios
from tests.mass_run import BilledLessor, create_and_post, prepare_core_values

ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))
INVOICES = os.environ.get("BENCH_INVOICES", "100,400").split(",")
LINES = int(os.environ.get("BENCH_LINES", 10))  # an invoice
WORKERS = 2
DATABASE, USER = env.cr.dbname, env.uid


@contextmanager
def opened():
    """An environment of its own; no connection is open before and after."""
    with Registry(DATABASE).cursor() as cr:
        yield api.Environment(cr, USER, {})
    sql_db.close_all()


def prepare_run(lessor, invoices):
    """A run with its check report, and the jobs that wait: ``(id, identifiers)``."""
    with opened() as own:
        lessor.go_on(own)
        run = lessor.create_run(lessor.create_round("customer", invoices, 1, LINES))
        # without statistics core's own queries take minutes
        own.cr.execute("ANALYZE")
        run.action_check()
        run.action_execute()
        jobs = own["queue.job"].search([("state", "=", "pending")], order="id")
        assert len(jobs) > 1, "nothing to share"
        return run.id, jobs.mapped("uuid")


def carry_out(jobs):
    """What a worker does: one job after the other, each committed."""
    with opened() as own:
        while uuid := jobs.get():
            job = Job.load(own, uuid)
            job.perform()
            job.set_done()
            job.store()
            own.cr.commit()


def measure_workers(identifiers):
    """Seconds from the start of the processes to the end of the last one."""
    fork = multiprocessing.get_context("fork")
    jobs = fork.Queue()
    for uuid in [*identifiers, *[None] * WORKERS]:
        jobs.put(uuid)
    workers = [
        fork.Process(target=carry_out, args=[jobs]) for _number in range(WORKERS)
    ]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not any(worker.exitcode for worker in workers)
    return time.perf_counter() - start


def measure_core(run_id, invoices):
    """Seconds of core's way to the documents of the run."""
    with opened() as own:
        run = own["maintenance.reinvoice.run"].browse(run_id)
        assert run.state == "done", run.log_ids.mapped("posting_error")
        moves = run.log_ids.move_id
        assert len(moves) == invoices
        values = prepare_core_values(moves)
        own.invalidate_all()
        start = time.perf_counter()
        create_and_post(own, *values)
        own.cr.flush()
        seconds = time.perf_counter() - start
        own.cr.rollback()
        return seconds


def measure_round(lessor, invoices):
    run_id, identifiers = prepare_run(lessor, invoices)
    return measure_workers(identifiers), measure_core(run_id, invoices)


# of many lines, too, the check is done here
check.INLINE_LINES = float("inf")
lessor = BilledLessor(env)
env.cr.commit()
# processes share no connection
env.cr.close()
sql_db.close_all()
print(f"{'invoices':>8}{'two workers, s':>16}{'core, s':>10}{'ratio':>8}")
for number in map(int, INVOICES):
    # the first round fills caches
    rounds = [measure_round(lessor, number) for _ in range(ROUNDS + 1)][1:]
    ours, core = map(min, zip(*rounds, strict=True))
    print(f"{number:>8}{ours:>16.2f}{core:>10.2f}{ours / core:>8.2f}", flush=True)
    ratios.keep(f"run by two workers, {number} invoices", ours / core)
# the shell would look after its cursor
os._exit(0)
