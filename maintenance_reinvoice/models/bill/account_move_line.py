from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_invoicing.tools.guards import changes_values

from ...tools.bill_types import BILL_TYPES

# what a posted line has done to its permission line
LINKED_FIELDS = {
    "maintenance_line_id",
    "price_unit",
    "quantity",
    "discount",
    "vehicle_id",
}


class AccountMoveLine(models.Model):
    """The link of a vendor's line to a permission line, and what follows from it.

    A garage that only gives something back sends a credit note: it charges the negative
    price of its permission.
    """

    _inherit = "account.move.line"

    maintenance_shared = fields.Boolean(
        string="Shared by the Contracts of the Bill",
        readonly=True,
        copy=False,
        help="This line belongs to no permission: its cost is on the analytic accounts "
        "of all that the bill charges, by value.",
    )

    def _filter_crediting(self):
        """Lines of credit notes that take back what was charged before."""
        lines = self.filtered("maintenance_line_id")
        return lines - lines._filter_billing()

    def _filter_unlinked(self):
        """Lines that charge something and belong to no permission."""
        return self.filtered(
            lambda line: line.display_type == "product" and not line.maintenance_line_id
        )

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

    def _prepare_analytic_lines(self):
        """Percentages have two decimals, contracts bear amounts to the cent."""
        vals_list = super()._prepare_analytic_lines()
        Sharing = self.env["maintenance.bill.sharing"]
        if not self.maintenance_shared or not Sharing._is_as_found(self):
            return vals_list
        return [
            self._prepare_analytic_distribution_line(100.0, key, {}) | {"amount": part}
            for key, part in Sharing._get_analytic_amounts(self).items()
            if not self.company_currency_id.is_zero(part)
        ]
