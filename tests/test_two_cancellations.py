"""Two accountants credit the same rows of collective invoices at the same moment."""

from .json2 import Refused
from .rounds import rounds
from .test_maintenance import create_bill, create_permission, create_run
from .test_two_clerks import press_together
from .test_two_runs import create_closed, execute_together

RUN = "maintenance.reinvoice.run"
ROUNDS = rounds(2)


def create_row(system, number):
    """A row of 100 on a posted collective invoice; ids of the row and its invoice."""
    accountant = system.client("accountant")
    permission = create_permission(system, "vehicle_a", (100, 100))
    bill = create_bill(accountant, [permission], f"TWICE-{number}")
    accountant.call("account.move", "action_post", ids=[bill])
    run = create_run(accountant, [permission])
    accountant.call(RUN, "action_execute", ids=[run])
    (row,) = accountant.call(
        "maintenance.reinvoice.row",
        "search_read",
        domain=[["line_id.permission_id", "=", permission]],
        fields=["move_id"],
    )
    return row["id"], row["move_id"][0]


def cancel_together(system, number, **answers):
    """Both accountants press; the row, its invoice and who was refused."""
    row, invoice = create_row(system, number)
    clients = [system.client("accountant"), system.client("lessor")]
    results = press_together(
        clients,
        "account.move",
        "action_maintenance_cancel",
        invoice,
        posting_date="2026-11-15",
        **{name: give(row) for name, give in answers.items()},
    )
    refusals = [result for result in results if isinstance(result, Refused)]
    assert len(refusals) == 1
    assert "credited" in refusals[0].message
    return row, invoice


def read_credits(system, invoice):
    return system.client("accountant").call(
        "account.move",
        "search_read",
        domain=[["reversed_entry_id", "=", invoice]],
        fields=["amount_untaxed", "state"],
    )


def test_no_row_is_credited_twice_by_two_accountants(system):
    for number in range(ROUNDS):
        _row, invoice = cancel_together(
            system, f"CREDIT-{number}", row_ids=lambda row: [row]
        )
        credits = read_credits(system, invoice)
        assert [credit["amount_untaxed"] for credit in credits] == [100.0]


def test_no_row_is_corrected_twice_by_two_accountants(system):
    row, invoice = cancel_together(
        system, "CORRECT", corrections=lambda row: [[row, 90.0]]
    )
    assert len(read_credits(system, invoice)) == 1
    accountant = system.client("accountant")
    (old,) = accountant.call(
        "maintenance.reinvoice.row", "read", ids=[row], fields=["line_id"]
    )
    live = accountant.call(
        "maintenance.reinvoice.row",
        "search_read",
        domain=[["line_id", "=", old["line_id"][0]], ["live", "=", True]],
        fields=["amount"],
    )
    assert [new["amount"] for new in live] == [90.0]


def create_cancellation(client, origin):
    action = client.call(RUN, "action_cancel_run", ids=[origin])
    return action["res_id"]


def test_no_row_is_credited_twice_by_two_cancellations_of_a_run(system):
    """What the one holds or has credited, the other leaves out and says so."""
    client = system.client("accountant")
    permissions = [
        create_closed(system, vehicle, price)
        for vehicle, price in (("vehicle_a", 30), ("vehicle_b", 40))
    ]
    origin = create_run(client, permissions)
    client.call(RUN, "action_execute", ids=[origin])
    clients = [client, system.client("accountant")]
    runs = [create_cancellation(each, origin) for each in clients]
    results = execute_together(clients, runs)
    assert not any(isinstance(result, Refused) for result in results), results
    rows = client.call(
        "maintenance.reinvoice.row",
        "search_read",
        domain=[["line_id.permission_id", "in", permissions]],
        fields=["amount", "freed", "credit_move_id"],
    )
    assert sorted(row["amount"] for row in rows) == [30, 40]
    assert all(row["freed"] and row["credit_move_id"] for row in rows)
    lines = client.call(
        "maintenance.reinvoice.run.line",
        "search_read",
        domain=[["run_id", "in", runs]],
        fields=["taken", "reason"],
    )
    assert len(lines) == 4
    assert sum(line["taken"] for line in lines) == 2
    assert {line["reason"] for line in lines if not line["taken"]} <= {
        "credited",
        "busy",
    }
