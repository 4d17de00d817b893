"""Two clerks at two screens press the button of one work order at the same moment."""

import threading

from .json2 import Refused
from .work_order import bill, create_order

ROUNDS = 4


def press_together(clients, order):
    """Both press at once; what each was answered."""
    barrier = threading.Barrier(len(clients))
    answers = [None] * len(clients)

    def press(index, client):
        barrier.wait()
        try:
            answers[index] = client.call(
                "service.work.order", "action_create_next_invoice", ids=[order]
            )
        except Refused as refusal:
            answers[index] = refusal

    threads = [
        threading.Thread(target=press, args=arguments)
        for arguments in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_no_payer_is_billed_twice_by_two_clerks(system):
    advisor = system.client("advisor")
    clerks = [system.client("clerk"), system.client("authorizer")]
    for _round in range(ROUNDS):
        order = create_order(advisor, system.facts["ids"])
        answers = press_together(clerks, order)
        refusals = [answer for answer in answers if isinstance(answer, Refused)]
        assert all("billed by somebody else" in str(answer) for answer in refusals)
        assert len(refusals) < len(answers)
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
