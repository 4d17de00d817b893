from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects


class ServiceReleasePartWizard(models.TransientModel):
    """Asks which part of a share is released by itself."""

    _name = "service.release.part.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Release a Part of an Order"

    work_order_id = fields.Many2one(
        "service.work.order", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(
        related="work_order_id.currency_id", related_sudo=False
    )
    payer_ids = fields.Many2many(
        "res.partner",
        string="Open Payers",
        compute="_compute_payer_ids",
        context={"active_test": False},
        help="Payers of the order who are still to be billed.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        domain="[('id', 'in', payer_ids)]",
        help="The customer, or another payer of the order.",
    )
    method = fields.Selection(
        selection=[("percentage", "Percentage"), ("lines", "Lines")],
        required=True,
        default="percentage",
        help="A percentage of every line of the payer's share, or an amount per line.",
    )
    percentage = fields.Float(digits=(5, 2), default=50.0)
    line_ids = fields.One2many(
        "service.release.part.wizard.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    amount = fields.Monetary(
        string="Released before Tax", compute="_compute_amount", help="Sum of the part."
    )
    has_charges = fields.Boolean(
        compute="_compute_payer_ids",
        help="Charges and discounts of the order are not billed yet.",
    )
    with_charges = fields.Boolean(
        string="With Charges and Discounts",
        help="They come with this part; otherwise with the last invoice.",
    )

    @api.depends("work_order_id")
    def _compute_payer_ids(self):
        for wizard in self:
            order = wizard.work_order_id
            shares = order._get_open_shares() if order else ()
            wizard.payer_ids = list({share.payer.partner.id for share in shares})
            wizard.has_charges = any(share.has_tcd for share in shares)

    @api.depends("work_order_id", "partner_id")
    def _compute_line_ids(self):
        for wizard in self:
            order, partner = wizard.work_order_id, wizard.partner_id
            lines = [Command.clear()]
            if order and partner:
                share = order._choose_part_share(partner._origin.id)
                lines += [
                    Command.create(
                        {
                            "key": key,
                            "name": part.name,
                            "open_amount": part.amount,
                            "open_quantity": part.order_line._get_share_quantity(
                                part.amount
                            ),
                        }
                    )
                    for key, part in order._get_movable_parts(share.parts).items()
                ]
            wizard.line_ids = lines

    @api.depends("method", "percentage", "line_ids.amount", "line_ids.open_amount")
    def _compute_amount(self):
        for wizard in self:
            currency = wizard.currency_id or self.env.company.currency_id
            if wizard.method == "lines":
                wizard.amount = sum(wizard.line_ids.mapped("amount"))
            else:
                wizard.amount = sum(
                    currency.round(line.open_amount * wizard.percentage / 100)
                    for line in wizard.line_ids
                )

    @api.model
    def _open(self, order):
        """Dialog that asks which part of an order is released.

        :return: action
        """
        share = order._get_next_share()
        if not share:
            raise UserError(order._describe_nothing_to_invoice())
        wizard = self.create(
            {"work_order_id": order.id, "partner_id": share.payer.partner.id}
        )
        return wizard._get_dialog_action(self.env._("Part Invoice"))

    @expects(one=True)
    def action_invoice(self):
        """Release the part and invoice it at once."""
        action = self.action_apply()
        release = self.env["service.release"].browse(action["res_id"])
        return release.action_create_invoice()

    @expects(one=True)
    def action_apply(self):
        """Release the part; the order's own checks decide."""
        answers = {
            "partner_id": self.partner_id.id,
            "with_charges": self.with_charges,
        }
        if self.method == "lines":
            answers["amounts"] = [[line.key, line.amount] for line in self.line_ids]
        else:
            answers["percentage"] = self.percentage
        return self.work_order_id.action_release_part(**answers)


class ServiceReleasePartWizardLine(models.TransientModel):
    """One line of the share."""

    _name = "service.release.part.wizard.line"
    _inherit = "service.dialog.mixin"
    _description = "Line of a Part to Release"

    wizard_id = fields.Many2one(
        "service.release.part.wizard", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    key = fields.Integer(required=True, readonly=True)
    name = fields.Text(string="Description", readonly=True)
    open_amount = fields.Monetary(string="Open", readonly=True, help="Before tax.")
    open_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What of the line's quantity is in the open amount.",
    )
    quantity = fields.Float(
        digits="Product Unit",
        compute="_compute_released_quantity",
        store=True,
        readonly=False,
        help="What of it is released; it sets the amount.",
    )
    amount = fields.Monetary(
        string="Release",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="Before tax.",
    )

    @api.depends("open_quantity")
    def _compute_released_quantity(self):
        for line in self:
            line.quantity = line.open_quantity

    @api.depends("quantity")
    def _compute_amount(self):
        for line in self:
            amount = line.open_amount
            if line.open_quantity and line.quantity != line.open_quantity:
                amount *= line.quantity / line.open_quantity
            currency = line.currency_id or self.env.company.currency_id
            line.amount = currency.round(amount)
