from odoo import models

from odoo.addons.service_invoicing.tools.guards import changes_values, raise_together

APPROVED_FIELDS = {"contract_id", "date", "vehicle_id", "customer_reference"}


class MaintenancePermission(models.Model):
    """What must be right before a permission is approved, and stays so after."""

    _inherit = "maintenance.permission"

    def _filter_approval_changed(self, vals):
        """Approved permissions of which ``vals`` change what the approval rests on."""
        return self.filtered(
            lambda p: p.state == "approved" and changes_values(p, vals, APPROVED_FIELDS)
        )

    def _check_approval_kept(self, approved, vals):
        """What was approved could still be.

        :param approved: permissions of which something was changed by ``vals``
        """
        if not self.env.su:
            raise_together(approved._get_approval_errors())
        if "date" in vals:
            # another day has another rate
            self.filtered(
                lambda p: p.purchase_currency_id != p.company_currency_id
            )._check_bought_limit()

    def _check_complete(self):
        """Refuse to submit what nobody could decide on."""
        raise_together(self._get_empty_errors())

    def _check_approval(self):
        """Refuse the approval of what could not be bought or charged, with all reasons
        of all permissions at once."""
        raise_together(self._get_approval_errors())

    def _get_approval_errors(self):
        """One sentence per reason, each naming every permission it holds for."""
        return [
            *self._get_empty_errors(),
            *self._get_contract_errors(),
            *self._get_reference_errors(),
            *self._get_reason_errors(),
        ]

    def _get_empty_errors(self):
        empty = self.filtered(lambda p: not p.line_ids)
        if not empty:
            return []
        return [
            self.env._(
                "Nothing to approve, these permissions have no lines: %s",
                ", ".join(empty.mapped("name")),
            )
        ]

    def _get_contract_errors(self):
        closed = self.filtered(lambda p: not p.contract_id._is_open_on(p.date))
        if not closed:
            return []
        return [
            self.env._(
                "The contract is not open on the date of these permissions: %s. Open "
                "it, or correct contract or date.",
                ", ".join(f"{p.name} ({p.contract_id.name})" for p in closed),
            )
        ]

    def _get_reference_errors(self):
        missing = self.filtered(lambda p: p._misses_reference())
        if not missing:
            return []
        return [
            self.env._(
                "The customer of these permissions wants his order number on the "
                "invoice, and it is missing: %s. Enter it on the permission or the "
                "contract.",
                ", ".join(f"{p.name} ({p.contract_id.name})" for p in missing),
            )
        ]

    def _get_reason_errors(self):
        lines = self.filtered("company_id.maintenance_reason_required").line_ids
        return lines._get_reason_errors()

    def _get_customer_reference(self):
        """The customer's order number: the permission's own, else the contract's."""
        self.ensure_one()
        own, contract = self.customer_reference, self.contract_id.customer_reference
        return (own or "").strip() or (contract or "").strip() or False

    def _misses_reference(self):
        """The contract wants an order number and there is none."""
        self.ensure_one()
        required = self.contract_id.customer_reference_required
        return required and not self._get_customer_reference()
