from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects


class ServiceReleaseWizard(models.TransientModel):
    """Offers the releases that go on an invoice."""

    _name = "service.release.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Add Releases to an Invoice"

    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    available_ids = fields.Many2many(
        "service.release", compute="_compute_available_ids", string="Can Be Added"
    )
    release_ids = fields.Many2many(
        "service.release",
        string="Releases",
        help="Confirmed releases of the invoice's payer, in its currency.",
    )

    @api.depends("move_id")
    def _compute_available_ids(self):
        for wizard in self:
            wizard.available_ids = wizard._find_releases()

    def _find_releases(self):
        """Confirmed releases that go on the invoice."""
        self.ensure_one()
        move = self.move_id
        releases = self.env["service.release"].search(
            [
                ("state", "=", "confirmed"),
                ("partner_id", "=", move.partner_id.id),
                ("company_id", "=", move.company_id.id),
                ("currency_id", "=", move.currency_id.id),
                ("invoice_type", "=", move.service_invoice_type),
            ]
        )
        Change = self.env["service.release.change"]
        return releases.filtered(lambda release: not Change._get_errors(move, release))

    @api.model
    def _open(self, move):
        """Dialog that asks which releases are added to an invoice.

        :param move: ``account.move`` that is not authorized
        """
        wizard = self.create({"move_id": move.id})
        return wizard._get_dialog_action(self.env._("Add Releases"))

    @expects(one=True)
    def action_add(self):
        """Add the chosen releases; the invoice's own checks decide."""
        if not self.release_ids:
            raise UserError(self.env._("Choose the releases to add."))
        self.move_id.action_service_add_releases(release_ids=self.release_ids.ids)
        return {"type": "ir.actions.act_window_close"}
