"""One invoice walks through its life over JSON-2; at each step the wrong ones knock.

The whole table of status, button and role is in service_invoicing's own tests; this
shows that a real server gives the same answers.
"""

import pytest

from .json2 import Refused
from .work_order import bill, create_order

# what JSON-2 makes of an AccessError and of a UserError
NO_RIGHT, NOT_NOW = 403, 422
REASON = {"reason": "Because"}
# role, method, arguments, and what comes: a refusal or the next status
WALK = [
    ("nobody", "action_service_save", {}, NO_RIGHT),
    ("advisor", "action_service_save", {}, NO_RIGHT),
    ("clerk", "action_service_authorize", {}, NO_RIGHT),
    ("clerk", "action_post", {}, NO_RIGHT),
    ("clerk", "write", {"vals": {"state": "posted"}}, NO_RIGHT),
    ("clerk", "button_cancel", {}, NOT_NOW),
    ("clerk", "unlink", {}, NOT_NOW),
    ("authorizer", "write", {"vals": {"state": "cancel"}}, NOT_NOW),
    ("clerk", "action_service_return", REASON, "returned"),
    ("clerk", "action_service_return", REASON, NOT_NOW),
    ("authorizer", "action_post", {}, NOT_NOW),
    ("clerk", "action_service_save", {}, "fresh"),
    ("authorizer", "action_service_authorize", {}, "authorized"),
    ("authorizer", "action_service_save", {}, NOT_NOW),
    ("authorizer", "action_service_delete", REASON, NOT_NOW),
    ("clerk", "button_draft", {}, NO_RIGHT),
    ("clerk", "write", {"vals": {"state": "draft"}}, NO_RIGHT),
    ("authorizer", "button_draft", {}, "returned"),
    ("clerk", "action_service_delete", REASON, "deleted"),
    ("authorizer", "button_draft", {}, NOT_NOW),
    ("authorizer", "write", {"vals": {"state": "draft"}}, NOT_NOW),
    ("authorizer", "unlink", {}, NOT_NOW),
]


@pytest.fixture(scope="module")
def invoice(system):
    order = create_order(system.client("advisor"), system.facts["ids"])
    return bill(system.client("clerk"), order)[0]


def read_status(system, invoice):
    row = system.client("clerk").read_one("account.move", invoice, "service_status")
    return row["service_status"]


def test_an_invoice_walks_through_its_life(system, invoice):
    status = read_status(system, invoice)
    assert status == "fresh"
    for step, (role, method, arguments, expected) in enumerate(WALK):
        client = system.client(role)
        try:
            client.call("account.move", method, ids=[invoice], **arguments)
            found = read_status(system, invoice)
            status = found
        except Refused as refusal:
            found = refusal.status
            assert refusal.message and "Traceback" not in refusal.message
        assert (step, role, method, found) == (step, role, method, expected)
        assert read_status(system, invoice) == status
