"""Run in Odoo's shell: work orders of three payers billed in bulk, against core's own
batch of the same invoices.

Core's way is a plain ``create`` of the list of invoices, with their sections, then
``_post``.  Both are made in turns on fresh records; the least processor time of Python
counts, and the queries, what is done before a commit (tracking) on both sides.
"""

# ruff: noqa: F821  (the shell gives env)
import os

from odoo import Command

from tests import ratios
from tests.timing import measure

ORDERS = int(os.environ.get("BENCH_ORDERS", 20))
LINES = int(os.environ.get("BENCH_LINES", 6))  # an order
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))


class Workshop:
    """Orders whose labour a program shares, and whose damage an insurer bears."""

    def __init__(self, env):
        self.env = env
        partners = env["res.partner"].create(
            [{"name": name} for name in ("Customer", "Sponsor", "Insurer")]
        )
        self.customer, sponsor, self.insurer = partners
        tax = env["account.tax"].create({"name": "11 % bench", "amount": 11})
        self.labour, self.part = env["product.product"].create(
            [
                {"name": name, "type": kind, "taxes_id": [Command.set(tax.ids)]}
                for name, kind in (("Labour", "service"), ("Part", "consu"))
            ]
        )
        self.program = env["service.program"].create(
            {
                "name": "Half labour",
                "sponsor_id": sponsor.id,
                "value_type": "percentage",
                "value": 50,
                "covers_material": False,
            }
        )

    def create_orders(self):
        lines = [
            {"product_id": self.labour.id, "price_unit": 100.0 + number}
            | {"program_id": self.program.id}
            for number in range(LINES // 2)
        ]
        damage = [
            {"product_id": self.part.id, "price_unit": 50.0 + number}
            for number in range(LINES - LINES // 2)
        ]
        orders = self.env["service.work.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "line_ids": [Command.create(line) for line in lines + damage],
                }
                for _number in range(ORDERS)
            ]
        )
        orders.action_submit_check()
        for order in orders:
            claim = self.env["service.insurance.claim"].create(
                {
                    "name": order.name,
                    "work_order_id": order.id,
                    "insurer_id": self.insurer.id,
                }
            )
            order.line_ids[LINES // 2 :].claim_id = claim
            claim.action_approve()
        orders.action_confirm_check()
        return orders


def get_values(move):
    return {
        "move_type": "out_invoice",
        "partner_id": move.partner_id.id,
        "invoice_date": move.invoice_date,
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": line.product_id.id,
                    "name": line.name,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "discount": line.discount,
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                }
                if line.display_type == "product"
                else {"display_type": line.display_type, "name": line.name}
            )
            for line in move.invoice_line_ids
        ],
    }


def measure_round(workshop):
    """Measures of ours (billed, authorized) and of core (created, posted)."""
    orders = workshop.create_orders()
    # without statistics core's own queries take minutes
    env.cr.execute("ANALYZE")
    billed = measure(env, orders.action_create_invoices)
    moves = env["account.move"].browse(orders.invoice_ids.ids)
    # without a date, as these have none before they are authorized
    values = [get_values(move) for move in moves]
    authorized = measure(env, moves.action_service_authorize)
    assert set(moves.mapped("state")) == {"posted"}
    assert len(moves) == 3 * ORDERS
    plain = env["account.move"]

    def create():
        nonlocal plain
        plain = plain.create(values)

    return (
        len(moves),
        billed,
        authorized,
        measure(env, create),
        measure(env, plain._post),
    )


workshop = Workshop(env)
# the first round fills caches
rounds = [measure_round(workshop) for _round in range(ROUNDS + 1)][1:]
count, billed, authorized, created, posted = map(min, zip(*rounds, strict=True))
print(f"{ORDERS} orders of {LINES} lines, {count} invoices; ms and queries an invoice")
for name, ours, core in (
    ("billed / created", [billed], [created]),
    ("authorized / posted", [authorized], [posted]),
    ("together", [billed, authorized], [created, posted]),
):
    seconds, queries = (sum(parts) for parts in zip(*ours, strict=False))
    core_seconds, core_queries = (sum(parts) for parts in zip(*core, strict=False))
    print(
        f"{name:<22}{seconds * 1000 / count:>8.1f}{queries / count:>7.1f}"
        f"{core_seconds * 1000 / count:>8.1f}{core_queries / count:>7.1f}"
        f"{seconds / core_seconds:>7.2f}",
        flush=True,
    )
    ratios.keep(name, seconds / core_seconds)
env.cr.rollback()
