from odoo import api, fields, models

from ...tools.arguments import expects, parse_text
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_protected, refuse_without_group
from ...tools.invoice_type import select_share_types
from ...tools.numbers import take_number
from ...tools.shares import OpenShare, Payer
from ...tools.states import UNBILLED_STATES


class ServiceRelease(models.Model):
    """What has been released for billing: a payer's share of a work order, or a month.

    Invoices are made of releases. A release is never edited: what is wrong is cancelled
    and released again, what is credited or moved goes on by a copy.
    """

    _name = "service.release"
    _description = "Release for Billing"
    _inherit = ["service.document.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _name_company_uniq = models.UniqueIndex(
        "(name, company_id)", "Another release has this number already."
    )
    _period_is_forward = models.Constraint(
        "CHECK(period_to >= period_from)",
        "The period of a release ends on or after its first day.",
    )

    name = fields.Char(
        string="Number", copy=False, readonly=True, required=True, index="trigram"
    )
    release_type = fields.Selection(
        selection=[("order", "Work Order"), ("monthly", "Monthly")],
        required=True,
        readonly=True,
        index=True,
        help="Released with a work order, or for a period of an agreement.",
    )
    invoice_type = fields.Selection(
        selection=select_share_types,
        string="Billed With",
        required=True,
        readonly=True,
        default="service",
    )
    state = fields.Selection(
        selection=[
            ("fresh", "Fresh"),
            ("confirmed", "Confirmed"),
            ("invoiced", "Invoiced"),
            ("reprocessed", "Reprocessed"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        default="fresh",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        help="Confirmed releases can be invoiced. Reprocessed: the invoice was "
        "credited and a copy of the release is billed instead.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Bill To",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
    )
    work_order_id = fields.Many2one(
        "service.work.order",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    date = fields.Date(
        required=True,
        readonly=True,
        default=fields.Date.context_today,
        copy=False,
        help="Day of the release.",
    )
    period_from = fields.Date(
        readonly=True, help="First day of the period that a monthly release bills."
    )
    period_to = fields.Date(
        readonly=True, help="Last day of the period that a monthly release bills."
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        readonly=True,
        check_company=True,
        ondelete="restrict",
        help="Terms of the invoice. Releases with different terms get invoices of "
        "their own.",
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        compute="_compute_fiscal_position_id",
        store=True,
        precompute=True,
        check_company=True,
        help="That of the payer on the day of the release, by which the taxes shown "
        "here are found. The invoice takes the one he has when it is made.",
    )
    customer_reference = fields.Char(
        readonly=True, help="The payer's own order number, printed on the invoice."
    )
    line_ids = fields.One2many(
        "service.release.line", "release_id", readonly=True, copy=True
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="The invoice the release is on; a reprocessed one stays on the credited "
        "invoice.",
    )
    origin_id = fields.Many2one(
        "service.release",
        string="Copy Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The release that was credited or cancelled and whose share this one "
        "bills, to the same payer or another one.",
    )
    copy_ids = fields.One2many(
        "service.release", "origin_id", string="Released Again", readonly=True
    )
    is_supplement = fields.Boolean(
        string="Supplement",
        readonly=True,
        copy=False,
        help="Bills what a credit memo took back of a part of a release, or what "
        "another payer was to bear first. It is invoiced by itself.",
    )
    is_moved = fields.Boolean(
        string="Moved",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Another payer was to bear it by the document check of the work order.",
    )
    source_partner_id = fields.Many2one(
        related="origin_id.partner_id",
        string="From Payer",
        help="Who was to bear it first.",
    )
    reason = fields.Char(readonly=True, copy=False, help="Why it was released.")
    has_tcd = fields.Boolean(
        string="With Charges and Discounts",
        readonly=True,
        help="The work order's taxes, charges and discounts come with this release.",
    )
    amount_material = fields.Monetary(
        string="Material", compute="_compute_amounts", store=True
    )
    amount_labour = fields.Monetary(
        string="Labour", compute="_compute_amounts", store=True
    )
    amount_other_resource = fields.Monetary(
        string="Other Resources", compute="_compute_amounts", store=True
    )
    amount_external_repair = fields.Monetary(
        string="External Repair", compute="_compute_amounts", store=True
    )
    amount_external_service = fields.Monetary(
        string="External Services", compute="_compute_amounts", store=True
    )
    amount_fixed_price = fields.Monetary(
        string="Fixed Price", compute="_compute_amounts", store=True
    )
    amount_additional_charge = fields.Monetary(
        string="Addl. Charges", compute="_compute_amounts", store=True
    )
    amount_charge = fields.Monetary(
        string="Charges",
        compute="_compute_amounts",
        store=True,
        help="Charges of the work order that come with this release.",
    )
    amount_discount = fields.Monetary(
        string="Discounts",
        compute="_compute_amounts",
        store=True,
        help="Discounts of the work order that come with this release.",
    )
    amount_untaxed = fields.Monetary(
        string="Net",
        compute="_compute_amounts",
        store=True,
        help="Cost categories + charges − discounts.",
    )
    amount_tax = fields.Monetary(
        string="Taxes",
        compute="_compute_amounts",
        store=True,
        help="By the payer's fiscal position, without withholding; the invoice rounds "
        "the taxes of all its lines together.",
    )
    amount_total = fields.Monetary(
        string="Total", compute="_compute_amounts", store=True, help="Net + taxes."
    )

    @api.depends("partner_id", "company_id")
    def _compute_fiscal_position_id(self):
        for release in self:
            release.fiscal_position_id = release.payer_fiscal_position_id

    def _get_payer_fiscal_position(self):
        """That of the invoice of the payer."""
        self.ensure_one()
        return self.company_id._get_service_fiscal_position(self.partner_id)

    @api.depends(
        "fiscal_position_id",
        "line_ids.price_subtotal",
        "line_ids.cost_category",
        "line_ids.tcd_id",
        "line_ids.tax_ids",
    )
    def _compute_amounts(self):
        for release in self:
            sums = release._sum_lines()
            for name, amount in sums.items():
                release[f"amount_{name}"] = amount
            discount = sums.pop("discount")
            release.amount_untaxed = sum(sums.values()) - discount
            release.amount_tax = release._estimate_tax()
            release.amount_total = release.amount_untaxed + release.amount_tax

    def _sum_lines(self):
        """What the lines come to by their place in the invoice summary.

        :return: dict cost category, charge or discount → amount before tax in the
            release's currency; discounts are positive
        """
        self.ensure_one()
        categories = self.env["product.template"]._get_cost_categories()
        sums = dict.fromkeys([*categories, "charge", "discount"], 0.0)
        for line in self.line_ids:
            bucket = line.tcd_id.tcd_type or line.cost_category
            sign = -1 if bucket == "discount" else 1
            sums[bucket] += sign * line.price_subtotal
        return sums

    def _estimate_tax(self):
        """Taxes of the lines by the release's fiscal position, rounded as on an
        invoice of this release alone.

        :return: amount in the release's currency, withholding not counted
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        base_lines = [
            line._prepare_base_line(self._map_taxes(line)) for line in self.line_ids
        ]
        return self.env["account.tax"]._sum_billed_taxes(base_lines, company)

    def _map_taxes(self, line):
        """Taxes of a line for the payer, those of the order's tax rows among them."""
        taxes = line.tax_ids
        if self.has_tcd and not line.tcd_id:
            taxes = self.work_order_id._get_part_taxes(line._get_part())
        return self.fiscal_position_id._map_kept_taxes(taxes)

    @api.model
    def _get_numbering_sequence(self):
        """Code of the sequence that numbers releases."""
        return "service.release"

    @api.model_create_multi
    def create(self, vals_list):
        """Only the add-on's own methods make releases, with ``sudo()`` after their
        checks; a caller's context gives them no values."""
        harmless = {
            "state": "fresh",
            "move_id": False,
            "origin_id": False,
            "is_supplement": False,
            "is_moved": False,
            "has_tcd": False,
        }
        vals_list = [harmless | vals for vals in vals_list]
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id"))
            code, date = self._get_numbering_sequence(), vals.get("date")
            vals["name"] = take_number(self.sudo().env, code, company, date)
        # what was cancelled or billed a moment ago is out of the way of the indexes
        self.flush_model(["state", "is_supplement"])
        return super().create(vals_list)

    @api.model
    def _get_editable_fields(self):
        """Fields a person may write: chatter and activities, nothing that is billed."""
        return {
            *self.env["mail.thread"]._fields,
            *self.env["mail.activity.mixin"]._fields,
        }

    def write(self, vals):
        protected = vals.keys() - self._get_editable_fields()
        refuse_protected(self, dict.fromkeys(protected), vals)
        for name in self._get_write_steps():
            getattr(self, name)(vals)
        return super().write(vals)

    def _get_write_steps(self):
        """Names of what is checked or done before releases change; each gets the
        values."""
        return ["_bill_months_again"]

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise_together(
            [
                self.env._(
                    "Release %s has a number and cannot be removed. Cancel it: it is "
                    "kept with its reason.",
                    release.name,
                )
                for release in self
            ]
        )

    def _check_action(self, states, group=BILLING):
        """Right and state for a button."""
        refuse_without_group(self.env, group)
        self.check_access("write")
        self._check_state(states)

    def action_confirm(self):
        """What is released may be invoiced."""
        self._check_action(("fresh",))
        self.sudo().write({"state": "confirmed"})
        return True

    @expects(reason=parse_text)
    def action_cancel(self, reason=None):
        """Take releases back that are not invoiced; they stay for the record.

        :param str reason: without it the dialog that asks for it is returned
        """
        self._check_action(UNBILLED_STATES)
        if not reason:
            return self._ask_reason("action_cancel", self.env._("Cancel Release"))
        self._cancel(reason)
        return True

    def _cancel(self, reason):
        """Cancel releases, with the reason in the chatter. What of a work order was
        released by them is nobody's again, and released anew with the next invoice."""
        self.sudo().write({"state": "cancelled"})
        body = self.env._("Cancelled: %s", reason)
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    # Releases of work orders bill the share of a payer.

    def _get_payer(self):
        """Whose share of the work order this release bills."""
        self.ensure_one()
        return Payer(self.invoice_type, self.partner_id)

    def _get_open_share(self):
        """Share that this release bills.

        :return: ``OpenShare``; the lines of the order's charges and discounts are not
            in it, since the invoice makes its own
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: not line._is_made_by_row())
        parts = [line._get_part() for line in lines]
        return OpenShare(self._get_payer(), parts, self.has_tcd, self)

    def _release_without(self, share, taken):
        """Release anew what is left of this cancelled release.

        :param OpenShare share: what it was to bill
        :param list taken: ``SharePart`` that are released by themselves
        """
        self.ensure_one()
        if rest := self._get_rest(share, taken):
            self._release_again(rest)

    def _release_again(self, share, **values):
        """Release to the same payer what this release was to bill, or has billed.

        :param OpenShare share: what of it is released
        :param values: what differs from this release
        :return: ``service.release``, fresh
        """
        self.ensure_one()
        values = {
            "origin_id": self.id,
            "credit_move_id": self.credit_move_id.id,
            "is_moved": self.is_moved,
            "is_supplement": self.is_supplement,
            "reason": self.reason,
        } | values
        order = self.work_order_id._in_language_of(share.payer)
        release = order._create_release(share, **values)
        return release.sudo(self.env.su).with_env(self.env)

    def _get_rest(self, share, taken):
        """Remaining part of a share.

        :param list taken: ``SharePart`` that are released by themselves
        :return: ``OpenShare``, or ``None`` when there is nothing
        """
        rest = list(share.parts)
        for part in taken:
            own = [p for p in rest if p.order_line == part.order_line and p.is_share()]
            if alike := [p for p in own if p.is_deductible == part.is_deductible]:
                is_apart = len(alike) < len(own) and self._is_taken_apart(part, taken)
                own = alike if is_apart else own
            left = sum(p.amount for p in own) - part.amount
            if part.order_line.currency_id.is_zero(left):
                rest = [p for p in rest if p not in own]
            else:
                # the own risk stays as it is
                largest = max(own, key=lambda p: abs(p.amount))
                rest[rest.index(largest)] = self._get_rest_part(largest, part)
        return share._replace(parts=rest) if rest or share.has_tcd else None

    def _is_taken_apart(self, part, taken):
        """Whether the own risk of a line is released by itself, beside its work."""
        return any(
            other.order_line == part.order_line
            and other.is_deductible != part.is_deductible
            for other in taken
        )

    def _get_rest_part(self, part, taken):
        """Remaining amount of a part, in the language of the payer.

        :param SharePart taken: what is released by itself
        """
        order = self._in_language_of_payer().work_order_id
        line = part.order_line.with_env(order.env)
        amount = line.currency_id.round(part.amount - taken.amount)
        name = part.name if part.is_deductible else line._describe_share(amount)
        return part._replace(
            name=name,
            amount=amount,
            pieces=part.pieces - taken.pieces,
            share=part.get_share() - taken.get_share(),
            own_cost=part.own_cost - taken.own_cost,
            is_whole=False,
        )

    def _put_on_invoice(self, move):
        """These releases are billed by this invoice.

        :param move: ``account.move``, not yet authorized
        """
        unbilled = self.filtered(lambda release: release.state in UNBILLED_STATES)
        unbilled.sudo().with_context(tracking_disable=True).write(
            {"move_id": move.id, "state": "invoiced"}
        )

    def _take_off_invoice(self):
        """These releases are on no invoice any more and can be billed anew."""
        live = self.filtered(lambda release: release.state == "invoiced")
        live.sudo().write({"state": "confirmed", "move_id": False})
