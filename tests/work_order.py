"""The worked example of the documentation, entered by an advisor over JSON-2.

Labour 1,000, parts 2,000, external repair 500, 11 % tax on all.  The program pays
half of the labour, the insurer the parts less 300; the customer's invoice also gets a
taxed charge of 80 and a discount of 50.
"""


def create_line(values):
    return [0, 0, values]


def create_order(advisor, ids):
    """A checked work order, ready to be billed; its id."""
    (order,) = advisor.call(
        "service.work.order",
        "create",
        vals_list=[
            {
                "partner_id": ids["customer"],
                "tcd_ids": [
                    create_line({"tcd_id": ids["charge"]}),
                    create_line({"tcd_id": ids["discount"]}),
                ],
                "line_ids": [
                    create_line(
                        {
                            "product_id": ids["labour"],
                            "quantity": 10,
                            "price_unit": 100,
                            "program_id": ids["program"],
                        }
                    ),
                    create_line({"product_id": ids["part"], "price_unit": 2000}),
                    create_line({"product_id": ids["external"], "price_unit": 500}),
                ],
            }
        ],
    )
    claim_parts(advisor, order, ids)
    for method in ("action_start", "action_submit_check", "action_confirm_check"):
        advisor.call("service.work.order", method, ids=[order])
    return order


def claim_parts(advisor, order, ids):
    """The insurer bears the parts, the customer 300 of them."""
    (claim,) = advisor.call(
        "service.insurance.claim",
        "create",
        vals_list=[
            {
                "name": f"CLAIM-{order}",
                "work_order_id": order,
                "insurer_id": ids["insurer"],
                "deductible": 300,
            }
        ],
    )
    lines = advisor.call(
        "service.work.order.line",
        "search",
        domain=[["order_id", "=", order], ["product_id", "=", ids["part"]]],
    )
    advisor.call(
        "service.work.order.line", "write", ids=lines, vals={"claim_id": claim}
    )
    advisor.call("service.insurance.claim", "action_approve", ids=[claim])


def bill(clerk, order):
    """Press the button until no invoice is left to make; ids of the invoices."""
    while clerk.read_one("service.work.order", order, "next_invoice_type")[
        "next_invoice_type"
    ]:
        clerk.call("service.work.order", "action_create_next_invoice", ids=[order])
    return sorted(
        clerk.read_one("service.work.order", order, "invoice_ids")["invoice_ids"]
    )
