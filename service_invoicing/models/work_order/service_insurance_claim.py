from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guards import (
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
)
from ...tools.shares import SharePart
from ...tools.split import group_by_fields, split_amount


class ServiceInsuranceClaim(models.Model):
    """What an insurer bears of a work order, and the own risk he leaves."""

    _name = "service.insurance.claim"
    _description = "Service Insurance Claim"
    _inherit = ["mail.thread", "mail.activity.mixin", "service.coverage.mixin"]
    _order = "work_order_id desc, id"
    _check_company_auto = True

    _deductible_positive = models.Constraint(
        "CHECK(deductible >= 0)", "The deductible cannot be negative."
    )

    _coverage_is_percentage = models.Constraint(
        "CHECK(coverage_percent BETWEEN 0 AND 100)",
        "The coverage of a claim lies between 0 and 100 %.",
    )

    name = fields.Char(string="Claim Number", required=True, tracking=True)
    work_order_id = fields.Many2one(
        "service.work.order",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="work_order_id.company_id", store=True)
    currency_id = fields.Many2one(related="work_order_id.currency_id")
    insurer_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        check_company=True,
        tracking=True,
        help="Who gets the insurance invoice.",
    )
    policy_number = fields.Char(tracking=True)
    coverage_percent = fields.Float(
        string="Coverage (%)",
        digits=(5, 2),
        default=100.0,
        help="Proposed on the lines of the claim: which part of them the insurer "
        "bears before the deductible.",
    )
    vat_payer = fields.Selection(
        selection=[("insurer", "Insurer"), ("customer", "Customer")],
        string="Tax Paid By",
        required=True,
        default="insurer",
        tracking=True,
        help="Insurer: he pays his share with its taxes. Customer: the insurer pays "
        "his share without taxes, because the customer may deduct them; they are on "
        "the service invoice.",
    )
    deductible = fields.Monetary(
        string="Deductible (own risk)",
        tracking=True,
        help="What the customer bears himself, before tax. It moves from the insurance "
        "invoice to the service invoice.",
    )
    deductible_applied = fields.Monetary(
        compute="_compute_amounts",
        help="The deductible, but never more than the insurer's share.",
    )
    amount_insurance = fields.Monetary(
        string="Covered",
        compute="_compute_amounts",
        help="What the claim covers before the deductible, before tax.",
    )
    amount_to_insurer = fields.Monetary(
        string="To Insurer",
        compute="_compute_amounts",
        help="What the insurer bears: covered, less the deductible, before tax.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
        ],
        string="Status",
        default="draft",
        required=True,
        index=True,
        tracking=True,
    )
    line_ids = fields.One2many("service.work.order.line", "claim_id")

    @api.depends("deductible", "line_ids.amount_insurance")
    def _compute_amounts(self):
        for claim in self:
            share = sum(claim.line_ids.mapped("amount_insurance"))
            claim.amount_insurance = share
            claim.deductible_applied = min(claim.deductible, max(share, 0.0))
            claim.amount_to_insurer = share - claim.deductible_applied

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected_at_creation(self, {"state": "draft"}, vals)
        orders = {vals.get("work_order_id") for vals in vals_list} - {None, False}
        self.env["service.work.order"].browse(orders)._check_editable()
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, {"state": None}, vals)
        if vals.keys() & self._get_billing_fields():
            self.work_order_id._check_editable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self.work_order_id._check_editable()

    @api.model
    def _get_billing_fields(self):
        """Fields that change what is billed or printed, frozen once the order is
        checked."""
        return {
            "name",
            "work_order_id",
            "insurer_id",
            "policy_number",
            "deductible",
            "vat_payer",
            "covers_labour",
            "covers_material",
            "state",
        }

    def action_cover_lines(self):
        """Put the claims on all lines that nobody else bears and that they cover.

        :raise UserError: naming claims for which no line is left
        """
        self.check_access("write")
        self.work_order_id._check_editable()
        for claim in self:
            lines = claim._get_free_lines()
            if not lines:
                raise UserError(
                    self.env._(
                        "Claim %(claim)s: no line of %(order)s is left that it covers. "
                        "Take programs and other claims off the lines first.",
                        claim=claim.name,
                        order=claim.work_order_id.name,
                    )
                )
            lines.claim_id = claim
        return True

    def _get_free_lines(self):
        """Lines of the order that the claim may bear and nobody else does."""
        self.ensure_one()
        categories = self._get_covered_categories()
        return self.work_order_id.line_ids.filtered(
            lambda line: line.cost_category in categories
            and not line.program_id
            and not line.claim_id
        )

    def action_approve(self):
        """The insurer bears his share."""
        self._set_state("approved", from_states=("draft", "rejected"))

    def action_reject(self):
        """The insurer does not pay: his share returns to the customer."""
        self._set_state("rejected", from_states=("draft", "approved"))

    def action_reset(self):
        """Back to waiting for the insurer's answer."""
        self._set_state("draft", from_states=("approved", "rejected"))

    def _set_state(self, state, from_states):
        self.check_access("write")
        self.work_order_id._check_editable()
        labels = dict(self._fields["state"]._description_selection(self.env))
        raise_together(
            [
                self.env._(
                    "Claim %(claim)s is %(state)s already.",
                    claim=claim.name,
                    state=labels[claim.state],
                )
                for claim in self
                if claim.state not in from_states
            ]
        )
        self.sudo().write({"state": state})

    @api.model
    def _get_deductible_grouping_keys(self):
        """Fields in which order lines are the same whose part of the deductible is one
        line.

        :return: list of field names
        """
        return ["cost_category", "income_account_id", "tax_ids"]

    def _group_insured_lines(self):
        """Lines the insurer bears a part of, put together as their deductible is.

        :return: list of recordsets, the line with the largest share first
        """
        self.ensure_one()
        lines = self.line_ids.filtered("amount_insurance").sorted(
            lambda line: abs(line.amount_insurance), reverse=True
        )
        names = self._get_deductible_grouping_keys()
        return list(group_by_fields(lines, names).values())

    def _split_deductible(self):
        """Allocate the applied deductible to what the insurer bears.

        :return: dict lines of a group → amount before tax in the order's currency; the
            residual of rounding is on the largest group
        """
        self.ensure_one()
        groups = self._group_insured_lines()
        parts = split_amount(
            self.deductible_applied,
            [sum(lines.mapped("amount_insurance")) for lines in groups],
            self.currency_id,
        )
        return {
            lines: part
            for lines, part in zip(groups, parts, strict=True)
            if not self.currency_id.is_zero(part)
        }

    def _get_deductible_by_line(self):
        """Parts of the deductible, by the order line that stands for its group.

        :return: dict order line → amount before tax in the order's currency
        """
        self.ensure_one()
        return {lines[0]: amount for lines, amount in self._split_deductible().items()}

    # The lines of the invoices that only a claim brings about.

    def _is_tax_paid_by_customer(self):
        """Whether the insurer pays these claims net; ``False`` without a claim."""
        return self.vat_payer == "customer"

    def _get_insured_taxes(self, taxes):
        """Taxes of what the insurer bears.

        :param taxes: the product's taxes
        :return: the same, or, where the customer pays them, the company's tax of what
            is not taxed; what the payer withholds stays
        """
        if not self._is_tax_paid_by_customer():
            return taxes
        return self.company_id.service_untaxed_tax_id | taxes._filter_withheld()

    def _get_deductible_parts(self, invoice_type):
        """Lines that move the deductible from the insurer to the customer.

        Positive for the customer, the same amount negative for the insurer, with the
        same category and account.

        :return: list of ``SharePart``
        """
        self.ensure_one()
        sign = 1 if invoice_type == "service" else -1
        name = self._describe_deductible()
        return [
            line._get_additional_part(name, invoice_type, sign * amount)._replace(
                is_deductible=True
            )
            for line, amount in self._get_deductible_by_line().items()
        ]

    def _describe_deductible(self):
        return self.env._("Deductible (own risk), claim %s", self.name)

    def _get_tax_parts(self):
        """Lines by which the customer pays the tax on the insurer's share.

        In pairs that add up to zero: the share as it is taxed, and the same amount
        taken off because the insurer pays it.

        :return: list of ``SharePart``
        """
        self.ensure_one()
        deductible = self._split_deductible()
        parts = []
        for lines in self._group_insured_lines():
            net = sum(lines.mapped("amount_insurance")) - deductible.get(lines, 0.0)
            if not self.currency_id.is_zero(net):
                pieces = sum(line._get_share_pieces("insurance") for line in lines)
                parts += self._get_tax_pair(lines[0], net, pieces)
        return parts

    def _get_tax_pair(self, line, net, pieces):
        """The two lines for one category, account and tax set.

        :param line: order line that stands for its group
        :param float net: what the insurer bears, before tax in the order's currency
        :param float pieces: what of their quantities the insurer bears
        """
        names = {
            "insurer": self.insurer_id.display_name,
            "claim": self.name,
        }
        taxed = line._get_additional_part(
            self.env._("Tax on the share of %(insurer)s, claim %(claim)s", **names),
            "service",
            net,
            pieces,
        )
        paid = self.env._("Paid by %(insurer)s, claim %(claim)s", **names)
        return [
            taxed._replace(
                taxes=line.tax_ids - line.tax_ids._filter_withheld(),
                tax_claim=self,
            ),
            SharePart(
                order_line=line,
                name=paid,
                category=line.cost_category,
                account=line._get_income_account(),
                taxes=self.company_id.service_untaxed_tax_id,
                amount=-net,
                tax_claim=self,
            ),
        ]
