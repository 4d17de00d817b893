from odoo import models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.computed import get_forbidden_labels

PROTECTED_FIELDS = {
    "maintenance_accrual_date",
    "maintenance_accrued_line_ids",
    "maintenance_approved_differences",
    "maintenance_attachment_file",
    "maintenance_credited_row_ids",
    "maintenance_difference_approved",
    "maintenance_entry_ids",
    "maintenance_mass_analytic_account_id",
    "maintenance_mass_invoice",
    "maintenance_origin_id",
    "maintenance_redistribution_id",
    "maintenance_row_ids",
}


class MaintenanceMoveGuard(models.AbstractModel):
    """What is refused of bills, invoices and entries of re-invoicing, whoever asks:
    what was made together is taken back together, by its own cancellation."""

    _name = "maintenance.move.guard"
    _description = "Guards of Documents of Re-invoicing"

    def _get_reset_checks(self):
        """Names of the methods that refuse to reset or cancel documents, with a
        sentence."""
        return ["_check_accrual", "_check_reset"]

    def _get_delete_checks(self):
        """Names of the methods that refuse to delete documents."""
        return ["_check_accrual_delete", "_check_delete"]

    def _get_reverse_checks(self):
        """Names of the methods that refuse core's own reversal."""
        return ["_check_accrual", "_check_reverse"]

    def _check_all(self, names, moves):
        """:param names: one of the lists above"""
        for name in names:
            getattr(self, name)(moves)

    def _check_protected(self, names):
        """Refuse re-invoicing's own marks from outside."""
        moves = self.env["account.move"]
        if labels := get_forbidden_labels(moves, PROTECTED_FIELDS, names):
            raise UserError(
                self.env._("Only maintenance re-invoicing itself sets: %s", labels)
            )

    def _is_invoice(self, move):
        """Whether rows stand behind it; an ordinary document is not asked for any."""
        return move.service_invoice_type and move.sudo().maintenance_row_ids

    def _check_copy(self, moves):
        """A copy would bill the clearing account without rows and redistribution."""
        made = moves.filtered(
            lambda move: move.maintenance_origin_id or self._is_invoice(move)
        )
        if made:
            raise UserError(
                self.env._(
                    "These documents come from maintenance re-invoicing and cannot be "
                    "duplicated: %s. Re-invoice the permission lines instead.",
                    ", ".join(made.mapped("display_name")),
                )
            )

    def _check_delete(self, moves):
        """Refuse to delete what is posted, even where core would be forced to.

        :raise UserError: naming all of them, with the way to do it
        """
        made = moves._filter_maintenance_made()
        if made:
            raise UserError(
                self.env._(
                    "These documents of maintenance re-invoicing are posted and "
                    "cannot be deleted: %s. Credit rows with the button “Cancel "
                    "Maintenance Rows” of the invoice.",
                    ", ".join(made.mapped("display_name")),
                )
            )

    def _check_reverse(self, moves):
        """Core would credit the clearing account and leave revenue and rows as they
        are."""
        made = moves.filtered(
            lambda move: move.maintenance_origin_id
            or move.maintenance_mass_invoice
            or self._is_invoice(move)
        )
        if made:
            raise UserError(
                self.env._(
                    "These documents come from maintenance re-invoicing: %s. Credit "
                    "them with the button “Cancel Maintenance Rows” of the invoice, "
                    "which also takes care of redistribution and permissions.",
                    ", ".join(made.mapped("display_name")),
                )
            )

    def _check_reset(self, moves):
        """Refuse to reset or cancel what other documents rest on; all reasons of
        all documents at once."""
        raise_together(
            [e for move in moves.sudo() for e in self._get_reset_errors(move)]
        )

    def _get_reset_errors(self, move):
        """Why a document stays as it is, whatever it is of re-invoicing.

        :return: list of translated sentences
        """
        errors = self.env["maintenance.bill.check"]._get_reset_errors(move)
        if move.service_invoice_type:
            errors = self._get_collective_errors(move) + errors
        if move.maintenance_origin_id:
            errors = self._get_redistribution_errors(move) + errors
        return errors

    def _get_collective_errors(self, move):
        """Why a collective invoice or its credit memo stays.

        :return: list of translated sentences
        """
        if move.maintenance_credited_row_ids:
            return [
                self.env._(
                    "%s credits re-invoiced rows and stays posted. Re-invoice the "
                    "freed rows instead.",
                    move.name,
                )
            ]
        if credits := move.maintenance_row_ids.credit_move_id:
            return [
                self.env._(
                    "Rows of %(invoice)s are credited by %(credits)s, so it stays "
                    "posted. Credit its other rows instead.",
                    invoice=move.name,
                    credits=", ".join(credits.mapped("name")),
                )
            ]
        if move.maintenance_redistribution_id:
            return [
                self.env._(
                    "Collective invoice %s is redistributed to its contracts. Use its "
                    "button “Cancel Maintenance Rows” to credit it.",
                    move.name,
                )
            ]
        return []

    def _get_redistribution_errors(self, entry):
        """Why the entry of a collective invoice or of its credit memo stays.

        :return: list of translated sentences
        """
        invoice = entry.maintenance_origin_id
        if invoice.maintenance_credited_row_ids:
            return [
                self.env._(
                    "%(entry)s redistributes credit memo %(credit)s and stays posted. "
                    "Re-invoice the freed rows instead.",
                    entry=entry.name,
                    credit=invoice.name,
                )
            ]
        return [
            self.env._(
                "%(entry)s redistributes collective invoice %(invoice)s. Use the "
                "button “Cancel Maintenance Rows” of that invoice to reverse it.",
                entry=entry.name,
                invoice=invoice.name,
            )
        ]
