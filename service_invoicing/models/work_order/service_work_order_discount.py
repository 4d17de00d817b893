from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare, float_round
from odoo.tools.misc import formatLang

from ...tools.groups import ADVISOR
from ...tools.guards import NO_LIMIT, raise_together, refuse_without_group
from ...tools.states import EDITABLE_STATES

DISCOUNT_DIGITS = 2
DISCOUNT_TODO = "service_invoicing.mail_activity_type_discount"


class ServiceWorkOrder(models.Model):
    """How much discount an order gives, and who may allow it."""

    _inherit = "service.work.order"

    discount_percent = fields.Float(
        string="Highest Discount (%)",
        digits=(16, DISCOUNT_DIGITS),
        compute="_compute_discount_percent",
        store=True,
        help="The highest discount of a line, a price below the price list counted, or "
        "all discounts of the order in % of what it would cost without them, whichever "
        "is higher. A line that costs less than nothing counts as a discount.",
    )
    discount_approved = fields.Float(
        string="Approved Discount (%)",
        digits=(16, DISCOUNT_DIGITS),
        readonly=True,
        copy=False,
        tracking=True,
        help="Discounts up to this one are approved, whoever confirms the documents.",
    )
    discount_approved_by_id = fields.Many2one(
        "res.users",
        string="Discount Approved By",
        readonly=True,
        copy=False,
        tracking=True,
    )
    discount_unapproved = fields.Float(
        string="Unapproved Discount (%)",
        digits=(16, DISCOUNT_DIGITS),
        compute="_compute_discount_unapproved",
        store=True,
        help="The discount as long as it is higher than the approved one, else zero.",
    )
    discount_to_approve = fields.Boolean(
        compute="_compute_discount_to_approve",
        search="_search_discount_to_approve",
        help="Before billing, with an unapproved discount that is above what one of "
        "the roles may give.",
    )
    discount_warning = fields.Char(
        compute="_compute_discount_warning",
        help="Why you cannot confirm the documents of this order.",
    )

    @api.depends(
        "line_ids.quantity",
        "line_ids.product_uom_id",
        "line_ids.price_unit",
        "line_ids.price_proposed",
        "line_ids.discount",
        "line_ids.tax_ids",
        "line_ids.cost_category",
        "line_ids.amount_customer",
        "claim_ids.deductible",
        "tcd_ids.tcd_id",
        "tcd_ids.rate",
        "tcd_ids.sequence",
        "currency_id",
    )
    def _compute_discount_percent(self):
        for order in self:
            order.discount_percent = order._get_discount_percent()

    @api.depends("discount_percent", "discount_approved")
    def _compute_discount_unapproved(self):
        for order in self:
            order.discount_unapproved = (
                order.discount_percent
                if self._is_above(order.discount_percent, order.discount_approved)
                else 0.0
            )

    @api.depends("discount_unapproved", "state", "company_id")
    def _compute_discount_to_approve(self):
        for order in self:
            company = order.company_id
            is_open = order.state in EDITABLE_STATES and company
            order.discount_to_approve = bool(is_open) and self._is_above(
                order.discount_unapproved, company._get_lowest_discount_limit()
            )

    def _search_discount_to_approve(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "in", EDITABLE_STATES) & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("discount_unapproved", ">", company._get_lowest_discount_limit())
            for company in self.env.companies
            if company._get_lowest_discount_limit() != NO_LIMIT
        )

    @api.depends("discount_percent", "discount_approved", "state", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_discount_warning(self):
        for order in self:
            # a form may have lost its company
            is_open = order.state in EDITABLE_STATES and order.company_id
            errors = order._get_discount_errors() if is_open else []
            order.discount_warning = "\n".join(errors)

    @api.model
    def _is_above(self, discount, limit):
        """Whether a discount is higher than another or a limit; both in percent."""
        return limit != NO_LIMIT and (
            float_compare(discount, limit, precision_digits=DISCOUNT_DIGITS) > 0
        )

    def _get_discount_percent(self):
        """The discount that counts for the limits, in percent.

        Unrounded amounts are compared, so that rounding to a currency without decimals
        makes no discount of its own.
        """
        self.ensure_one()
        nets = [line._get_discount_nets() for line in self.line_ids]
        full = sum(whole for whole, __ in nets if whole > 0)
        given = sum(whole - net for whole, net in nets if whole > 0)
        given -= sum(net for whole, net in nets if whole < 0)
        given += sum(getattr(self, name)() for name in self._get_discount_steps())
        total = 100.0 * given / full if full else 100.0 * bool(given > 0)
        highest = max(
            (100.0 * (1 - net / whole) for whole, net in nets if whole > 0), default=0.0
        )
        return float_round(max(total, highest, 0.0), precision_digits=DISCOUNT_DIGITS)

    def _get_discount_steps(self):
        """Names of the methods that count what an order gives beside its lines, each
        an amount before tax in its currency."""
        return ["_get_order_discount"]

    def _get_discount_errors(self):
        """Why the user may not confirm the discount of this order.

        :return: list of translated sentences
        """
        self.ensure_one()
        discount = self._get_discount_percent()
        limit = self.company_id._get_discount_limit(self.env.user)
        if not self._is_above(discount, max(limit, self.discount_approved)):
            return []
        return [self._describe_discount_above(discount, limit)]

    def _describe_discount_above(self, discount, limit):
        self.ensure_one()
        approvers = self.company_id._get_discount_approver_names(discount)
        return self.env._(
            "%(order)s: the discount of %(discount)s %% is above the %(limit)s %% that "
            "you may give. It can be approved by: %(approvers)s.",
            order=self.name,
            discount=formatLang(self.env, discount, digits=DISCOUNT_DIGITS),
            limit=formatLang(self.env, limit, digits=DISCOUNT_DIGITS),
            approvers=", ".join(approvers),
        )

    def action_approve_discount(self):
        """Approve what the orders give now; a higher discount needs a new approval.

        :raise UserError: naming the orders that give no discount, or one above the
            user's own limit
        """
        self._check_discount_action()
        raise_together([error for order in self for error in order._get_grant_errors()])
        for order in self:
            order.sudo().write(
                {
                    "discount_approved": order._get_discount_percent(),
                    "discount_approved_by_id": self.env.uid,
                }
            )
        self._close_discount_activity()
        return True

    def _get_grant_errors(self):
        """Why the user cannot approve the discount of this order.

        :return: list of translated sentences
        """
        self.ensure_one()
        discount = self._get_discount_percent()
        limit = self.company_id._get_discount_limit(self.env.user)
        if not self._is_above(discount, 0.0):
            return [self.env._("%s gives no discount.", self.name)]
        if self._is_above(discount, limit):
            return [self._describe_discount_above(discount, limit)]
        return []

    def action_request_discount_approval(self):
        """Ask the approver of the company, or without one whoever follows the orders.

        :raise UserError: naming the orders that need no approval
        """
        self._check_discount_action()
        raise_together(
            [
                self.env._(
                    "The discount of %s needs no approval by others.", order.name
                )
                for order in self
                if not order._get_discount_errors()
            ]
        )
        for order in self:
            order._request_discount_approval(order._get_discount_errors())
        return True

    def _request_discount_approval(self, reasons):
        """Make the to-do of the approver, who gets one at most, or tell followers.

        :param list reasons: translated sentences
        """
        self.ensure_one()
        approver = self.company_id.service_discount_approver_id
        body = "\n".join(reasons)
        if not approver:
            self.message_post(body=body, subtype_xmlid="mail.mt_comment")
        elif approver not in self._get_discount_activities().user_id:
            self.sudo().activity_schedule(DISCOUNT_TODO, user_id=approver.id, note=body)

    def _get_discount_activities(self):
        """To-dos of approvers that are still open."""
        todo = self.env.ref(DISCOUNT_TODO)
        return self.sudo().activity_ids.filtered(lambda a: a.activity_type_id == todo)

    def _close_discount_activity(self):
        """The to-do is over: approved, confirmed or cancelled."""
        self.sudo().activity_unlink([DISCOUNT_TODO])

    def _check_discount_action(self):
        refuse_without_group(self.env, ADVISOR)
        self.check_access("write")
        self._check_state(EDITABLE_STATES)
