from odoo import api, fields, models

from ..tools.arguments import expects


class ServicePrepaymentWizard(models.TransientModel):
    """Asks who pays how much before the work is billed."""

    _name = "service.prepayment.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Ask for a Prepayment"

    work_order_id = fields.Many2one(
        "service.work.order", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="work_order_id.company_id", related_sudo=False)
    currency_id = fields.Many2one(
        related="work_order_id.currency_id", related_sudo=False
    )
    service_prepayment_mode = fields.Selection(
        related="company_id.service_prepayment_mode"
    )
    payer_ids = fields.Many2many(
        "res.partner",
        string="Payers of the Order",
        compute="_compute_payer_ids",
        context={"active_test": False},
        help="The payers of the order, who can be asked for a prepayment.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        domain="[('id', 'in', payer_ids)]",
        help="The customer, or another payer of the order.",
    )
    method = fields.Selection(
        selection=[("percentage", "Percentage"), ("amount", "Amount")],
        required=True,
        default="amount",
        help="A percentage counts on what the payer bears of the order.",
    )
    percentage = fields.Float(digits=(5, 2), default=30.0)
    amount = fields.Monetary(help="Before tax.")
    base = fields.Monetary(
        string="Counts On",
        compute="_compute_base",
        help="What the payer bears of the order: with tax where prepayments bear none, "
        "else before tax.",
    )
    result = fields.Monetary(
        string="Prepayment",
        compute="_compute_base",
        help="Before tax: where prepayments bear tax, it comes on top.",
    )

    @api.depends("work_order_id")
    def _compute_payer_ids(self):
        for wizard in self:
            order = wizard.work_order_id
            payers = order._get_payer_shares() if order else ()
            wizard.payer_ids = list({payer.partner.id for payer in payers})

    @api.depends("work_order_id", "partner_id", "method", "percentage", "amount")
    def _compute_base(self):
        for wizard in self:
            wizard.base = wizard._get_base() if wizard._is_answered() else 0.0
            wizard.result = wizard.amount
            if wizard.method == "percentage" and wizard.base:
                part = wizard.base * wizard.percentage / 100
                wizard.result = wizard.currency_id.round(part)

    def _is_answered(self):
        """Whether it is said who is to pay for which order."""
        self.ensure_one()
        return bool(self.work_order_id and self.partner_id)

    def _get_base(self):
        """What a percentage counts on for the chosen payer."""
        order = self.work_order_id.with_company(self.company_id)
        payer = order._choose_prepayment_payer(self.partner_id.id)
        if self.service_prepayment_mode == "entry":
            return order._get_prepayment_total(payer)
        return sum(order._get_prepayment_bases(payer).values())

    @api.model
    def _open(self, order):
        """Dialog that asks how much an order's payer is to pay before the work.

        :return: action
        """
        wizard = self.create(
            {"work_order_id": order.id, "partner_id": order.partner_id.id}
        )
        return wizard._get_dialog_action(self.env._("Prepayment Invoice"))

    @expects(one=True)
    def action_apply(self):
        """Make the prepayment invoice; the order's own checks decide."""
        answer = {self.method: self[self.method], "partner_id": self.partner_id.id}
        return self.work_order_id.action_create_prepayment(**answer)
