"""Two accountants start a mass run of the same permissions at the same moment."""

import threading
from itertools import count

from .json2 import Refused
from .rounds import rounds
from .test_maintenance import (
    PERMISSION,
    RUN,
    create_bill,
    create_permission,
    create_run,
)

ROUNDS = rounds(2)
numbers = count(1)


def create_closed(system, vehicle, price):
    permission = create_permission(system, vehicle, (price, price))
    accountant = system.client("accountant")
    bill = create_bill(accountant, [permission], f"TWO-{next(numbers)}")
    accountant.call("account.move", "action_post", ids=[bill])
    return permission


def execute_together(clients, runs):
    """Execute each run by a client of its own; what each was answered."""
    barrier = threading.Barrier(len(runs))
    results = [None] * len(runs)

    def execute(index):
        barrier.wait()
        try:
            results[index] = clients[index].call(
                RUN, "action_execute", ids=[runs[index]]
            )
        except Refused as refusal:
            results[index] = refusal

    threads = [
        threading.Thread(target=execute, args=[index]) for index in range(len(runs))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_no_line_is_invoiced_twice_by_two_runs(system):
    """What the one run holds or has taken, the other leaves out and says so; both end
    in order, and every line is on one live invoice."""
    clients = [system.client("accountant"), system.client("accountant")]
    for _round in range(ROUNDS):
        permissions = [
            create_closed(system, vehicle, price)
            for vehicle, price in (("vehicle_a", 30), ("vehicle_b", 40))
        ]
        runs = [create_run(client, permissions) for client in clients]
        for client, run in zip(clients, runs, strict=True):
            client.call(RUN, "action_check", ids=[run])
        results = execute_together(clients, runs)
        assert not any(isinstance(result, Refused) for result in results), results
        check_invoiced_once(clients[0], permissions, runs)


def check_invoiced_once(client, permissions, runs):
    states = client.call(PERMISSION, "read", ids=permissions, fields=["state"])
    assert [row["state"] for row in states] == ["reinvoiced", "reinvoiced"]
    rows = client.call(
        "maintenance.reinvoice.row",
        "search_read",
        domain=[["line_id.permission_id", "in", permissions]],
        fields=["live", "amount"],
    )
    assert sorted(row["amount"] for row in rows) == [30, 40]
    assert all(row["live"] for row in rows)
    report = client.call(
        "maintenance.reinvoice.run.line",
        "search_read",
        domain=[["run_id", "in", runs]],
        fields=["taken", "reason"],
    )
    assert sorted(row["taken"] for row in report) == [False, False, True, True]
    left_out = {row["reason"] for row in report if not row["taken"]}
    assert left_out <= {"reinvoiced", "busy"}


def test_one_run_is_executed_once_by_two_accountants(system):
    clients = [system.client("accountant"), system.client("accountant")]
    permission = create_closed(system, "vehicle_a", 50)
    run = create_run(clients[0], [permission])
    clients[0].call(RUN, "action_check", ids=[run])
    results = execute_together(clients, [run, run])
    refusals = [result for result in results if isinstance(result, Refused)]
    assert len(refusals) == 1
    # the other one is at work, between two of its commits, or through
    words = ("worked on by somebody else", "is Running", "is Done")
    assert any(word in refusals[0].message for word in words)
    (log,) = clients[0].call(
        "maintenance.reinvoice.log",
        "search_read",
        domain=[["run_id", "=", run]],
        fields=["posting_state", "amount"],
    )
    assert (log["posting_state"], log["amount"]) == ("posted", 50)
