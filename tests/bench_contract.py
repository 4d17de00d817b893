"""Run in Odoo's shell: OCA's ``contract`` against core's own batch of its invoices,
on a database without our add-ons; as ``bench_mass_run.py`` does it with a run of ours.
"""

# ruff: noqa: F821  (the shell gives env)
import os

from odoo import Command

from tests import ratios
from tests.timing import measure

ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))
INVOICES = int(os.environ.get("BENCH_INVOICES", 30))
LINES = int(os.environ.get("BENCH_LINES", 10))  # an invoice
DATE = "2026-10-31"


class Lessor:
    """Contracts whose next invoice is due, made anew for each round."""

    def __init__(self):
        tax = env["account.tax"].create({"name": "23 % bench", "amount": 23})
        self.product = env["product.product"].create(
            {"name": "Lease", "type": "service", "taxes_id": [Command.set(tax.ids)]}
        )
        self.customers = env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(INVOICES)]
        )

    def create_contracts(self):
        line = {
            "product_id": self.product.id,
            "name": "Brake pads",
            "quantity": 1,
            "price_unit": 123.45,
            "date_start": DATE,
            "recurring_next_date": DATE,
        }
        return env["contract.contract"].create(
            [
                {
                    "name": f"Contract of {customer.name}",
                    "partner_id": customer.id,
                    "line_recurrence": False,
                    "recurring_interval": 1,
                    "recurring_rule_type": "monthly",
                    "date_start": DATE,
                    "recurring_next_date": DATE,
                    "contract_line_ids": [Command.create(line)] * LINES,
                }
                for customer in self.customers
            ]
        )


def get_values(move):
    """What core needs to make the same invoice from nothing."""
    return {
        "move_type": move.move_type,
        "journal_id": move.journal_id.id,
        "partner_id": move.partner_id.id,
        "currency_id": move.currency_id.id,
        "invoice_date": move.invoice_date,
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": line.product_id.id,
                    "name": line.name,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                }
            )
            for line in move.invoice_line_ids
        ],
    }


def measure_round(lessor):
    contracts = lessor.create_contracts()
    # without statistics core's own queries take minutes
    env.cr.execute("ANALYZE")
    moves = env["account.move"]

    def invoice():
        nonlocal moves
        moves = contracts._recurring_create_invoice()
        moves._post(soft=False)

    of_contracts = measure(env, invoice)
    assert len(moves) == INVOICES
    assert len(moves.invoice_line_ids) == INVOICES * LINES
    values = [get_values(move) for move in moves]
    core = env["account.move"]
    of_core = measure(env, lambda: core.create(values)._post(soft=False))
    return of_contracts, of_core


lessor = Lessor()
# the first round fills caches
rounds = [measure_round(lessor) for _round in range(ROUNDS + 1)][1:]
(seconds, queries), (core_seconds, core_queries) = map(min, zip(*rounds, strict=True))
print(f"{INVOICES} invoices, {LINES} lines each; ms a line, queries an invoice")
print(
    f"contract {seconds * 1000 / INVOICES / LINES:.2f}, {queries / INVOICES:.1f}; "
    f"core {core_seconds * 1000 / INVOICES / LINES:.2f}, "
    f"{core_queries / INVOICES:.1f}; ratio {seconds / core_seconds:.2f}"
)
ratios.keep("invoices created and posted", seconds / core_seconds)
env.cr.rollback()
