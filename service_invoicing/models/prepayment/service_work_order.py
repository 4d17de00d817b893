from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ...tools.actions import open_invoices
from ...tools.arguments import expects, parse_amount, parse_id
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group
from ...tools.invoice_type import PREPAYMENT
from ...tools.split import split_amount
from ...tools.states import EDITABLE_STATES


class ServiceWorkOrder(models.Model):
    """Prepayment invoices of an order: money asked for before the work is billed."""

    _inherit = "service.work.order"

    prepayment_count = fields.Integer(compute="_compute_prepayments", compute_sudo=True)
    amount_prepaid = fields.Monetary(
        string="Prepaid",
        compute="_compute_prepayments",
        compute_sudo=True,
        help="Received for authorized prepayment invoices, in the order's currency.",
    )
    amount_prepayment_open = fields.Monetary(
        string="Open Prepayments",
        compute="_compute_prepayments",
        compute_sudo=True,
        help="What of it no invoice has taken yet.",
    )

    @api.depends(
        "invoice_ids.state",
        "invoice_ids.service_stage",
        "invoice_ids.service_prepayment_received",
        "invoice_ids.service_prepayment_open",
    )
    def _compute_prepayments(self):
        for order in self:
            moves = order._get_prepayments()
            order.prepayment_count = len(moves)
            order.amount_prepaid = sum(moves.mapped("service_prepayment_received"))
            order.amount_prepayment_open = sum(moves.mapped("service_prepayment_open"))

    def _get_prepayments(self):
        """Prepayment invoices of these orders that were not deleted."""
        return self.sudo().invoice_ids.filtered(
            lambda move: move._is_service_prepayment()
            and move.service_status != "deleted"
        )

    @expects(
        one=True,
        amount=parse_amount,
        percentage=parse_amount,
        partner_id=parse_id("res.partner"),
    )
    def action_create_prepayment(self, amount=None, percentage=None, partner_id=None):
        """Make and save a prepayment invoice of this order.

        :param float amount: before tax in the order's currency
        :param float percentage: of what the payer bears of the order: with its taxes
            where the prepayment bears none, else before tax and with the taxes on top
        :param int partner_id: the payer, one of the order's; the customer by default
        :return: action that opens the invoice; without amount and percentage the
            dialog that asks for them
        :raise UserError: when the order or the answers allow no prepayment
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._check_state((*EDITABLE_STATES, "to_invoice"))
        if amount is None and percentage is None:
            return self.env["service.prepayment.wizard"]._open(self)
        payer = self._choose_prepayment_payer(partner_id)
        raise_together(self._get_prepayment_answer_errors(amount, percentage))
        order = self._in_language_of(payer)
        vals = order._prepare_prepayment_vals(payer, amount, percentage)
        # nothing of the work is released by it
        releases = self.env["service.release"]
        return open_invoices(order._create_saved_invoices([vals], [releases]))

    def _choose_prepayment_payer(self, partner_id):
        """The payer that is asked for a prepayment.

        :param int partner_id: the customer without it
        :raise UserError: when this order has no such payer
        """
        self.ensure_one()
        wanted = partner_id or self.partner_id.id
        for payer in self._get_payer_shares():
            if payer.partner.id == wanted:
                return payer
        raise UserError(
            self.env._(
                "%(payer)s is no payer of %(order)s: a prepayment is asked from its "
                "customer, a sponsor or an insurer of it.",
                payer=self.env["res.partner"].browse(wanted).exists().display_name
                or wanted,
                order=self.name,
            )
        )

    def _get_prepayment_answer_errors(self, amount, percentage):
        """What is wrong with what was asked for.

        :return: list of translated sentences
        """
        self.ensure_one()
        errors = []
        if amount is not None and percentage is not None:
            errors.append(
                self.env._("%s: give an amount or a percentage, not both.", self.name)
            )
        if amount is not None and not self._is_positive_amount(amount):
            errors.append(
                self.env._(
                    "%(order)s: the amount of a prepayment has to be positive, not "
                    "%(amount)s.",
                    order=self.name,
                    amount=amount,
                )
            )
        if percentage is not None and not 0 < percentage <= 100:
            errors.append(
                self.env._(
                    "%(order)s: the percentage of a prepayment lies between 0 and 100, "
                    "not at %(percentage)s.",
                    order=self.name,
                    percentage=percentage,
                )
            )
        if not self.company_id.service_prepayment_account_id:
            errors.append(
                self.env._(
                    "%(order)s: choose the prepayment account of %(company)s in the "
                    "settings of service billing first.",
                    order=self.name,
                    company=self.company_id.display_name,
                )
            )
        return errors

    def _is_positive_amount(self, amount):
        return self.currency_id.compare_amounts(amount, 0.0) > 0

    def _prepare_prepayment_vals(self, payer, amount=None, percentage=None):
        """Values of the prepayment invoice of one payer.

        It is due on its anchor date: who pays in advance pays at once, whatever term
        the work has.

        :param Payer payer: whose fiscal position and language it has
        """
        self.ensure_one()
        fiscal_position = self._get_fiscal_position(payer)
        parts = self._choose_prepayment_parts(payer, amount, percentage)
        name = self._describe_prepayment(percentage)
        return self._prepare_invoice_header_vals(payer, fiscal_position) | {
            "service_invoice_type": PREPAYMENT,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create(
                    self._prepare_prepayment_line_vals(
                        name, taxes, part, fiscal_position
                    )
                )
                for taxes, part in parts.items()
            ],
        }

    def _describe_prepayment(self, percentage=None):
        """What a line of the prepayment says, in the payer's language."""
        self.ensure_one()
        if percentage is None:
            return self.env._("Prepayment for work order %s", self.name)
        return self.env._(
            "Prepayment of %(percentage)s %% for work order %(order)s",
            percentage=formatLang(self.env, percentage, digits=2),
            order=self.name,
        )

    def _prepare_prepayment_line_vals(self, name, taxes, amount, fiscal_position):
        """Values of one liability line.

        :param taxes: of the payer, none in mode entry
        :param float amount: before tax in the order's currency
        """
        account = self.company_id.service_prepayment_account_id
        return {
            "name": name,
            "quantity": 1.0,
            "price_unit": taxes._get_price_for_net(amount, self.currency_id),
            "account_id": fiscal_position.map_account(account).id,
            "tax_ids": [Command.set(taxes.ids)],
            "service_cost_category": "fixed_price",
        }

    def _choose_prepayment_parts(self, payer, amount=None, percentage=None):
        """The prepayment by tax set.

        :return: dict taxes of the payer → amount before tax in the order's currency
        :raise UserError: when a percentage of nothing is asked for
        """
        self.ensure_one()
        if self.company_id.service_prepayment_mode == "entry":
            bases = {self.env["account.tax"]: self._get_prepayment_total(payer)}
        else:
            bases = self._get_prepayment_bases(payer)
        if percentage is not None:
            amount = self.currency_id.round(sum(bases.values()) * percentage / 100)
            self._check_prepayment_base(payer, amount)
        if not any(bases.values()):
            return {next(iter(bases)): amount}
        parts = split_amount(amount, list(bases.values()), self.currency_id)
        return {taxes: part for taxes, part in zip(bases, parts, strict=True) if part}

    def _check_prepayment_base(self, payer, amount):
        """:raise UserError: when the percentage comes to nothing"""
        if not self._is_positive_amount(amount):
            raise UserError(
                self.env._(
                    "%(order)s: %(payer)s bears nothing of it yet, so that a "
                    "percentage of it is nothing. Give an amount.",
                    order=self.name,
                    payer=payer.partner.display_name,
                )
            )

    def _get_shares_of_partner(self, partner):
        """All that a partner is still to be billed, as customer, sponsor or insurer.

        :return: list of ``OpenShare``
        """
        self.ensure_one()
        shares = self._get_open_shares()
        return [share for share in shares if share.payer.partner == partner]

    def _get_prepayment_total(self, payer):
        """What the invoices of a payer will come to, with their taxes."""
        shares = self._get_shares_of_partner(payer.partner)
        return max(sum(map(self._get_share_total, shares)), 0.0)

    def _get_prepayment_bases(self, payer):
        """What a payer bears before tax, by the taxes an advance bears.

        What he withholds he withholds from the invoice of the work, where the taxes
        of its pieces are, too.

        :return: dict taxes → amount in the order's currency, never negative; the
            company's own tax without any work
        """
        self.ensure_one()
        bases = {}
        Tax = self.env["account.tax"]
        for share in self._get_shares_of_partner(payer.partner):
            position = self._get_fiscal_position(share.payer)
            base_lines = self._prepare_estimate_base_lines(share, position)
            Tax._add_tax_details_in_base_lines(base_lines, self.company_id)
            Tax._round_base_lines_tax_details(base_lines, self.company_id)
            for line in base_lines:
                taxes = line["tax_ids"]._without_per_piece()
                taxes -= taxes._filter_withheld()
                details = line["tax_details"]
                net = details["total_excluded_currency"]
                net += details["delta_total_excluded_currency"]
                bases[taxes] = bases.get(taxes, 0.0) + net
        bases = {taxes: self.currency_id.round(net) for taxes, net in bases.items()}
        bases = {taxes: net for taxes, net in bases.items() if net > 0}
        return bases or {self._get_default_prepayment_taxes(payer): 0.0}

    def _get_default_prepayment_taxes(self, payer):
        """Taxes of an advance before anybody knows the work."""
        taxes = self.company_id.account_sale_tax_id
        taxes -= taxes._filter_withheld()
        return self._get_fiscal_position(payer).map_tax(taxes)

    def _get_prepaid_errors(self):
        """Why this order is not given up: somebody has paid for it, or is asked to.

        :return: list of translated sentences
        """
        self.ensure_one()
        live = self._get_prepayments().filtered(
            lambda move: move.service_status != "reversed"
        )
        if not live:
            return []
        return [
            self.env._(
                "%(order)s cannot be cancelled: it has prepayments (%(invoices)s). "
                "Delete or credit them first.",
                order=self.name,
                invoices=", ".join(move._get_service_label() for move in live),
            )
        ]

    def _get_unused_prepayments(self):
        """What payers have paid or owe in advance, and no invoice has taken yet.

        :return: dict commercial partner → amount in the order's currency
        """
        self.ensure_one()
        prepayment = self.env["service.prepayment"]
        amounts = {}
        for move in self._get_prepayments().filtered(lambda m: m.state == "posted"):
            left = prepayment._get_uncredited(move) - prepayment._get_used(move)
            partner = move.commercial_partner_id
            amounts[partner] = amounts.get(partner, 0.0) + max(left, 0.0)
        return amounts

    def action_view_prepayments(self):
        """Open the prepayment invoices of the orders."""
        self.check_access("read")
        moves = self._get_prepayments().sudo(self.env.su)
        return open_invoices(moves)
