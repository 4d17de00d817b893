from odoo import Command, api, fields, models

from ..tools.arguments import expects


class ServiceDeductionWizard(models.TransientModel):
    """Asks which prepayment an invoice deducts, and how much of it."""

    _name = "service.deduction.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Deduct a Prepayment"

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="move_id.currency_id", related_sudo=False)
    prepayment_ids = fields.Many2many(
        "account.move", string="Open Prepayments", readonly=True
    )
    prepayment_id = fields.Many2one(
        "account.move",
        string="Prepayment",
        required=True,
        domain="[('id', 'in', prepayment_ids)]",
        help="A received prepayment of the payer that bears tax.",
    )
    open_amount = fields.Monetary(
        related="prepayment_id.service_prepayment_open",
        related_sudo=False,
        string="Can Be Deducted",
    )
    amount = fields.Monetary(
        string="Deduct",
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="With tax. Never more than the invoice comes to.",
    )

    @api.depends("prepayment_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.prepayment_id.service_prepayment_open

    @api.model
    def _open(self, move, prepayments):
        """Dialog that asks which prepayment is deducted.

        :param prepayments: those that can be, the one proposed first
        """
        wizard = self.create(
            {
                "move_id": move.id,
                "prepayment_ids": [Command.set(prepayments.ids)],
                "prepayment_id": prepayments[:1].id,
            }
        )
        return wizard._get_dialog_action(self.env._("Deduct Prepayment"))

    @expects(one=True)
    def action_apply(self):
        """Deduct; the checks of the invoice decide."""
        return self.move_id.action_service_deduct(
            prepayment_id=self.prepayment_id.id, gross=self.amount
        )
