from odoo import models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects

from ...tools.dates import parse_date


class MaintenanceContract(models.Model):
    """The final settlement of what was left to the end of a contract."""

    _inherit = "maintenance.contract"

    @expects(posting_date=parse_date, vat_date=parse_date)
    def action_settle(self, posting_date=None, vat_date=None):
        """Invoice every line of the contracts that waits for its final settlement:
        one posted invoice per contract, payer and currency. Without ``posting_date``
        the dialog is returned."""
        self.check_access("read")
        lines = self._get_settlement_lines()
        lines._check_may_reinvoice()
        if not lines:
            raise UserError(
                self.env._(
                    "No line waits for the final settlement of %s.",
                    ", ".join(self.mapped("name")),
                )
            )
        if not posting_date:
            return lines._get_reinvoice_dialog({"default_contract_ids": self.ids})
        return lines._reinvoice("billing", posting_date, vat_date)

    def _get_settlement_lines(self):
        """Unsettled lines of the contracts, of approved permissions."""
        lines = self.env["maintenance.permission.line"]
        return lines.search(
            self._get_settlement_domain(),
            order="contract_id, permission_id, sequence, id",
        )

    def _get_settlement_domain(self):
        return [
            ("contract_id", "in", self.ids),
            ("reinvoice", "=", True),
            ("reinvoice_method", "=", "billing"),
            ("amount_to_reinvoice", "!=", 0),
            ("sale_invoice_id", "=", False),
            ("permission_state", "in", ("approved", "closed", "reinvoiced")),
        ]
