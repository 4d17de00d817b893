"""Two clerks at two screens press the button of one work order at the same moment."""

import threading
from datetime import date

from .json2 import Refused
from .rounds import rounds
from .work_order import bill, create_order

ROUNDS = rounds(3)


def press_together(clients, model, method, document, **answers):
    """Both press at once; what each was answered."""
    barrier = threading.Barrier(len(clients))
    results = [None] * len(clients)

    def press(index, client):
        barrier.wait()
        try:
            results[index] = client.call(model, method, ids=[document], **answers)
        except Refused as refusal:
            results[index] = refusal

    threads = [
        threading.Thread(target=press, args=arguments)
        for arguments in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_no_payer_is_billed_twice_by_two_clerks(system):
    advisor = system.client("advisor")
    clerks = [system.client("clerk"), system.client("authorizer")]
    for _round in range(ROUNDS):
        order = create_order(advisor, system.facts["ids"])
        results = press_together(
            clerks, "service.work.order", "action_create_next_invoice", order
        )
        refusals = [result for result in results if isinstance(result, Refused)]
        assert all("billed by somebody else" in str(refusal) for refusal in refusals)
        assert len(refusals) < len(results)
        invoices = clerks[0].call(
            "account.move",
            "read",
            ids=bill(clerks[0], order),
            fields=["service_invoice_type", "service_number"],
        )
        types = sorted(invoice["service_invoice_type"] for invoice in invoices)
        assert types == ["insurance", "program", "service"]
        numbers = [invoice["service_number"] for invoice in invoices]
        assert len(set(numbers)) == len(numbers)


def test_no_share_is_moved_twice_by_two_clerks(system):
    ids = system.facts["ids"]
    authorizer = system.client("authorizer")
    order = create_order(system.client("advisor"), ids)
    insured = bill(authorizer, order)[-1]
    authorizer.call("account.move", "action_service_authorize", ids=[insured])
    results = press_together(
        [system.client("clerk"), authorizer],
        "account.move",
        "action_service_move_share",
        insured,
        invoice_type="service",
        partner_id=ids["customer"],
        reason="Not covered by the policy",
    )
    refusals = [result for result in results if isinstance(result, Refused)]
    assert len(refusals) == 1
    credits = authorizer.read_one("account.move", insured, "reversal_move_ids")
    assert len(credits["reversal_move_ids"]) == 1
    shares = authorizer.read_one(
        "service.work.order", order, "amount_customer", "amount_insurance"
    )
    # before tax: 500 + 300 + 500 of the customer, 1,700 of the insurer
    assert shares["amount_customer"] == 3000
    assert shares["amount_insurance"] == 0


def test_nothing_is_credited_twice_by_two_clerks(system):
    authorizer = system.client("authorizer")
    order = create_order(system.client("advisor"), system.facts["ids"])
    service = bill(authorizer, order)[0]
    authorizer.call("account.move", "action_service_authorize", ids=[service])
    results = press_together(
        [system.client("clerk"), authorizer],
        "account.move",
        "action_service_credit",
        service,
        reason="Wrong price",
    )
    refusals = [result for result in results if isinstance(result, Refused)]
    assert len(refusals) == 1
    credits = authorizer.read_one("account.move", service, "reversal_move_ids")
    assert len(credits["reversal_move_ids"]) == 1


def test_no_release_is_invoiced_twice_by_two_clerks(system):
    clerks = [system.client("clerk"), system.client("authorizer")]
    for _round in range(ROUNDS):
        order = create_order(system.client("advisor"), system.facts["ids"])
        clerks[0].call("service.work.order", "action_release", ids=[order])
        releases = clerks[0].call(
            "service.release", "search", domain=[["work_order_id", "=", order]]
        )
        clerks[0].call("service.release", "action_confirm", ids=releases)
        for release in releases:
            results = press_together(
                clerks, "service.release", "action_create_invoice", release
            )
            refusals = [result for result in results if isinstance(result, Refused)]
            assert len(refusals) == 1
        billed = clerks[0].read_one("service.work.order", order, "invoice_ids")
        assert len(billed["invoice_ids"]) == len(releases) == 3


def create_agreement(clerk, ids):
    """An open agreement with a fixed amount, since January of last year."""
    [agreement] = clerk.call(
        "service.agreement",
        "create",
        vals_list=[
            {
                "partner_id": ids["customer"],
                "date_start": f"{date.today().year - 1}-01-01",
                "line_ids": [
                    [0, 0, {"product_id": ids["labour"], "amount": 100}],
                ],
            }
        ],
    )
    clerk.call("service.agreement", "action_open", ids=[agreement])
    return agreement


def create_run(clerk, agreements):
    """A run of these agreements until December of last year."""
    vals = {
        "period_from": f"{date.today().year - 1}-12-01",
        "agreement_ids": [[6, 0, agreements]],
    }
    return clerk.call("service.monthly.run", "create", vals_list=[vals])[0]


def test_no_month_is_released_twice_by_two_runs(system):
    """Twelve months of five agreements, by two clerks at once."""
    clerks = [system.client("clerk"), system.client("authorizer")]
    agreements = [create_agreement(clerks[0], system.facts["ids"]) for _ in range(5)]
    runs = [create_run(clerk, agreements) for clerk in clerks]
    barrier = threading.Barrier(2)

    def run(clerk, run_id):
        barrier.wait()
        clerk.call("service.monthly.run", "action_run", ids=[run_id])

    threads = [
        threading.Thread(target=run, args=arguments)
        for arguments in zip(clerks, runs, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    releases = clerks[0].call(
        "service.release",
        "search_read",
        domain=[["agreement_id", "in", agreements]],
        fields=["agreement_id", "period_from"],
    )
    months = {(r["agreement_id"][0], r["period_from"]) for r in releases}
    assert len(releases) == len(months)
    # what one run left to the other is made by one of them, now or the next time
    last = create_run(clerks[0], agreements)
    clerks[0].call("service.monthly.run", "action_run", ids=[last])
    count = clerks[0].call(
        "service.release", "search_count", domain=[["agreement_id", "in", agreements]]
    )
    assert count == 5 * 12
