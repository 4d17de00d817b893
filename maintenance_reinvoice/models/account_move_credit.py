from odoo import Command, fields, models
from odoo.exceptions import UserError

from .maintenance_permission_line_invoice import QUIET


class AccountMove(models.Model):
    """Credit memos of rows of maintenance invoices.

    ``options``: ``posting_date``, ``vat_date`` (may be empty), ``free`` (the rows may
    be re-invoiced again, else they are closed) and ``reason`` (may be empty)."""

    _inherit = "account.move"

    maintenance_credited_row_ids = fields.One2many(
        "maintenance.reinvoice.row", "credit_move_id", string="Credited lines"
    )

    def action_maintenance_cancel(
        self, row_ids=None, posting_date=None, vat_date=None, free=True, reason=None
    ):
        """Credit rows of a posted maintenance invoice and open the credit memo.

        Without ``posting_date`` the dialog is returned. ``row_ids`` are ids of the
        invoice's re-invoiced rows; ``free``: they may be re-invoiced again."""
        self.ensure_one()
        self.check_access("write")
        self.env["maintenance.permission"]._check_group("group_maintenance_reinvoice")
        self._check_maintenance_cancel()
        if not posting_date:
            return self._get_maintenance_cancel_dialog()
        rows = self.env["maintenance.reinvoice.row"].browse(row_ids or ())
        options = {
            "posting_date": posting_date,
            "vat_date": fields.Date.to_date(vat_date),
            "free": free,
            "reason": reason,
        }
        credit = self._credit_maintenance_rows(rows, options)
        return credit._get_maintenance_open_action()

    def _get_maintenance_cancel_dialog(self):
        rows = self.maintenance_row_ids.filtered(lambda row: not row.credit_move_id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Maintenance Rows"),
            "res_model": "maintenance.reinvoice.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_invoice_id": self.id,
                "default_row_ids": [Command.set(rows.ids)],
            },
        }

    def _check_maintenance_cancel(self):
        """Only posted maintenance invoices have rows to credit."""
        self.ensure_one()
        if (
            self.service_invoice_type != "maintenance"
            or self.state != "posted"
            or self.move_type not in ("out_invoice", "out_refund")
            or not self.maintenance_row_ids
        ):
            raise UserError(
                self.env._(
                    "%s is not a posted maintenance invoice with re-invoiced rows.",
                    self.display_name,
                )
            )

    def _check_rows_to_credit(self, rows):
        """All that is wrong with the ticked rows, at once."""
        if not rows:
            raise UserError(self.env._("Tick the rows to credit."))
        errors = [
            self.env._(
                "%(line)s is not on invoice %(invoice)s.",
                line=row.line_id.display_name,
                invoice=self.name,
            )
            for row in rows
            if row.move_id != self
        ]
        errors += [
            self.env._(
                "%(line)s is already credited by %(credit)s.",
                line=row.line_id.display_name,
                credit=row.credit_move_id.display_name,
            )
            for row in rows
            if row.credit_move_id
        ]
        if errors:
            raise UserError("\n".join(errors))

    def _credit_maintenance_rows(self, rows, options):
        """Post one credit memo of ``rows``, reverse their redistribution, and free or
        close them. Returns the credit memo, reconciled with the invoice as far as
        that is open."""
        self._lock_rows_to_credit(rows)
        self._check_rows_to_credit(rows)
        lines = self.env["maintenance.permission.line"]
        date = lines._get_open_posting_date(self.company_id, options["posting_date"])
        options = {**options, "posting_date": date}
        parts = self._get_credit_parts(rows)
        self.check_access("create")
        context = {**QUIET, "maintenance_cancel": True}
        vals = self._prepare_credit_vals(parts, options)
        # our marks on moves can only be written by the superuser
        credit = self.sudo().with_context(**context).create(vals).with_env(self.env)
        credit._post(soft=False)
        if self.maintenance_redistribution_id:
            credit._redistribute()
        rows.sudo().write({"credit_move_id": credit.id, "freed": options["free"]})
        return credit

    def _lock_rows_to_credit(self, rows):
        """Nobody else credits the same rows at the same time."""
        if rows.sudo().try_lock_for_update() != rows:
            raise UserError(
                self.env._("These rows are being credited by somebody else right now.")
            )
        rows.invalidate_recordset()

    def _get_credit_parts(self, rows):
        """``{invoice line: net amount to take back}``, in the invoice's currency and
        with the sign of the invoice line."""
        sign = -1 if self.move_type == "out_refund" else 1
        return {
            line: sign * sum(group.mapped("amount"))
            for line, group in rows.grouped("move_line_id").items()
        }

    def _prepare_credit_vals(self, parts, options):
        """Values of the credit memo. What takes back a credit note, or more
        compensation than work, is an invoice."""
        negative = self.currency_id.compare_amounts(sum(parts.values()), 0.0) < 0
        refund = (self.move_type == "out_invoice") != negative
        kind = "credit" if refund else "invoice"
        journal = self.company_id._get_maintenance_journal(kind)
        return {
            "move_type": "out_refund" if refund else "out_invoice",
            "service_invoice_type": "maintenance",
            "reversed_entry_id": self.id if refund else False,
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_currency_rate": self.invoice_currency_rate,
            "fiscal_position_id": self.fiscal_position_id.id,
            "invoice_payment_term_id": False,
            **self.company_id._prepare_maintenance_dates(
                options["posting_date"], options.get("vat_date")
            ),
            "invoice_origin": self.name,
            "ref": options.get("reason") or self.env._("Credit of %s", self.name),
            "maintenance_mass_invoice": self.maintenance_mass_invoice,
            "maintenance_mass_analytic_account_id": (
                self.maintenance_mass_analytic_account_id.id
            ),
            "invoice_line_ids": [
                Command.create(
                    line._prepare_credit_line_vals(-amount if negative else amount)
                )
                for line, amount in parts.items()
            ],
        }


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _prepare_credit_line_vals(self, amount):
        """Values of the credit memo line that takes back ``amount`` (net) of this
        invoice line: same account, taxes, contract and dimension."""
        self.ensure_one()
        price_unit = self.tax_ids._get_price_for_net(amount, self.currency_id)
        vals = {
            "name": self.name,
            "sequence": self.sequence,
            "quantity": 1.0,
            "price_unit": price_unit,
            "account_id": self.account_id.id,
            "product_id": self.product_id.id,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution or False,
            "maintenance_contract_id": self.maintenance_contract_id.id,
            "maintenance_revenue_account_id": self.maintenance_revenue_account_id.id,
            "maintenance_mass_analytic_account_id": (
                self.maintenance_mass_analytic_account_id.id
            ),
        }
        if self.company_id.account_storno:
            vals["is_storno"] = not self.is_storno
        return vals
