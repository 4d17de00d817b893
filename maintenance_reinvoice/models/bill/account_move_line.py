from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_invoicing.tools.guards import changes_values

from ...tools.bill_types import BILL_TYPES
from ...tools.states import APPROVED_STATES

# what a posted line has done to its permission line
LINKED_FIELDS = {
    "maintenance_line_id",
    "price_unit",
    "quantity",
    "discount",
    "vehicle_id",
}


class AccountMove(models.Model):
    """A bill line and its permission line agree, however they came together."""

    _inherit = "account.move"

    def _get_link_errors(self):
        """What does not fit between a bill or credit and its permissions."""
        self.ensure_one()
        errors = []
        permissions = self.invoice_line_ids.maintenance_line_id.permission_id
        for permission in permissions:
            errors += self._get_permission_link_errors(permission)
        return errors

    def _get_permission_link_errors(self, permission):
        """Sentences about vendor, currency and status of one permission."""
        names = {"bill": self._get_bill_name(), "permission": permission.name}
        errors = []
        if permission.vendor_id.commercial_partner_id != self.commercial_partner_id:
            errors.append(
                self.env._(
                    "Bill %(bill)s is of %(vendor)s, but permission %(permission)s "
                    "is for %(garage)s. Detach it.",
                    vendor=self.partner_id.display_name,
                    garage=permission.vendor_id.display_name or "–",
                    **names,
                )
            )
        if permission.purchase_currency_id != self.currency_id:
            errors.append(
                self.env._(
                    "Bill %(bill)s is in %(currency)s, but permission %(permission)s "
                    "in %(agreed)s. Correct the bill's currency, or detach it.",
                    currency=self.currency_id.name,
                    agreed=permission.purchase_currency_id.name,
                    **names,
                )
            )
        if permission.state not in APPROVED_STATES:
            errors.append(
                self.env._(
                    "Bill %(bill)s charges permission %(permission)s, which is not "
                    "approved. Have it approved, or detach it.",
                    **names,
                )
            )
        return errors


class AccountMoveLine(models.Model):
    """The link of a vendor's line to a permission line, and what is wrong with it."""

    _inherit = "account.move.line"

    @api.constrains("maintenance_line_id")
    def _check_maintenance_line(self):
        wrong = self.filtered(
            lambda line: line.maintenance_line_id
            and (
                line.move_id.move_type not in BILL_TYPES
                or line.display_type != "product"
            )
        )
        if wrong:
            raise ValidationError(
                self.env._(
                    "Only lines of vendor bills and vendor credits charge permission "
                    "lines, not: %s",
                    ", ".join(wrong.mapped("display_name")),
                )
            )

    def _check_maintenance_link(self, vals):
        """What is posted has closed its permission: it changes after a reset only.

        :raise UserError: naming the documents
        """
        names = LINKED_FIELDS & vals.keys()
        if not names or self.env.su:
            return
        changed = self.filtered(
            lambda line: line.parent_state == "posted"
            and (line.maintenance_line_id or vals.get("maintenance_line_id"))
            and changes_values(line, vals, names)
        )
        if changed:
            raise UserError(
                self.env._(
                    "These documents are posted, so that their permission lines can "
                    "no longer be changed: %s. Reset them to draft first.",
                    ", ".join(changed.move_id.mapped("display_name")),
                )
            )
