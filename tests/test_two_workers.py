"""A large mass run is shared out by OCA's job queue among two worker processes."""

import json
import time
from collections import Counter

import pytest

from tools.sandbox import databases, layout, outside, prepared, processes
from tools.sandbox.server import Server

from .conftest import PREPARE_SCRIPT, System
from .test_browser_run import wake_scheduler
from .test_maintenance import RUN, create_billed_apart, create_run

LOG = "maintenance.reinvoice.log"
# two chunks, and more lines than are done in the request
PERMISSIONS = 70
PRICES = (10.10, 20.20, 30.30)
SECONDS = 300  # on a busy machine; else ten
CHANNELS = """
[queue_job]
channels = root:2
"""
# with workers the server starts itself once more, which needs a file to be started
PROGRAM = "from odoo.cli.command import main\n\nmain()\n"


@pytest.fixture(scope="module")
def system(environment, first_port):
    """A server with two workers and the runner of the queue; without a scheduler, so
    that the jobs have done what is done."""
    if reason := outside.find_missing():
        pytest.skip(reason)
    environment = outside.beside(environment)
    name = databases.test_name("workers")
    databases.clone(prepared.ensure(environment, "outside"), name)
    facts = layout.folder("run") / f"{name}.facts"
    log = layout.folder("log") / f"{name}-prepare.log"
    environment.run_script(
        name, PREPARE_SCRIPT, log=log, env={"SYSTEM_FACTS": str(facts)}
    )
    settings = environment.configuration.read_text()
    environment.configuration = layout.folder("run") / f"{name}.conf"
    environment.configuration.write_text(settings + CHANNELS)
    environment.program = [layout.folder("run") / f"{name}.py"]
    environment.program[0].write_text(PROGRAM)
    server = Server(environment, name, usual_port=first_port)
    server.stop()
    server.start(
        name,
        "--workers=2",
        "--load=base,rpc,web,queue_job",
        f"--gevent-port={processes.pick_port(first_port + 20)}",
    )
    system = System(server, json.loads(facts.read_text()))
    try:
        yield system
    finally:
        server.stop()
    system.read_log()
    assert system.problems == []


@pytest.fixture(scope="module")
def blocked(system):
    """A product whose invoices cannot be posted: its account is archived."""
    admin = system.client("admin")
    values = {"code": "BLOCKED", "name": "Archived", "account_type": "income"}
    (account,) = admin.call("account.account", "create", vals_list=[values])
    values = {
        "name": "Blocked",
        "type": "service",
        "property_account_income_id": account,
        "taxes_id": [],
        "supplier_taxes_id": [],
    }
    (product,) = admin.call("product.product", "create", vals_list=[values])
    admin.call("account.account", "write", ids=[account], vals={"active": False})
    return product


@pytest.fixture(scope="module")
def permissions(system, blocked):
    """Closed permissions with an invoice of their own each; one cannot be posted."""
    products = [blocked] + [system.facts["ids"]["repair"]] * (PERMISSIONS - 1)
    lines = [[(product, price) for price in PRICES] for product in products]
    return create_billed_apart(system, "WORKERS", *lines)


@pytest.fixture(scope="module")
def run(system, permissions):
    """A run that is through, of which nothing was done in the request."""
    accountant = system.client("accountant")
    run = create_run(accountant, permissions)
    accountant.call(RUN, "action_check", ids=[run])
    # so many are checked by the scheduler, who has no job
    wake_scheduler(system)
    accountant.call(RUN, "action_execute", ids=[run])
    # at least one chunk is at work, and none can be through
    assert accountant.read_one(RUN, run, "state")["state"] == "running"
    deadline = time.monotonic() + SECONDS
    while any(job["state"] != "done" for job in list_jobs(system)):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.5)
    return run


def list_jobs(system):
    return system.client("admin").call(
        "queue.job",
        "search_read",
        domain=[["model_name", "=", RUN], ["method_name", "=", "_execute_chunk"]],
        fields=["state", "worker_pid", "channel"],
    )


def test_two_processes_have_done_each_a_part(system, run):
    jobs = list_jobs(system)
    assert len(jobs) == 2
    assert len({job["worker_pid"] for job in jobs}) == 2
    assert {job["channel"] for job in jobs} == {"root.maintenance_reinvoice"}


def test_every_line_is_once_on_a_live_invoice_or_named(system, permissions, run):
    accountant = system.client("accountant")
    logs = accountant.call(
        LOG,
        "search_read",
        domain=[["run_id", "=", run]],
        fields=["posting_state", "posting_error", "amount"],
    )
    states = Counter(log["posting_state"] for log in logs)
    assert states == {"posted": PERMISSIONS - 1, "failed": 1}
    (error,) = [log["posting_error"] for log in logs if log["posting_error"]]
    assert "BLOCKED" in error
    assert accountant.read_one(RUN, run, "state")["state"] == "done_with_errors"
    rows = accountant.call(
        "maintenance.reinvoice.row",
        "search_read",
        domain=[["line_id.permission_id", "in", permissions]],
        fields=["line_id", "live", "amount"],
    )
    assert all(row["live"] for row in rows)
    lines = Counter(row["line_id"][0] for row in rows)
    assert set(lines.values()) == {1}
    assert len(lines) == 3 * (PERMISSIONS - 1)
    # 69 × (10.10 + 20.20 + 30.30)
    assert round(sum(row["amount"] for row in rows), 2) == 4181.40
    assert round(sum(log["amount"] for log in logs), 2) == 4181.40 + 60.60


def test_the_clearing_account_is_at_zero_and_no_number_is_missing(system, run):
    accountant = system.client("accountant")
    items = accountant.call(
        "account.move.line",
        "search_read",
        domain=[
            ["account_id", "=", system.facts["ids"]["clearing"]],
            ["parent_state", "=", "posted"],
        ],
        fields=["balance", "reconciled"],
    )
    assert round(sum(item["balance"] for item in items), 2) == 0
    assert all(item["reconciled"] for item in items)
    moves = accountant.call(
        "account.move",
        "search_read",
        domain=[["maintenance_mass_invoice", "=", True], ["state", "=", "posted"]],
        fields=["sequence_number", "made_sequence_gap"],
    )
    numbers = sorted(move["sequence_number"] for move in moves)
    assert numbers == list(range(numbers[0], numbers[0] + PERMISSIONS - 1))


def test_the_run_closed_once_and_told_who_began_it(system, run):
    # nobody else may read it
    notices = system.client("accountant").call(
        "mail.message",
        "search_read",
        domain=[
            ["model", "=", RUN],
            ["res_id", "=", run],
            ["message_type", "=", "user_notification"],
        ],
        fields=["body"],
    )
    # of the check another one has told
    (notice,) = [notice for notice in notices if "groups" in notice["body"]]
    assert f"{PERMISSIONS - 1} of {PERMISSIONS} groups done" in notice["body"]
