"""What mass runs are measured with in Odoo's shell: permissions that wait for one, and
core's own way to the documents that it made."""

from odoo import Command

from tests.lessor import Lessor

DATE = "2026-10-31"


class BilledLessor(Lessor):
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

    def create_round(self, billing_method, customers, contracts, lines):
        """Closed permissions, ready for a run: so many customers, contracts of each
        and lines of each contract."""
        permissions = self.env["maintenance.permission"]
        for _number in range(customers):
            self.count += 1
            customer = self.env["res.partner"].create(
                {
                    "name": f"Customer {self.count}",
                    "maintenance_billing_method": billing_method,
                }
            )
            for _contract in range(contracts):
                self.count += 1
                contract = self.create_contract(self.count, customer)
                permissions |= self.create_permissions(contract, lines)
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


def prepare_core_values(moves):
    """``(values of invoices, of entries)``: what core needs to make the documents
    from nothing."""
    entries = moves.maintenance_redistribution_id
    return (
        [get_invoice_values(move) for move in moves],
        [get_entry_values(move) for move in entries],
    )


def create_and_post(env, invoices, entries):
    """The same documents by core's plain way: no check report, no log, no matching."""
    env["account.move"].create(invoices)._post(soft=False)
    env["account.move"].create(entries)._post(soft=False)
