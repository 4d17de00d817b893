from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects
from ..tools.choices import DIFFERENCES


class ServiceCorrectWizard(models.TransientModel):
    """Asks for the right amounts of one payer, and who bears the difference."""

    _name = "service.correct.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Correct the Invoice of One Payer"

    move_id = fields.Many2one(
        "account.move", string="Invoice", required=True, readonly=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    is_authorized = fields.Boolean(
        readonly=True, help="The lines are credited and invoiced anew."
    )
    is_customer = fields.Boolean(readonly=True, help="It is the customer's invoice.")
    difference = fields.Selection(
        selection=DIFFERENCES,
        string="Difference Borne By",
        required=True,
        default="nobody",
        help="Who bears what this payer does not bear any more. The workshop's is seen "
        "as own cost of the order, the customer gets an invoice.",
    )
    date = fields.Date(
        string="Credit Memo Date", default=fields.Date.context_today, required=True
    )
    reason = fields.Text(help="Kept in all histories.")
    line_ids = fields.One2many("service.correct.wizard.line", "wizard_id")

    @api.model
    def _open(self, move):
        """Dialog that asks for the right amounts of an invoice.

        :param move: ``account.move`` of a work order
        """
        parts = self.env["service.correction"]._get_parts(move)
        wizard = self.create(
            {
                "move_id": move.id,
                "currency_id": move.currency_id.id,
                "is_authorized": move.state == "posted",
                "is_customer": move.partner_id in move.sudo().work_order_ids.partner_id,
                "line_ids": [
                    Command.create(
                        {
                            "key": key,
                            "name": part.name,
                            "billed_name": part.name,
                            "billed_amount": part.amount,
                            "amount": part.amount,
                        }
                    )
                    for key, part in parts.items()
                ],
            }
        )
        return wizard._get_dialog_action(self.env._("Correct Invoice"))

    @expects(one=True)
    def action_apply(self):
        """Correct the invoice; its own checks decide."""
        if not self.reason:
            raise UserError(self.env._("Please give a reason."))
        return self.move_id.action_service_correct(
            reason=self.reason,
            amounts=[[line.key, line.amount] for line in self.line_ids],
            texts=[
                [line.key, line.name]
                for line in self.line_ids
                if line.name and line.name != line.billed_name
            ],
            difference=self.difference,
            date=self.date,
        )


class ServiceCorrectWizardLine(models.TransientModel):
    """One line of the invoice, as it should be."""

    _name = "service.correct.wizard.line"
    _inherit = "service.dialog.mixin"
    _description = "Line of an Invoice to Correct"

    wizard_id = fields.Many2one(
        "service.correct.wizard", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    key = fields.Integer(required=True, readonly=True)
    name = fields.Text(
        string="Description",
        help="A text that is left as it is follows the amount where it says one.",
    )
    billed_name = fields.Text(readonly=True)
    billed_amount = fields.Monetary(string="Billed", readonly=True, help="Before tax.")
    amount = fields.Monetary(string="Right Amount", help="Before tax.")
