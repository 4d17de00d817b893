from odoo import api, fields, models

from ...tools.states import BILLING_STATES, EDITABLE_STATES, WAITING_STATES


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
        "amount_prepaid",
        "amount_prepayment_open",
        "line_ids.tax_ids",
        "tcd_ids.tcd_id",
        "tcd_ids.rate",
        "tcd_ids.variant_id",
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
        for share in self._get_open_shares():
            partner = share.payer.partner.commercial_partner_id
            total = self._get_share_total(share)
            totals[partner] = totals.get(partner, 0.0) + total
        # in advance he has paid it already, or owes it as a posted document
        for partner, unused in self._get_unused_prepayments().items():
            if partner in totals:
                totals[partner] = max(totals[partner] - unused, 0.0)
        today = fields.Date.context_today(self)
        company = self.company_id
        return {
            partner: self.currency_id._convert(
                total, company.currency_id, company, today
            )
            for partner, total in totals.items()
        }

    # How long the work of an order has waited to be billed.

    checked_date = fields.Date(
        string="Ready For Billing",
        readonly=True,
        copy=False,
        help="Day on which the documents were found complete. It stays when the order "
        "is billed again, and is cleared when the order goes back to checking.",
    )
    days_waiting = fields.Integer(
        compute="_compute_days_waiting",
        help="Days since the order has been ready for billing, or since its order date "
        "as long as its documents are not checked. Zero when there is nothing to bill.",
    )

    @api.depends("state", "checked_date", "order_date")
    def _compute_days_waiting(self):
        today = fields.Date.context_today(self)
        for order in self:
            date = order.checked_date or order.order_date
            if order.state in WAITING_STATES and date:
                order.days_waiting = max((today - date).days, 0)
            else:
                order.days_waiting = 0
