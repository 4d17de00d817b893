from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects
from ..tools.choices import CREDIT_EFFECTS


class ServiceCreditWizard(models.TransientModel):
    """Asks what of invoices is credited, why, and whether it is billed again."""

    _name = "service.credit.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Credit Invoices"

    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    is_single = fields.Boolean(
        compute="_compute_is_single",
        help="One invoice: its lines can be chosen.",
    )
    has_shares = fields.Boolean(
        compute="_compute_is_single",
        help="Work that was billed is credited, and may be billed again.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_is_single")
    date = fields.Date(
        string="Credit Memo Date", default=fields.Date.context_today, required=True
    )
    scope = fields.Selection(
        selection=[
            ("whole", "All that is not credited yet"),
            ("lines", "Lines and amounts"),
        ],
        string="Credit",
        default="whole",
        required=True,
    )
    effect = fields.Selection(
        selection=CREDIT_EFFECTS,
        string="What Is Credited Is",
        compute="_compute_effect",
        store=True,
        readonly=False,
        precompute=True,
        help="Billed again: the work order invoices it once more. Closed: it is billed "
        "to nobody.",
    )
    reason = fields.Text(help="Printed on the credit memo and kept in all histories.")
    line_ids = fields.One2many("service.credit.wizard.line", "wizard_id")
    amount = fields.Monetary(
        string="Credited before Tax",
        compute="_compute_amount",
        help="Sum of the lines.",
    )

    @api.depends("move_ids")
    def _compute_is_single(self):
        for wizard in self:
            wizard.is_single = len(wizard.move_ids) == 1
            wizard.has_shares = any(
                not move._is_prepayment_document() for move in wizard.move_ids
            )
            wizard.currency_id = wizard.move_ids[:1].currency_id

    @api.depends("scope")
    def _compute_effect(self):
        """A whole credit is billed again, credited lines are closed."""
        for wizard in self:
            wizard.effect = "closed" if wizard.scope == "lines" else "free"

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped("amount"))

    @api.model
    def _open(self, moves):
        """Dialog that asks for everything and then credits.

        :param moves: authorized invoices
        """
        wizard = self.create(self._prepare_vals(moves))
        return wizard._get_dialog_action(self.env._("Credit Memo"))

    @api.model
    def _prepare_vals(self, moves):
        """Values of the dialog: what can be credited; of lines nothing by default."""
        Crediting = self.env["service.crediting"]
        amounts = Crediting._get_amounts(moves) if len(moves) == 1 else {}
        lines = moves.invoice_line_ids
        pairs = lines.filtered("service_tax_claim_id")
        return {
            "move_ids": [Command.set(moves.ids)],
            "line_ids": [
                Command.create(
                    {
                        "key": key,
                        "name": lines.browse(key).name,
                        "open_amount": amount,
                    }
                )
                for key, amount in amounts.items()
                if amount and key not in pairs.ids
            ],
        }

    @expects(one=True)
    def action_apply(self):
        """Credit; the checks of the invoices decide."""
        if not (self.reason or "").strip():
            raise UserError(self.env._("Please give a reason."))
        line_ids = None
        if self.scope == "lines":
            lines = self.line_ids.filtered("amount")
            line_ids = [[line.key, line.amount] for line in lines]
        return self.move_ids.action_service_credit(
            reason=self.reason,
            date=self.date,
            line_ids=line_ids,
            free=self.effect == "free",
        )


class ServiceCreditWizardLine(models.TransientModel):
    """One line of the invoice."""

    _name = "service.credit.wizard.line"
    _inherit = "service.dialog.mixin"
    _description = "Line to Credit"

    wizard_id = fields.Many2one(
        "service.credit.wizard", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    key = fields.Integer(required=True, readonly=True)
    name = fields.Text(string="Description", readonly=True)
    open_amount = fields.Monetary(
        string="Can Be Credited", readonly=True, help="Before tax."
    )
    amount = fields.Monetary(string="Credit", help="Before tax.")
