from odoo import api, fields, models

from ..tools.split import split_amount
from .service_work_order_state import BILLING_STATES, EDITABLE_STATES


class ServiceWorkOrder(models.Model):
    """What the order adds to the credit of each payer, by core's credit limits."""

    _inherit = "service.work.order"

    credit_warning = fields.Text(
        compute="_compute_credit_warning",
        help="Payers who exceed their credit limit with what this order still bills "
        "them. It blocks nothing.",
    )

    @api.depends(
        "state",
        "company_id",
        "currency_id",
        "partner_id",
        "amount_customer",
        "amount_program",
        "amount_insurance",
        "amount_to_invoice",
        "line_ids.tax_ids",
        "tcd_ids.tcd_id",
        "tcd_ids.rate",
    )
    @api.depends_context("uid", "lang")
    def _compute_credit_warning(self):
        for order in self:
            order.credit_warning = "\n".join(order._get_credit_warnings())

    def _get_credit_warnings(self):
        """Warnings for the payers who have no invoice of this order yet.

        :return: list of translated texts; without figures for users who may not see
            what a partner owes
        """
        self.ensure_one()
        if not self.company_id.account_use_credit_limit:
            return []
        if self.state not in (*EDITABLE_STATES, "to_invoice"):
            return []
        messages = []
        # core hides credits from workshop users; what is told them has no figures
        for partner, amount in self.sudo()._get_open_credit().items():
            message = self.sudo()._build_credit_warning(partner, amount)
            if message and not self._may_see_credit():
                message = self.env._(
                    "%s exceeds the credit limit with this work order.", partner.name
                )
            if message:
                messages.append(message)
        return messages

    def _may_see_credit(self):
        """Whether the user may read what partners owe, by the groups of that field."""
        user = self.env.user
        return user.has_groups(self.env["res.partner"]._fields["credit"].groups)

    def _build_credit_warning(self, partner, amount):
        """Core's warning for one payer.

        :param partner: commercial partner
        :param float amount: what the order adds, in the company's currency
        """
        self.ensure_one()
        Move = self.env["account.move"].with_company(self.company_id)
        document = Move.new(
            {
                "move_type": "out_invoice",
                "company_id": self.company_id.id,
                "partner_id": partner.id,
            }
        )
        # a checked order is in the partner's credit to invoice already
        counted = amount if self.state in BILLING_STATES else 0.0
        return Move._build_credit_warning_message(
            document, current_amount=amount, exclude_amount=counted
        )

    def _get_open_credit(self):
        """What payers without an invoice will owe for this order.

        :return: dict commercial partner → amount with tax in the company's currency
        """
        self.ensure_one()
        totals = {}
        for payer in self._get_open_payers():
            partner = payer.partner.commercial_partner_id
            total = self._get_payer_total(payer)
            totals[partner] = totals.get(partner, 0.0) + total
        today = fields.Date.context_today(self)
        company = self.company_id
        return {
            partner: self.currency_id._convert(
                total, company.currency_id, company, today
            )
            for partner, total in totals.items()
        }

    def _get_payer_total(self, payer):
        """What the invoice of a payer will come to, to the rounding of its taxes.

        :param Payer payer: who has no invoice yet
        :return: amount with tax in the order's currency
        """
        self.ensure_one()
        order = self.with_company(self.company_id)
        fiscal_position = order._get_fiscal_position(payer)
        nets = {}
        for part in order._get_share_parts(payer):
            nets[part.taxes] = nets.get(part.taxes, 0.0) + part.amount
        if payer.invoice_type == "service" and not payer.transfer:
            for taxes, amount in order._get_tcd_parts():
                nets[taxes] = nets.get(taxes, 0.0) + amount
        return sum(
            fiscal_position.map_tax(taxes)._get_total_for_net(net, order.currency_id)
            for taxes, net in nets.items()
        )

    def _get_tcd_parts(self):
        """The order's charges and discounts as they will stand on the service invoice.

        :return: list of (product taxes, amount before tax in the order's currency,
            signed)
        """
        self.ensure_one()
        parts = []
        customer_nets = self._get_customer_nets() if self.tcd_ids else {}
        for row, amount in self._get_tcd_estimates().items():
            if row.tcd_type == "charge":
                parts.append((row.tcd_id.tax_ids, amount))
                continue
            nets = {}
            categories = row.tcd_id._get_categories()
            for (category, taxes), net in customer_nets.items():
                if category in categories:
                    nets[taxes] = nets.get(taxes, 0.0) + net
            split = split_amount(amount, list(nets.values()), self.currency_id)
            parts += [(taxes, -part) for taxes, part in zip(nets, split, strict=True)]
        return parts
