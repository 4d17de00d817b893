from odoo import models
from odoo.exceptions import UserError

from ...tools.context import QUIET


class AccountMove(models.Model):
    """Correct and re-invoice: what was credited is changed and invoiced anew."""

    _inherit = "account.move"

    def _reinvoice_corrected(self, corrections, credit, options):
        """Change the credited lines and post their new invoices, of the same kind as
        this one. What the credit memo leaves open is matched with them."""
        lines = self.env["maintenance.permission.line"]
        for row, vals in corrections.items():
            row.line_id._write_correction(vals, options["reason"])
            if not row.currency_id.is_zero(vals["amount_to_reinvoice"]):
                lines |= row.line_id
        if not lines:
            return self.browse()
        invoices = self._create_corrected(lines, self._prepare_correct_options(options))
        (credit + invoices)._match_receivables()
        body = self.env._(
            "Corrects %(invoice)s, whose rows are credited by %(credit)s.",
            invoice=self.name,
            credit=credit.name,
        )
        invoices._message_log_batch(bodies=dict.fromkeys(invoices.ids, body))
        return invoices

    def _prepare_correct_options(self, options):
        """Options of the new invoices; see the permission line's methods."""
        clearing = self.env["account.account"]
        if self.maintenance_redistribution_id:
            company = self.company_id
            used = self.invoice_line_ids.filtered("maintenance_revenue_account_id")
            clearing = company.maintenance_mass_account_id or used.account_id[:1]
        return {
            "posting_date": options["posting_date"],
            "vat_date": options["vat_date"],
            "mass": self.maintenance_mass_invoice,
            "clearing": clearing,
            "origin": self.name,
            "cache": {},
        }

    def _create_corrected(self, lines, options):
        """Make, post and redistribute the invoices of the corrected lines."""
        lines._lock_for_reinvoice()
        for method, group in lines.grouped("reinvoice_method").items():
            group._check_no_obstacles(method)
        groups = lines._group_for_reinvoice(options["mass"], options["cache"])
        if zero := lines._get_zero_groups(groups):
            raise UserError(
                self.env._(
                    "Nothing to invoice, these lines add up to zero: %s",
                    ", ".join(zero.mapped("display_name")),
                )
            )
        invoices = lines._create_reinvoice_moves(groups.items(), options)
        invoices.with_context(**QUIET)._post(soft=False)
        if options["clearing"]:
            invoices._redistribute()
        return invoices


class MaintenancePermissionLine(models.Model):
    """A line that was charged wrongly gets its right amount."""

    _inherit = "maintenance.permission.line"

    def _write_correction(self, vals, reason):
        """Give a freed line its right amount and payer, and the reason of it; with an
        amount of zero it is not for re-invoicing any more."""
        self.ensure_one()
        if reason:
            vals = {**vals, "reinvoice_reason": reason}
        if self.currency_id.is_zero(vals["amount_to_reinvoice"]):
            vals = {**vals, "reinvoice": False}
        self.write(vals)
