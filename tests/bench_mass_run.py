"""Run in Odoo's shell: a mass run against core's own batch of the same documents, and
the cancellation of the run against the run.

Core's way is a plain ``create`` of the list of invoices and of the list of entries,
then ``_post``: no check report, no log, no reconciliation.  Both are measured on fresh
records in turn.  The least processor time of Python counts, since others disturb a
machine and nobody hastens it; queries are the same every time.
"""

# ruff: noqa: F821  (the shell gives env)
import os

from odoo import Command

from odoo.addons.maintenance_reinvoice.models.run import (
    maintenance_reinvoice_run_execute as execute,
)

from tests import ratios
from tests.lessor import Lessor
from tests.timing import measure

ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", 20))
CONTRACTS = int(os.environ.get("BENCH_CONTRACTS", 2))  # a customer
LINES = int(os.environ.get("BENCH_LINES", 5))  # a contract
METHODS = os.environ.get("BENCH_METHODS", "customer,contract,permission").split(",")
DATE = "2026-10-31"


class Measured(Lessor):
    """Permissions whose bills are posted, made anew for each round."""

    def __init__(self, env):
        super().__init__(env)
        self.count = 0
        self.tax = self.create_tax("sale")
        self.purchase_tax = self.create_tax("purchase")
        self.revenue = self.create_account("BREV", "income", reconcile=False)
        self.product = self.create_product()

    def create_tax(self, use):
        return self.env["account.tax"].create(
            {"name": f"23 % {use}", "amount": 23, "type_tax_use": use}
        )

    def create_product(self):
        return self.env["product.product"].create(
            {
                "name": "Repair",
                "type": "service",
                "taxes_id": [Command.set(self.tax.ids)],
                "supplier_taxes_id": [Command.set(self.purchase_tax.ids)],
                "property_account_income_id": self.revenue.id,
            }
        )

    def create_round(self, billing_method):
        """Closed permissions, ready for a run."""
        permissions = self.env["maintenance.permission"]
        for _number in range(CUSTOMERS):
            self.count += 1
            customer = self.env["res.partner"].create(
                {
                    "name": f"Customer {self.count}",
                    "maintenance_billing_method": billing_method,
                }
            )
            for _contract in range(CONTRACTS):
                self.count += 1
                contract = self.create_contract(self.count, customer)
                permissions |= self.create_permissions(contract, LINES)
        permissions.action_approve()
        action = permissions.action_create_bill(
            vendor_reference=f"BILL {self.count}", date="2026-10-10"
        )
        self.env["account.move"].browse(action["res_id"]).action_post()
        self.env.cr.commit()
        return permissions

    def create_run(self, permissions):
        return self.env["maintenance.reinvoice.run"].create(
            {
                "posting_date": DATE,
                "filter_domain": str([("id", "in", permissions.ids)]),
            }
        )


def get_line_values(line):
    return {
        "name": line.name,
        "account_id": line.account_id.id,
        "analytic_distribution": line.analytic_distribution,
    }


def get_invoice_values(move):
    """What core needs to make the same invoice from nothing."""
    return {
        "move_type": move.move_type,
        "journal_id": move.journal_id.id,
        "partner_id": move.partner_id.id,
        "currency_id": move.currency_id.id,
        "invoice_date": DATE,
        "invoice_line_ids": [
            Command.create(
                {
                    **get_line_values(line),
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                }
            )
            for line in move.invoice_line_ids
        ],
    }


def get_entry_values(move):
    return {
        "move_type": "entry",
        "journal_id": move.journal_id.id,
        "date": DATE,
        "line_ids": [
            Command.create(
                {
                    **get_line_values(line),
                    "partner_id": line.partner_id.id,
                    "balance": line.balance,
                }
            )
            for line in move.line_ids
        ],
    }


def measure_round(lessor, billing_method):
    """``(invoices, measures of the run, of core and of the cancellation)``."""
    run = lessor.create_run(lessor.create_round(billing_method))
    # without statistics core's own queries take minutes
    env.cr.execute("ANALYZE")
    of_run = measure(env, run.action_execute)
    env.cr.commit()
    moves = run.log_ids.move_id
    taken = run.line_ids.filtered("taken")
    assert run.state == "done", run.log_ids.mapped("posting_error")
    assert len(taken) == CUSTOMERS * CONTRACTS * LINES
    invoices = [get_invoice_values(move) for move in moves]
    entries = [get_entry_values(move) for move in moves.maintenance_redistribution_id]
    of_core = measure(env, lambda: create_and_post(invoices, entries))
    env.cr.rollback()
    return len(moves), of_run, of_core, measure_cancellation(run)


def measure_cancellation(run):
    cancellation = run.browse(run.action_cancel_run()["res_id"])
    env.cr.commit()
    of_cancellation = measure(env, cancellation.action_execute)
    assert cancellation.state == "done", cancellation.log_ids.mapped("posting_error")
    assert cancellation.taken_count == CUSTOMERS * CONTRACTS * LINES
    return of_cancellation


def create_and_post(invoices, entries):
    env["account.move"].create(invoices)._post(soft=False)
    env["account.move"].create(entries)._post(soft=False)


def print_least(billing_method, rounds):
    lines, invoices = CUSTOMERS * CONTRACTS * LINES, rounds[0][0]
    (seconds, queries), (core_seconds, core_queries), (back_seconds, back_queries) = (
        min(measured) for measured in list(zip(*rounds, strict=True))[1:]
    )
    print(
        f"{lines:>6} {invoices:>9} {billing_method:<11}"
        f"{seconds * 1000 / lines:>10.2f} {queries / invoices:>8.1f}"
        f"{core_seconds * 1000 / lines:>10.2f} {core_queries / invoices:>8.1f}"
        f"{seconds / core_seconds:>8.2f}"
        f"{back_seconds * 1000 / lines:>10.2f} {back_queries / invoices:>8.1f}"
        f"{back_seconds / seconds:>8.2f}",
        flush=True,
    )
    ratios.keep(f"run, billed by {billing_method}", seconds / core_seconds)
    ratios.keep(
        f"cancellation against the run, {billing_method}", back_seconds / seconds
    )


# of many lines, too, all is done here
execute.INLINE_LINES = float("inf")
lessor = Measured(env)
print(f"{'':28}{'mass run':>19}{'core':>19}{'':>8}{'cancellation':>19}")
print(
    f"{'lines':>6} {'invoices':>9} {'billed by':<11}"
    + f"{'ms/line':>10} {'q/inv.':>8}" * 2
    + f"{'ratio':>8}{'ms/line':>10} {'q/inv.':>8}{'to run':>8}"
)
for method in METHODS:
    # the first round fills caches
    rounds = [measure_round(lessor, method) for _ in range(ROUNDS + 1)]
    print_least(method, rounds[1:])
