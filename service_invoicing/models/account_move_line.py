from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..tools.cost_category import ADDITIONAL_CHARGE, COST_CATEGORIES


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    service_cost_category = fields.Selection(
        selection=COST_CATEGORIES,
        string="Cost Category",
        compute="_compute_service_cost_category",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the line stands in the invoice summary.",
    )
    service_order_line_id = fields.Many2one(
        "service.work.order.line",
        string="Work Order Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    service_deductible = fields.Boolean(
        string="Deductible",
        readonly=True,
        help="Moves the own risk of a claim from the insurer to the customer.",
    )
    service_tcd_id = fields.Many2one(
        "service.tcd",
        string="T/C/D Code",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The charge or discount this line was made from when the invoice was "
        "saved.",
    )

    service_tax_claim_id = fields.Many2one(
        "service.insurance.claim",
        string="Claim Taxed to Customer",
        readonly=True,
        index="btree_not_null",
        help="The line is one of a pair that adds up to zero: by it the customer pays "
        "the tax on what the insurer of this claim pays net.",
    )

    def _is_moved_from_insurer(self):
        """Whether the line bills no work but what the insurer does not pay of it."""
        return self.service_deductible or bool(self.service_tax_claim_id)

    def _auto_init(self):
        # As on the invoice: no line has a category when the add-on is installed.
        if not column_exists(self.env.cr, self._table, "service_cost_category"):
            create_column(self.env.cr, self._table, "service_cost_category", "varchar")
        return super()._auto_init()

    @api.depends("product_id", "move_id.service_invoice_type")
    def _compute_service_cost_category(self):
        for line in self:
            if line.move_id.service_invoice_type and line.display_type == "product":
                template = line.product_id.product_tmpl_id
                line.service_cost_category = (
                    template._get_service_cost_category() or line.service_cost_category
                )
            else:
                line.service_cost_category = line.service_cost_category

    def _copy_data_extend_business_fields(self, values):
        res = super()._copy_data_extend_business_fields(values)
        values["service_order_line_id"] = self.service_order_line_id.id
        return res

    def _get_service_bucket(self, amount):
        """Place of this line in the invoice summary.

        :param float amount: amount of the line, positive when it raises the total
        :return: cost category, tax, charge, discount or withholding; ``None`` for
            lines that are no part of the invoiced amount
        """
        self.ensure_one()
        if self.display_type == "tax":
            return "withholding" if self.tax_line_id.service_withholding else "tax"
        if self.display_type == "rounding":
            return "charge" if amount >= 0 else "discount"
        if self.display_type != "product":
            return None
        if self.service_tcd_id:
            return self.service_tcd_id.tcd_type
        return self.service_cost_category or ADDITIONAL_CHARGE
