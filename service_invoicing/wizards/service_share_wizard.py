from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects
from ..tools.invoice_type import select_share_types


class ServiceShareWizard(models.TransientModel):
    """Asks to whom a share is moved, and what of it."""

    _name = "service.share.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Move a Share to Another Payer"

    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    work_order_id = fields.Many2one("service.work.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    source_partner_id = fields.Many2one("res.partner", string="From", readonly=True)
    is_credited = fields.Boolean(
        readonly=True,
        help="Nothing is left to credit: only the new invoice is made.",
    )
    invoice_type = fields.Selection(
        selection=select_share_types,
        string="New Invoice",
        required=True,
        default="service",
        help="The kind of invoice the new payer gets.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="New Payer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
    )
    date = fields.Date(
        string="Credit Memo Date", default=fields.Date.context_today, required=True
    )
    reason = fields.Text(help="Printed on the credit memo and kept in all histories.")
    line_ids = fields.One2many("service.share.wizard.line", "wizard_id")
    amount = fields.Monetary(
        string="Moved before Tax", compute="_compute_amount", help="Sum of the lines."
    )

    @api.depends("invoice_type", "customer_id")
    def _compute_partner_id(self):
        """The customer takes over what others refuse; another payer is chosen."""
        for wizard in self:
            is_customer = wizard.invoice_type == "service"
            wizard.partner_id = is_customer and wizard.customer_id

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped("amount"))

    @api.model
    def _open(self, document):
        """Dialog that asks for the new payer and then moves the share.

        :param document: an authorized invoice, or a work order with an open payer
        """
        wizard = self.create(self._prepare_vals(document))
        return wizard._get_dialog_action(self.env._("Move Share"))

    @api.model
    def _prepare_vals(self, document):
        """Values of the dialog: what can be moved, all of it by default."""
        is_invoice = document._name == "account.move"
        if is_invoice:
            source = document.partner_id
            parts = self.env["service.payer.change"]._get_parts(document)
            customer = document.work_order_ids[:1].partner_id
        else:
            share = document._choose_next_share()
            source = share.payer.partner
            parts = document._get_movable_parts(share.parts)
            customer = document.partner_id
        return {
            "move_id": is_invoice and document.id,
            "work_order_id": not is_invoice and document.id,
            "company_id": document.company_id.id,
            "currency_id": document.currency_id.id,
            "customer_id": customer.id,
            "source_partner_id": source.id,
            "is_credited": not is_invoice or document.service_status == "reversed",
            "line_ids": [
                Command.create(
                    {
                        "key": key,
                        "name": self._get_line_name(document, part),
                        "open_amount": part.amount,
                        "amount": part.amount,
                    }
                )
                for key, part in parts.items()
            ],
        }

    @api.model
    def _get_line_name(self, document, part):
        """Text of the invoice line; with its work order where there are several."""
        if document._name == "account.move" and len(document.work_order_ids) > 1:
            return f"{part.order_line.order_id.name}: {part.name}"
        return part.name

    @expects(one=True)
    def action_apply(self):
        """Move the share; the document's own checks decide."""
        if not (self.partner_id and self.reason):
            raise UserError(
                self.env._("Please choose the new payer and give a reason.")
            )
        answers = {
            "invoice_type": self.invoice_type,
            "partner_id": self.partner_id.id,
            "reason": self.reason,
            "amounts": [[line.key, line.amount] for line in self.line_ids],
        }
        if self.move_id:
            return self.move_id.action_service_move_share(date=self.date, **answers)
        return self.work_order_id.action_move_share(**answers)


class ServiceShareWizardLine(models.TransientModel):
    """One line of the share."""

    _name = "service.share.wizard.line"
    _inherit = "service.dialog.mixin"
    _description = "Line of a Share to Move"

    wizard_id = fields.Many2one(
        "service.share.wizard", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    key = fields.Integer(required=True, readonly=True)
    name = fields.Text(string="Description", readonly=True)
    open_amount = fields.Monetary(
        string="Can Be Moved", readonly=True, help="Before tax."
    )
    amount = fields.Monetary(string="Move", help="Before tax.")
