"""Mass runs and their cancellations are disturbed again and again: the server is
killed, or its connections to the database are cut. Whatever happens, every line is
charged, or credited, once, and nothing stays on the clearing account."""

from contextlib import suppress

import pytest

from ..rounds import rounds
from ..test_maintenance import RUN, create_billed_apart, create_run
from .disturbed import LOST, MASS_RUN, carry_out, cut_off, kill

# 60 invoices of two lines: two chunks, each of which takes some seconds
PRICES = [(10.01 + number, 0.99) for number in range(60)]
TIMES = rounds(2)
LONGEST_PAUSE = 4.0  # seconds of undisturbed work
ROW = "maintenance.reinvoice.row"


@pytest.fixture(params=[kill, cut_off])
def disturb(request):
    """A function that disturbs whatever the server does just now."""
    if request.param is cut_off:
        request.getfixturevalue("cuts_connections")
    return request.param


@pytest.fixture
def permissions(system, request):
    repair = system.facts["ids"]["repair"]
    lines = [[(repair, price) for price in prices] for prices in PRICES]
    return create_billed_apart(system, f"ONCE {request.node.name}", *lines)


def execute(system, run, disturb):
    """Have the run carried out in spite of all that happens to the server."""

    def press():
        with suppress(*LOST):
            system.client("accountant").call(RUN, "action_execute", ids=[run])

    carry_out(system, MASS_RUN, run, press, disturb, TIMES, LONGEST_PAUSE)


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
