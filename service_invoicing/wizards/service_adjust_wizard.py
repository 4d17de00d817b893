from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects


class ServiceAdjustWizard(models.TransientModel):
    """Offers what an invoice can be adjusted with."""

    _name = "service.adjust.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Adjust an Invoice"

    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    currency_id = fields.Many2one(related="move_id.currency_id", related_sudo=False)
    open_amount = fields.Monetary(
        string="Open",
        related="move_id.amount_residual",
        related_sudo=False,
        help="What is still to be received for the invoice.",
    )
    line_ids = fields.One2many("service.adjust.wizard.line", "wizard_id")
    amount = fields.Monetary(
        string="Adjust",
        compute="_compute_amount",
        help="Sum of the credits chosen below.",
    )

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped("amount"))

    @api.model
    def _open(self, move):
        """Dialog with all that can adjust an invoice.

        :param move: an authorized invoice
        """
        wizard = self.create(self._prepare_vals(move))
        return wizard._get_dialog_action(
            self.env._("Adjust %s", move._get_service_label())
        )

    @api.model
    def _prepare_vals(self, move):
        """Values of the dialog: every credit of the payer, those of the invoice's own
        orders proposed."""
        Finder = self.env["service.adjustment.finder"]
        credits = Finder._find_credits(move)
        own = credits.filtered(lambda line: Finder._is_credit_of_orders(move, line))
        proposed = Finder._propose_amounts(move, own)
        return {
            "move_id": move.id,
            "line_ids": [
                Command.create(
                    {
                        "line_id": line.id,
                        "open_amount": line._get_adjustable_amount(),
                        "amount": proposed.get(line, 0.0),
                    }
                )
                for line in credits
            ],
        }

    @expects(one=True)
    def action_apply(self):
        """Adjust; the checks of the invoice decide."""
        lines = self.line_ids.filtered("amount")
        if not lines:
            raise UserError(self.env._("Enter an amount for at least one credit."))
        self.move_id.action_service_adjust(
            line_ids=[[line.line_id.id, line.amount] for line in lines]
        )
        return {"type": "ir.actions.act_window_close"}


class ServiceAdjustWizardLine(models.TransientModel):
    """One open credit or prepayment."""

    _name = "service.adjust.wizard.line"
    _inherit = "service.dialog.mixin"
    _description = "Credit to Adjust With"

    wizard_id = fields.Many2one(
        "service.adjust.wizard", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    line_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, ondelete="cascade"
    )
    source_move_id = fields.Many2one(
        related="line_id.move_id", related_sudo=False, string="Document"
    )
    date = fields.Date(related="line_id.date", related_sudo=False)
    origin = fields.Char(
        compute="_compute_origin",
        help="Work orders the credit belongs to, or what the document refers to.",
    )
    open_amount = fields.Monetary(
        string="Can Be Adjusted",
        readonly=True,
        help="What is open of the credit; of a prepayment what was received and not "
        "used yet.",
    )
    amount = fields.Monetary(string="Adjust")

    @api.depends("line_id")
    def _compute_origin(self):
        for line in self:
            item = line.line_id
            orders = item._get_credited_orders() if item else item
            line.origin = ", ".join(orders.mapped("name")) or item.move_id.ref
