"""A program of a partner does the clerk's work over JSON-2, with an API key."""

import pytest

from .json2 import Client, Refused
from .work_order import bill, create_line, create_order

# before tax: 500 labour + 300 own risk + 500 paint + 80 - 50 = 1,330, tax 146.30;
# program 500 + 55; insurer 2,000 - 300 = 1,700 + 187
TOTALS = [
    ("service", "The customer", 1476.30, 146.30),
    ("program", "The sponsor", 555.00, 55.00),
    ("insurance", "The insurer", 1887.00, 187.00),
]


@pytest.fixture(scope="module")
def invoices(system):
    order = create_order(system.client("advisor"), system.facts["ids"])
    return bill(system.client("clerk"), order)


def test_a_work_order_becomes_three_invoices_to_the_cent(system, invoices):
    fields = ["service_invoice_type", "partner_id", "amount_total", "amount_tax"]
    rows = system.client("clerk").call(
        "account.move", "read", ids=invoices, fields=[*fields, "service_status"]
    )
    found = [
        (row[fields[0]], row[fields[1]][1], row[fields[2]], row[fields[3]])
        for row in sorted(rows, key=lambda row: row["id"])
    ]
    assert found == TOTALS
    assert {row["service_status"] for row in rows} == {"fresh"}


def test_a_clerk_cannot_authorize_and_an_authorizer_can(system, invoices):
    with pytest.raises(Refused) as refusal:
        system.client("clerk").call(
            "account.move", "action_service_authorize", ids=invoices[:1]
        )
    assert refusal.value.status in (403, 422)
    assert "Traceback" not in refusal.value.message
    authorizer = system.client("authorizer")
    authorizer.call("account.move", "action_service_authorize", ids=invoices)
    rows = authorizer.call(
        "account.move", "read", ids=invoices, fields=["state", "service_status", "name"]
    )
    assert {row["state"] for row in rows} == {"posted"}
    assert {row["service_status"] for row in rows} == {"authorized"}
    assert len({row["name"] for row in rows}) == len(rows)


def test_core_post_is_guarded_too(system):
    """The guard sits at posting: core's own button gives a clerk the same answer."""
    order = create_order(system.client("advisor"), system.facts["ids"])
    clerk = system.client("clerk")
    moves = bill(clerk, order)
    with pytest.raises(Refused) as refusal:
        clerk.call("account.move", "action_post", ids=moves)
    assert refusal.value.status in (403, 422)
    rows = clerk.call("account.move", "read", ids=moves, fields=["state"])
    assert {row["state"] for row in rows} == {"draft"}


def test_a_billed_order_has_no_next_invoice(system, invoices):
    clerk = system.client("clerk")
    (order,) = clerk.read_one("account.move", invoices[0], "work_order_ids")[
        "work_order_ids"
    ]
    with pytest.raises(Refused) as refusal:
        clerk.call("service.work.order", "action_create_next_invoice", ids=[order])
    assert refusal.value.status == 422
    assert refusal.value.message


def test_a_line_with_program_and_claim_gets_a_sentence(system):
    ids = system.facts["ids"]
    advisor = system.client("advisor")
    order = create_order(advisor, ids)
    (claim,) = advisor.call(
        "service.insurance.claim", "search", domain=[["work_order_id", "=", order]]
    )
    values = {"product_id": ids["labour"], "price_unit": 10, "claim_id": claim}
    advisor.call("service.work.order", "action_back_to_check", ids=[order], reason="x")
    with pytest.raises(Refused) as refusal:
        advisor.call(
            "service.work.order",
            "write",
            ids=[order],
            vals={"line_ids": [create_line({**values, "program_id": ids["program"]})]},
        )
    assert refusal.value.status == 422
    assert "program" in refusal.value.message.lower()
    assert "claim" in refusal.value.message.lower()


@pytest.mark.parametrize("key", ["wrong-key", ""])
def test_a_bad_or_missing_key_is_not_let_in(system, key):
    client = Client(system.server.url, system.database, key)
    with pytest.raises(Refused) as refusal:
        client.call("service.work.order", "search", domain=[])
    assert refusal.value.status == 401


def test_a_user_without_rights_sees_no_work_order(system):
    with pytest.raises(Refused) as refusal:
        system.client("nobody").call("service.work.order", "search", domain=[])
    assert refusal.value.status == 403
    assert "Service" in refusal.value.message


def test_protected_fields_cannot_be_written_from_outside(system, invoices):
    with pytest.raises(Refused) as refusal:
        system.client("authorizer").call(
            "account.move", "write", ids=invoices, vals={"service_number": "X"}
        )
    assert refusal.value.status in (403, 422)


def test_private_and_unknown_methods_are_closed(system):
    clerk = system.client("clerk")
    with pytest.raises(Refused) as refusal:
        clerk.call("service.work.order", "_prepare_invoice_vals", ids=[1])
    assert refusal.value.status == 403
    with pytest.raises(Refused) as refusal:
        clerk.call("service.work.order", "no_such_method", ids=[1])
    assert refusal.value.status == 404
