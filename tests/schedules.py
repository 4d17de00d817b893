"""Two schedules that want the same lines, carried out by two processes at once."""

import datetime
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.sandbox import layout

from .test_browser_run import wake_scheduler
from .test_maintenance import RUN, create_billed_apart

SCRIPT = Path(__file__).with_name("run_schedules.py")
SCHEDULE = "maintenance.reinvoice.schedule"
ROW = "maintenance.reinvoice.row"
# until both have loaded Odoo
START_SECONDS = 8
# of each permission
PRICES = (10.01, 0.99)


def create_schedule(system, name, permissions):
    """A schedule over permissions that is due today; its id."""
    lessor = system.client("lessor")
    vals = {
        "name": name,
        "filter_domain": str([("id", "in", permissions)]),
        "operation": "execute",
        "next_date": datetime.date.today().isoformat(),
    }
    return lessor.call(SCHEDULE, "create", vals_list=[vals])[0]


def run_together(environment, system):
    """Two processes carry out what is due, as two schedulers do."""
    start = {"START_AT": str(time.time() + START_SECONDS)}

    def run(number):
        log = layout.folder("log") / f"{system.database}-schedules-{number}.log"
        environment.run_script(system.database, SCRIPT, log=log, env=start)

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, range(2)))


def overlap(environment, system, reference, count):
    """Schedules over the first and over the last two thirds of so many permissions
    are carried out at once.

    :return: ids of the permissions and of the two runs, which are through
    """
    line = [(system.facts["ids"]["repair"], price) for price in PRICES]
    permissions = create_billed_apart(system, reference, *[line] * count)
    third = count // 3
    schedules = [
        create_schedule(system, f"{reference} first", permissions[: 2 * third]),
        create_schedule(system, f"{reference} last", permissions[third:]),
    ]
    run_together(environment, system)
    accountant = system.client("accountant")
    runs = accountant.call(
        RUN, "search", domain=[["schedule_id", "in", schedules]], order="id"
    )
    # what one held, the other goes on with later
    wake_scheduler(system)
    retry_busy(accountant, runs)
    return permissions, runs


def retry_busy(accountant, runs):
    """What failed only because the other run held its lines at that moment is tried
    again, as its message asks."""
    failed = accountant.call(
        "maintenance.reinvoice.log",
        "search_read",
        domain=[["run_id", "in", runs], ["posting_state", "=", "failed"]],
        fields=["run_id", "posting_error"],
    )
    assert all("somebody else right now" in log["posting_error"] for log in failed)
    for run in {log["run_id"][0] for log in failed}:
        accountant.call(RUN, "action_retry_failed", ids=[run])


def check_each_line_once(system, permissions, runs):
    """One run of each schedule; one live row per line; nothing stays on the account."""
    accountant = system.client("accountant")
    states = accountant.call(RUN, "read", ids=runs, fields=["state"])
    assert [run["state"] for run in states] == ["done", "done"]
    rows = accountant.call(
        ROW,
        "search_read",
        domain=[["line_id.permission_id", "in", permissions]],
        fields=["line_id", "amount", "live", "move_id"],
    )
    assert all(row["live"] for row in rows)
    assert len({row["line_id"][0] for row in rows}) == len(rows)
    amounts = sorted(row["amount"] for row in rows)
    assert amounts == sorted(PRICES * len(permissions))
    moves = list({row["move_id"][0] for row in rows})
    of_moves = ["|", ["move_id", "in", moves]]
    domain = [
        ["account_id", "=", system.facts["ids"]["clearing"]],
        *of_moves,
        ["move_id.maintenance_origin_id", "in", moves],
    ]
    items = accountant.call(
        "account.move.line",
        "search_read",
        domain=domain,
        fields=["balance", "reconciled", "parent_state"],
    )
    assert {item["parent_state"] for item in items} == {"posted"}
    assert all(item["reconciled"] for item in items)
    assert round(sum(item["balance"] for item in items), 2) == 0


def check_left_out(system, runs):
    """Both runs have invoiced some, and say why they left out the others."""
    report = system.client("accountant").call(
        "maintenance.reinvoice.run.line",
        "search_read",
        domain=[["run_id", "in", runs]],
        fields=["run_id", "taken", "reason"],
    )
    assert {line["run_id"][0] for line in report if line["taken"]} == set(runs)
    left_out = {line["reason"] for line in report if not line["taken"]}
    assert left_out <= {"reinvoiced", "busy"}
