"""A fleet accountant's month end over JSON-2: bills in, one collective invoice out."""

import pytest

from .json2 import Refused
from .work_order import create_line

RUN = "maintenance.reinvoice.run"
PERMISSION = "maintenance.permission"


def create_permission(system, vehicle, *lines):
    """An approved permission of ``vehicle``; lines as (price, amount or None)."""
    ids = system.facts["ids"]
    approver = system.client("approver")
    values = [
        {
            "product_id": ids["repair"],
            "name": "Brake pads",
            "purchase_price": price,
            "reinvoice": amount is not None,
            **({"amount_to_reinvoice": amount} if amount is not None else {}),
        }
        for price, amount in lines
    ]
    (permission,) = approver.call(
        PERMISSION,
        "create",
        vals_list=[
            {
                "vehicle_id": ids[vehicle],
                "vendor_id": ids["garage"],
                "date": "2026-10-05",
                "line_ids": [create_line(line) for line in values],
            }
        ],
    )
    approver.call(PERMISSION, "action_approve", ids=[permission])
    return permission


def create_bill(accountant, permissions, reference):
    """The draft bill of the garage; its id."""
    action = accountant.call(
        PERMISSION,
        "action_create_bill",
        ids=permissions,
        vendor_reference=reference,
        date="2026-10-10",
    )
    return action["res_id"]


def create_billed_apart(system, reference, *lines_of_each):
    """Closed permissions of one customer who wants an invoice of each, all on one
    posted bill of the garage; of each the lines, as (product, price)."""
    ids = system.facts["ids"]
    admin, approver = system.client("admin"), system.client("approver")
    values = [
        {
            "vehicle_id": ids["vehicle_a" if number % 2 else "vehicle_b"],
            "vendor_id": ids["garage"],
            "date": "2026-10-05",
            "line_ids": [
                create_line(
                    {"product_id": product, "purchase_price": price, "reinvoice": True}
                )
                for product, price in lines
            ],
        }
        for number, lines in enumerate(lines_of_each)
    ]
    created = approver.call(PERMISSION, "create", vals_list=values)
    approver.call(PERMISSION, "action_approve", ids=created)
    customer = admin.read_one(PERMISSION, created[0], "partner_id")["partner_id"]
    admin.call(
        "res.partner",
        "write",
        ids=customer[:1],
        vals={"maintenance_billing_method": "permission"},
    )
    accountant = system.client("accountant")
    bill = create_bill(accountant, created, reference)
    accountant.call("account.move", "action_post", ids=[bill])
    return created


def create_run(accountant, permissions):
    (run,) = accountant.call(
        RUN,
        "create",
        vals_list=[
            {
                "posting_date": "2026-10-31",
                "filter_domain": str([("id", "in", permissions)]),
            }
        ],
    )
    return run


@pytest.fixture(scope="module")
def permissions(system):
    """400 + 200 on contract A (the 400 re-invoiced), 600 on B (450 re-invoiced)."""
    accountant = system.client("accountant")
    created = [
        create_permission(system, "vehicle_a", (400, 400), (200, None)),
        create_permission(system, "vehicle_b", (600, 450)),
    ]
    for number, permission in enumerate(created):
        bill = create_bill(accountant, [permission], f"GARAGE-{number}")
        accountant.call("account.move", "action_post", ids=[bill])
    return created


@pytest.fixture(scope="module")
def run(system, permissions):
    accountant = system.client("accountant")
    created = create_run(accountant, permissions)
    accountant.call(RUN, "action_check", ids=[created])
    accountant.call(RUN, "action_execute", ids=[created])
    return accountant.call(RUN, "read", ids=[created], fields=["state", "log_ids"])[0]


def test_a_run_makes_one_collective_invoice_to_the_cent(system, run):
    assert run["state"] == "done"
    accountant = system.client("accountant")
    (log,) = accountant.call(
        "maintenance.reinvoice.log", "read", ids=run["log_ids"], fields=["move_id"]
    )
    move = accountant.read_one(
        "account.move", log["move_id"][0], "amount_untaxed", "amount_total", "state"
    )
    # 400 + 450 = 850; 23 % of it 195.50
    assert (move["amount_untaxed"], move["amount_total"]) == (850.00, 1045.50)
    assert move["state"] == "posted"


def test_the_clearing_account_ends_at_zero(system, run):
    accountant = system.client("accountant")
    (log,) = accountant.call(
        "maintenance.reinvoice.log", "read", ids=run["log_ids"], fields=["move_id"]
    )
    # the invoice and its redistribution entry; other tests have runs of their own
    domain = [
        ["account_id", "=", system.facts["ids"]["clearing"]],
        "|",
        ["move_id", "=", log["move_id"][0]],
        ["move_id.maintenance_origin_id", "=", log["move_id"][0]],
    ]
    lines = accountant.call(
        "account.move.line",
        "search_read",
        domain=domain,
        fields=["balance", "reconciled"],
    )
    # each of 400 and 450 once on the invoice and once on the redistribution entry
    assert sorted(line["balance"] for line in lines) == [-450, -400, 400, 450]
    assert all(line["reconciled"] for line in lines)


def test_only_the_wholly_invoiced_permission_is_reinvoiced(system, permissions, run):
    rows = system.client("approver").call(
        PERMISSION, "read", ids=permissions, fields=["state"]
    )
    assert [row["state"] for row in rows] == ["closed", "reinvoiced"]


def test_a_second_run_has_no_candidates_and_says_so(system, permissions, run):
    accountant = system.client("accountant")
    again = create_run(accountant, permissions)
    with pytest.raises(Refused) as refusal:
        accountant.call(RUN, "action_execute", ids=[again])
    assert refusal.value.status == 422
    assert "Nothing to re-invoice" in refusal.value.message


def test_a_bill_number_used_twice_is_refused_in_words(system, permissions):
    accountant = system.client("accountant")
    another = create_permission(system, "vehicle_a", (100, 100))
    with pytest.raises(Refused) as refusal:
        bill = create_bill(accountant, [another], "GARAGE-0")
        accountant.call("account.move", "action_post", ids=[bill])
    assert refusal.value.status == 422
    assert "GARAGE-0" in refusal.value.message


def test_an_approver_may_not_run(system, permissions, run):
    with pytest.raises(Refused) as refusal:
        create_run(system.client("approver"), permissions)
    assert refusal.value.status == 403
