"""Mass runs and their cancellations are disturbed again and again: the server is
killed, or its connections to the database are cut. Whatever happens, every line is
charged, or credited, once, and nothing stays on the clearing account."""

import os
import random
import signal
import threading
import time
from contextlib import suppress

import pytest
import requests

from tools.sandbox import databases

from ..json2 import Refused
from ..rounds import rounds
from ..test_maintenance import RUN, create_billed_apart, create_run
from .test_killed_run import wait_until

# 60 invoices of two lines: two chunks, each of which takes some seconds
PRICES = [(10.01 + number, 0.99) for number in range(60)]
TIMES = rounds(2)
LONGEST_PAUSE = 4.0  # seconds of undisturbed work
SECONDS = 300
ENDED = ("done", "done_with_errors")
ROW = "maintenance.reinvoice.row"
# what may become of a call whose server goes away
LOST = (requests.RequestException, Refused)


@pytest.fixture(params=["killed", "cut off"])
def disturb(request, system):
    """A function that disturbs whatever the server does just now."""

    def kill():
        os.kill(system.server.facts["pid"], signal.SIGKILL)
        wait_until(lambda: not system.server.facts, 30)
        system.server.start(system.database)

    def cut_off():
        with databases.cursor() as cr:
            cr.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s",
                [system.database],
            )

    return {"killed": kill, "cut off": cut_off}[request.param]


@pytest.fixture
def permissions(system, request):
    repair = system.facts["ids"]["repair"]
    lines = [[(repair, price) for price in prices] for prices in PRICES]
    return create_billed_apart(system, f"ONCE {request.node.name}", *lines)


def press(system, run):
    with suppress(*LOST):
        system.client("accountant").call(RUN, "action_execute", ids=[run])


def go_on(system):
    """What the scheduler does from time to time."""
    with databases.cursor(system.database) as cr:
        # a job that was killed three times rests for once, which is no time here
        cr.execute("UPDATE ir_cron_progress SET timed_out_counter = 0")
    admin = system.client("admin")
    name = ["name", "=", "cron_continue_runs"]
    with suppress(*LOST):
        (found,) = admin.call(
            "ir.model.data", "search_read", domain=[name], fields=["res_id"]
        )
        admin.call("ir.cron", "method_direct_trigger", ids=[found["res_id"]])


def execute(system, run, disturb):
    """Have the run carried out in spite of all that happens to the server."""
    work = threading.Thread(target=press, args=[system, run])
    work.start()
    for _time in range(TIMES):
        time.sleep(random.uniform(0.2, LONGEST_PAUSE))
        disturb()
        work.join()
        work = threading.Thread(target=go_on, args=[system])
        work.start()
    work.join()

    def is_through():
        go_on(system)
        return read_state(system, run) in ENDED

    wait_until(is_through, SECONDS)


def read_state(system, run):
    accountant = system.client("accountant")
    # a connection that was cut is only found to be dead when it is used
    with suppress(*LOST):
        return accountant.read_one(RUN, run, "state")["state"]


def check_each_row_once(system, run, permissions, **expected):
    """:param expected: values of all rows"""
    accountant = system.client("accountant")
    assert accountant.read_one(RUN, run, "state")["state"] == "done"
    rows = accountant.call(
        ROW,
        "search_read",
        domain=[["line_id.permission_id", "in", permissions]],
        fields=["amount", "freed", "live", "move_id", "credit_move_id"],
    )
    assert len(rows) == 2 * len(PRICES)
    for name, value in expected.items():
        assert {row[name] for row in rows} == {value}
    plain = sum(sum(prices) for prices in PRICES)
    assert round(sum(row["amount"] for row in rows), 2) == round(plain, 2)
    return rows


def check_documents(system, ids, kind):
    """One posted document per permission, with the sum of them all before tax, and
    nothing of it open on the clearing account."""
    accountant = system.client("accountant")
    moves = accountant.call(
        "account.move",
        "read",
        ids=list(ids),
        fields=["state", "move_type", "amount_untaxed"],
    )
    assert {(move["state"], move["move_type"]) for move in moves} == {("posted", kind)}
    assert len(moves) == len(PRICES)
    plain = sum(sum(prices) for prices in PRICES)
    assert round(sum(move["amount_untaxed"] for move in moves), 2) == round(plain, 2)
    clearing = ["account_id", "=", system.facts["ids"]["clearing"]]
    posted = ["parent_state", "=", "posted"]
    domain = [clearing, posted, ["reconciled", "=", False]]
    assert accountant.call("account.move.line", "search_count", domain=domain) == 0


def test_every_line_is_charged_and_credited_once(system, permissions, disturb):
    accountant = system.client("accountant")
    run = create_run(accountant, permissions)
    accountant.call(RUN, "action_check", ids=[run])
    execute(system, run, disturb)
    rows = check_each_row_once(system, run, permissions, live=True, freed=False)
    check_documents(system, {row["move_id"][0] for row in rows}, "out_invoice")

    accountant = system.client("accountant")
    back = accountant.call(RUN, "action_cancel_run", ids=[run])["res_id"]
    execute(system, back, disturb)
    rows = check_each_row_once(system, back, permissions, live=False, freed=True)
    check_documents(system, {row["credit_move_id"][0] for row in rows}, "out_refund")
