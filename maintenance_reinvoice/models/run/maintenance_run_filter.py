from odoo import fields, models
from odoo.fields import Domain


class MaintenanceRunFilter(models.AbstractModel):
    """Which permissions a run looks at, as a run or its schedule says it."""

    _name = "maintenance.run.filter"
    _description = "Filter of Mass Re-invoicing"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        context={"active_test": False},
        ondelete="restrict",
        check_company=True,
        help="Only permissions of these customers, and of their contacts and "
        "addresses. Empty: of all.",
    )
    contract_ids = fields.Many2many(
        "maintenance.contract",
        string="Contracts",
        context={"active_test": False},
        ondelete="restrict",
        check_company=True,
        help="Only permissions of these contracts. Empty: of all.",
    )
    # each model names a table of its own: that of customers has the usual name
    vendor_ids = fields.Many2many(
        "res.partner",
        relation="maintenance_run_filter_vendor_rel",
        string="Garages",
        context={"active_test": False},
        ondelete="restrict",
        check_company=True,
        help="Only permissions for these garages, and for their contacts and "
        "addresses. Empty: for all.",
    )
    filter_domain = fields.Char(
        string="More Conditions",
        default="[]",
        help="Further conditions for permissions, on top of the fields above. Without "
        "any: all that are not yet re-invoiced, rejected or cancelled.",
    )

    def _get_chosen_domain(self):
        """Permissions of the chosen customers, contracts and garages."""
        self.ensure_one()
        domain = Domain.TRUE
        for name, operator, chosen in (
            ("partner_id", "child_of", self.partner_ids),
            ("contract_id", "in", self.contract_ids),
            ("vendor_id", "child_of", self.vendor_ids),
        ):
            if chosen:
                domain &= Domain(name, operator, chosen.ids)
        return domain

    def _prepare_filter_vals(self):
        """What a run takes over from its schedule."""
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in self._get_filter_fields()
        }

    def _get_filter_fields(self):
        """Names of the fields that say which permissions are looked at."""
        return ["partner_ids", "contract_ids", "vendor_ids", "filter_domain"]
