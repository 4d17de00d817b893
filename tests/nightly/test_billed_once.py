"""A run that bills work orders is killed again and again: whatever happens, every
share is on one live invoice."""

from collections import defaultdict

import pytest

from ..work_order import create_line
from .disturbed import BILLING_RUN, carry_out, kill

ORDER = "service.work.order"
CLAIM = "service.insurance.claim"
# four batches, each of which takes some seconds
ORDERS = 150
TIMES = 10
LONGEST_PAUSE = 8.0  # seconds of undisturbed work
OWN_RISK = 300


def get_parts(number):
    """Labour, half of which the program bears, and parts of an order."""
    return 100 + 0.02 * number, 2000.01 + number


def get_shares(number):
    """What each payer is invoiced for it."""
    labour, parts = get_parts(number)
    return {
        "service": round(labour / 2 + OWN_RISK, 2),
        "program": round(labour / 2, 2),
        "insurance": round(parts - OWN_RISK, 2),
    }


@pytest.fixture
def orders(system):
    """Checked work orders with three payers each."""
    advisor, ids = system.client("advisor"), system.facts["ids"]
    vals_list = []
    for number in range(ORDERS):
        labour, parts = get_parts(number)
        lines = [
            {
                "product_id": ids["labour"],
                "price_unit": labour,
                "program_id": ids["program"],
            },
            {"product_id": ids["part"], "price_unit": parts},
        ]
        vals_list.append(
            {
                "partner_id": ids["customer"],
                "line_ids": [create_line(line) for line in lines],
            }
        )
    created = advisor.call(ORDER, "create", vals_list=vals_list)
    claims = [
        {
            "name": f"ONCE-{order}",
            "work_order_id": order,
            "insurer_id": ids["insurer"],
            "deductible": OWN_RISK,
        }
        for order in created
    ]
    claimed = advisor.call(CLAIM, "create", vals_list=claims)
    for method in ("action_cover_lines", "action_approve"):
        advisor.call(CLAIM, method, ids=claimed)
    for method in ("action_start", "action_submit_check", "action_confirm_check"):
        advisor.call(ORDER, method, ids=created)
    return created


def read_live(system, orders):
    """Net amounts of the live invoices: ``{order: {share: [amount]}}``."""
    moves = system.client("clerk").call(
        "account.move",
        "search_read",
        domain=[["work_order_ids", "in", orders], ["state", "!=", "cancel"]],
        fields=["work_order_ids", "service_invoice_type", "amount_untaxed"],
    )
    found = defaultdict(lambda: defaultdict(list))
    for move in moves:
        (order,) = move["work_order_ids"]
        found[order][move["service_invoice_type"]].append(move["amount_untaxed"])
    return {order: dict(shares) for order, shares in found.items()}


def test_every_share_is_billed_once_by_a_run_that_is_killed(system, orders):
    clerk = system.client("clerk")
    run = clerk.call(ORDER, "action_create_invoices", ids=orders)["res_id"]
    carry_out(system, BILLING_RUN, run, lambda: None, kill, TIMES, LONGEST_PAUSE)
    clerk = system.client("clerk")
    result = clerk.read_one(BILLING_RUN.model, run, "state", "invoice_count")
    assert (result["state"], result["invoice_count"]) == ("done", 3 * ORDERS)
    live = read_live(system, orders)
    assert live == {
        order: {share: [amount] for share, amount in get_shares(number).items()}
        for number, order in enumerate(orders)
    }
    # labour and parts: 100 + 2,000.01, and 1.02 more with each order
    plain = ORDERS * 2100.01 + 1.02 * sum(range(ORDERS))
    billed = sum(sum(sum(shares.values(), [])) for shares in live.values())
    assert round(billed, 2) == round(plain, 2)
    states = clerk.call(ORDER, "read", ids=orders, fields=["state"])
    assert {order["state"] for order in states} == {"invoiced"}
