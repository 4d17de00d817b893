from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import (
    changes_values,
    refuse_protected,
    refuse_protected_at_creation,
)

# what cancellation and redistribution rest on; written by re-invoicing itself
PROTECTED_LINE_FIELDS = {
    "maintenance_mass_analytic_account_id",
    "maintenance_revenue_account_id",
    "maintenance_source_line_id",
}


class AccountMove(models.Model):
    """What re-invoicing posted is taken back by its own cancellation only."""

    _inherit = "account.move"

    def _filter_maintenance_made(self):
        """Posted documents of re-invoicing: invoices, their credit memos and the
        redistribution entries of both."""
        return self.filtered(
            lambda move: move.state == "posted"
            and (
                move.maintenance_origin_id
                or move.service_invoice_type == "maintenance"
                and move._has_maintenance_rows()
            )
        )

    def _has_maintenance_rows(self):
        self.ensure_one()
        move = self.sudo()
        return bool(move.maintenance_row_ids or move.maintenance_credited_row_ids)

    def _filter_maintenance_sales(self):
        """Invoices and credit memos of re-invoicing."""
        return self.filtered(
            lambda move: move.service_invoice_type == "maintenance"
            and move.is_sale_document()
        )


class AccountMoveLine(models.Model):
    """The items of re-invoicing stay as they were posted."""

    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            harmless = dict.fromkeys(PROTECTED_LINE_FIELDS, False)
            for vals in vals_list:
                refuse_protected_at_creation(self, harmless, vals)
        return super().create(vals_list)

    def _get_service_creation_checks(self):
        checks = super()._get_service_creation_checks()
        return [*checks, "_check_maintenance_contract"]

    def _get_service_write_steps(self):
        steps = super()._get_service_write_steps()
        return [*steps, "_check_maintenance_link", "_keep_maintenance"]

    def _check_maintenance_contract(self):
        """An item names the contract of its permission line, or one of its company
        that the user knows.

        :raise UserError: naming the documents
        """
        foreign = self.filtered("maintenance_contract_id").filtered(
            lambda line: line._has_foreign_contract()
        )
        if foreign:
            raise UserError(
                self.env._(
                    "The contract on a line of these documents is none of yours or of "
                    "another company: %s. Leave it out; re-invoicing fills it in.",
                    ", ".join(move.display_name or "–" for move in foreign.move_id),
                )
            )

    def _has_foreign_contract(self):
        self.ensure_one()
        contract = self.sudo().maintenance_contract_id
        if contract == self.sudo().maintenance_line_id.contract_id:
            return False
        known = contract.sudo(False)._filtered_access("read")
        return not known or contract.company_id != self.company_id

    def _keep_maintenance(self, vals):
        """:return: function that looks at a new contract, ``None`` without one"""
        if self.env.su:
            return None
        refuse_protected(self, dict.fromkeys(PROTECTED_LINE_FIELDS), vals)
        self._check_maintenance_kept(vals)
        changes = vals.get("maintenance_contract_id")
        return self._check_maintenance_contract if changes else None

    def _check_maintenance_kept(self, vals):
        """What a posted document charges for whom does not change any more: print,
        credit memo and contract results would follow, the entries would not."""
        names = self._get_service_frozen_fields() | {"maintenance_contract_id"}
        if not names & vals.keys():
            return
        changed = self.filtered(
            lambda line: line.parent_state == "posted"
            and line.display_type == "product"
            and changes_values(line, vals, names)
        )
        made = changed.move_id._filter_maintenance_made()
        if made:
            raise UserError(
                self.env._(
                    "What these documents charge does not change any more: %s. Cancel "
                    "the rows with “Cancel Maintenance Rows” and correct them there.",
                    ", ".join(made.mapped("display_name")),
                )
            )
