from odoo import api, fields, models

from ..tools.guards import (
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
)


class ServiceInvoiceTcd(models.Model):
    _name = "service.invoice.tcd"
    _description = "Charge or Discount of a Work Order or an Invoice"
    _order = "sequence, id"
    _check_company_auto = True

    _one_document = models.Constraint(
        "CHECK((move_id IS NULL) <> (work_order_id IS NULL))",
        "A charge or discount belongs to one work order or to one invoice.",
    )
    _rate_positive = models.Constraint(
        "CHECK(rate >= 0)",
        "The rate is positive; the type of the code says whether it adds or deducts.",
    )

    sequence = fields.Integer(default=10)
    move_id = fields.Many2one(
        "account.move", index="btree_not_null", ondelete="cascade"
    )
    work_order_id = fields.Many2one(
        "service.work.order", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_document", store=True, index=True
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_document", store=True
    )
    tcd_id = fields.Many2one(
        "service.tcd", string="Code", required=True, check_company=True
    )
    tcd_type = fields.Selection(related="tcd_id.tcd_type")
    basis = fields.Selection(related="tcd_id.basis")
    level = fields.Selection(
        selection=[("order", "Order"), ("invoice", "Invoice")],
        compute="_compute_level",
        store=True,
        readonly=False,
        precompute=True,
        help="Whether the row comes from the work order or was added on the invoice.",
    )
    rate = fields.Float(
        digits=(16, 4),
        compute="_compute_rate",
        store=True,
        readonly=False,
        precompute=True,
        help="Amount before tax, or percentage, as the code says.",
    )
    taxable_amount = fields.Monetary(
        readonly=True, copy=False, help="What a percentage counted on at the last Save."
    )
    amount = fields.Monetary(
        readonly=True, copy=False, help="Amount before tax found at the last Save."
    )

    @api.depends(
        "move_id.company_id",
        "move_id.currency_id",
        "work_order_id.company_id",
        "work_order_id.currency_id",
    )
    def _compute_document(self):
        for row in self:
            document = row.move_id or row.work_order_id
            row.company_id = document.company_id or self.env.company
            row.currency_id = document.currency_id or row.company_id.currency_id

    @api.depends("work_order_id")
    def _compute_level(self):
        for row in self:
            row.level = row.level or ("order" if row.work_order_id else "invoice")

    @api.depends("tcd_id")
    def _compute_rate(self):
        for row in self:
            row.rate = row.tcd_id.rate

    @api.model
    def _get_result_fields(self):
        """Fields that only Save writes → harmless value at creation."""
        return {"taxable_amount": False, "amount": False}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected_at_creation(self, self._get_result_fields(), vals)
        rows = super().create(vals_list)
        rows._check_open()
        return rows

    def write(self, vals):
        refuse_protected(self, dict.fromkeys(self._get_result_fields()), vals)
        self._check_open()
        res = super().write(vals)
        self._check_open()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_open()

    def _check_open(self):
        """Rows change only before authorisation, on orders only before the check.

        :raise UserError: naming the documents
        """
        self.work_order_id._check_editable()
        raise_together(
            [
                self.env._(
                    "%s: charges and discounts change only before authorisation.",
                    move._get_service_label(),
                )
                for move in self.move_id
                if move.state != "draft"
            ]
        )

    def _prepare_invoice_row_vals(self):
        """Values of the row that carries an order's row to the service invoice."""
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "tcd_id": self.tcd_id.id,
            "rate": self.rate,
            "level": "order",
        }

    def _compute_tcd_amount(self, base):
        """Amount of the row.

        :param float base: what a percentage counts on, in the document's currency
        :return: amount before tax, rounded to the document's currency
        """
        self.ensure_one()
        amount = base * self.rate / 100.0 if self.basis == "percentage" else self.rate
        return self.currency_id.round(amount)
