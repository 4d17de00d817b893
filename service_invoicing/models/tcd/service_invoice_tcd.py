from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.guards import (
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
)


class ServiceInvoiceTcd(models.Model):
    """A tax, charge or discount on a document: a row of its T/C/D page."""

    _name = "service.invoice.tcd"
    _description = "Tax, Charge or Discount of a Work Order or an Invoice"
    _order = "sequence, id"
    _check_company_auto = True

    _one_document = models.Constraint(
        "CHECK((move_id IS NULL) <> (work_order_id IS NULL))",
        "A charge or discount belongs to one work order or to one invoice.",
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
    variant_id = fields.Many2one(
        "service.tcd.variant",
        compute="_compute_variant_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('tcd_id', '=', tcd_id)]",
        help="Proposed: the first of the code that is valid on the date of the "
        "document. It has to be valid there when the document is saved or "
        "authorized; for a row of the order that is the order date.",
    )
    level = fields.Selection(
        selection=[("order", "Order"), ("invoice", "Invoice")],
        compute="_compute_level",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Whether the row comes from the work order or was added on the invoice.",
    )
    rate = fields.Float(
        digits=(16, 4),
        compute="_compute_rate",
        store=True,
        readonly=False,
        precompute=True,
        help="Amount before tax, amount per unit or percentage, as the code says; of a "
        "tax, the sum of the rates of its taxes.",
    )
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What a unit rate counted at the last Save, in the unit of the code.",
    )
    taxable_amount = fields.Monetary(
        copy=False,
        help="What a percentage or a tax counted on at the last Save. On tax rows of "
        "invoices it can be changed where the company allows it, for instance to "
        "eleven twelfths: the tax is counted on that amount, divided over the lines "
        "in proportion, until the field is emptied.",
    )
    taxable_manual = fields.Boolean(
        string="Taxable Amount Typed",
        readonly=True,
        copy=False,
        help="The taxable amount was typed and is not found by Save.",
    )
    amount = fields.Monetary(
        readonly=True,
        copy=False,
        help="Found at the last Save: of a charge or discount the amount before tax, a "
        "discount being at most what it applies to; of a tax what its taxes yield on "
        "the lines it applies to, those that had them already among them.",
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

    @api.depends("tcd_id")
    def _compute_variant_id(self):
        for row in self:
            row.variant_id = row.tcd_id._get_variant(row._get_date())

    @api.depends("work_order_id")
    def _compute_level(self):
        for row in self:
            row.level = row.level or ("order" if row.work_order_id else "invoice")

    @api.depends("tcd_id", "variant_id")
    def _compute_rate(self):
        for row in self:
            if row.tcd_type == "tax":
                row.rate = row._get_tax_rate()
            else:
                row.rate = (row.variant_id or row.tcd_id).rate

    def _get_tax_rate(self):
        """Sum of the rates of the taxes, a withheld one negative."""
        self.ensure_one()
        taxes = self._get_taxes().flatten_taxes_hierarchy()
        return sum(taxes.mapped("amount"))

    @api.constrains("rate", "tcd_id", "variant_id")
    def _check_rate(self):
        errors = [error for row in self for error in row._get_rate_errors()]
        if errors:
            raise ValidationError("\n".join(errors))

    def _get_rate_errors(self):
        """What is wrong with code, variant and rate, whatever the document.

        :return: list of translated sentences
        """
        self.ensure_one()
        if self.variant_id and self.variant_id.tcd_id != self.tcd_id:
            return [
                self.env._(
                    "%(document)s: %(variant)s is no variant of %(code)s.",
                    document=self._get_document_label(),
                    variant=self.variant_id.display_name,
                    code=self.tcd_id.code,
                )
            ]
        if self.tcd_type == "tax":
            wrong = round(self.rate - self._get_tax_rate(), 4)
            message = self.env._(
                "%(document)s, %(code)s: the rate of a tax is that of its taxes and "
                "cannot be changed. Choose another code or variant.",
                document=self._get_document_label(),
                code=self.tcd_id.code,
            )
        else:
            wrong = self.rate < 0
            message = self.env._(
                "%(document)s, %(code)s: the rate is positive; the type of the code "
                "says whether it adds or deducts.",
                document=self._get_document_label(),
                code=self.tcd_id.code,
            )
        return [message] if wrong else []

    @api.model
    def _get_result_fields(self):
        """Fields that only Save writes → harmless value at creation."""
        return {"quantity": False, "amount": False, "taxable_manual": False}

    @api.model
    def _get_protected_values(self, vals):
        """Fields nobody writes by hand → harmless value at creation."""
        level = "order" if vals.get("work_order_id") else "invoice"
        return self._get_result_fields() | {"level": level}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            protected = self._get_protected_values(vals)
            refuse_protected_at_creation(self, protected, vals)
            if vals.get("taxable_amount"):
                vals["taxable_manual"] = True
        rows = super().create(vals_list)
        rows._check_open()
        rows.filtered("taxable_manual")._check_taxable_amount()
        self.env["service.move.guard"]._mark_change(rows.move_id)
        return rows

    def write(self, vals):
        protected = dict.fromkeys(self._get_protected_values(vals))
        refuse_protected(self, protected, vals)
        self._check_open()
        if "taxable_amount" in vals:
            vals = vals | {"taxable_manual": bool(vals["taxable_amount"])}
        res = super().write(vals)
        self._check_open()
        if vals.get("taxable_amount"):
            self._check_taxable_amount()
        self.env["service.move.guard"]._mark_change(self.move_id)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_open()
        self.env["service.move.guard"]._mark_change(self.move_id)

    def _set_results(self, vals):
        """Keep what Save has found, where it is something else than before.

        :param dict vals: result fields and the taxable amount
        """
        self.ensure_one()
        changed = {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_record(self[name], self) != value
        }
        return super(ServiceInvoiceTcd, self.sudo()).write(changed)

    def _check_open(self):
        """Rows change only before authorization, on orders only before the check, and
        only by who may change the document; on credit memos they never do.

        :raise UserError: naming the documents
        """
        for document in filter(None, (self.work_order_id, self.move_id)):
            document.check_access("write")
        self.work_order_id._check_editable()
        raise_together(
            [
                self.env._(
                    "%s: taxes, charges and discounts change only on service "
                    "invoices, and only before authorization.",
                    move._get_service_label(),
                )
                for move in self.move_id
                if not move.service_has_life_cycle
                or (move.move_type, move.state) != ("out_invoice", "draft")
            ]
        )

    def _check_taxable_amount(self):
        """:raise UserError: naming every row whose taxable amount cannot be changed"""
        raise_together(
            [
                self.env._(
                    "%(document)s, %(code)s: %(reason)s",
                    document=row._get_document_label(),
                    code=row.tcd_id.code,
                    reason=reason,
                )
                for row in self
                if (reason := row._get_taxable_refusal())
            ]
        )

    def _get_taxable_refusal(self):
        """Why the taxable amount of this row cannot be typed, or ``None``."""
        self.ensure_one()
        if not self.company_id.service_allow_taxable_amount:
            return self.env._(
                "the taxable amount cannot be changed. The company may allow it in the "
                "settings of service billing."
            )
        if self.tcd_type != "tax" or not self.move_id:
            return self.env._(
                "the taxable amount can be changed only on tax rows of invoices."
            )
        if self.currency_id.compare_amounts(self.taxable_amount, 0.0) < 0:
            return self.env._("the taxable amount is positive.")
        fixed = self._get_taxes().flatten_taxes_hierarchy()
        fixed = fixed.filtered(lambda tax: tax.amount_type == "fixed")
        if fixed:
            return self.env._(
                "%s is counted on the quantity and has no taxable amount.",
                fixed[0].display_name,
            )
        return None

    def _get_document_label(self):
        """What a person calls the document of the row."""
        self.ensure_one()
        if self.move_id:
            return self.move_id._get_service_label()
        return self.work_order_id.display_name

    def _get_date(self):
        """The day on which the variant has to be valid.

        That of the document; a row of the order keeps what was agreed there.
        """
        self.ensure_one()
        order = self.work_order_id
        if self.level == "order" and self.move_id:
            order = self.move_id.sudo().work_order_ids[:1]
        if order:
            return order.order_date or fields.Date.context_today(self)
        return self.move_id.invoice_date or fields.Date.context_today(self)

    def _prepare_invoice_row_vals(self):
        """Values of the row that carries an order's row to the service invoice."""
        self.ensure_one()
        vals = {
            "sequence": self.sequence,
            "tcd_id": self.tcd_id.id,
            "variant_id": self.variant_id.id,
            "level": "order",
        }
        # the rate of a tax is that of its taxes on the day
        return vals if self.tcd_type == "tax" else vals | {"rate": self.rate}
