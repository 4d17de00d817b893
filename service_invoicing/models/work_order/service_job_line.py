from odoo import fields, models


class ServiceJobLine(models.Model):
    """One product of a job; price, taxes and payers are the order's matter."""

    _name = "service.job.line"
    _description = "Service Job Line"
    _order = "job_id, sequence, id"
    _check_company_auto = True

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "The quantity of a job's line must be more than zero."
    )

    job_id = fields.Many2one(
        "service.job", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="job_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        domain=[("sale_ok", "=", True)],
        ondelete="restrict",
    )
    name = fields.Text(
        string="Description",
        translate=True,
        help="Text of the order's line; empty: that of the product.",
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)

    def _prepare_order_line_vals(self):
        """Values of the work order's line; what is missing the product proposes."""
        self.ensure_one()
        vals = {"product_id": self.product_id.id, "quantity": self.quantity}
        return vals | ({"name": self.name} if self.name else {})
