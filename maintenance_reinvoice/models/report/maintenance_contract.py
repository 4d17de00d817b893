from odoo import models

from odoo.addons.service_invoicing.tools.arguments import expects


class MaintenanceContract(models.Model):
    """The contract leads to its margins."""

    _inherit = "maintenance.contract"

    @expects(one=True)
    def action_view_margins(self):
        """What the contract's maintenance cost and what it brought."""
        return self.env["maintenance.margin.report"]._get_action("contract_id", self)
