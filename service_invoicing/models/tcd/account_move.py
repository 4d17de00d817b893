from functools import partial

from odoo import api, fields, models

from ...tools.tcd import ScopeLine


class AccountMove(models.Model):
    """Taxes, charges and discounts: rows of the document, brought on its lines at
    Save."""

    _inherit = "account.move"

    service_tcd_ids = fields.One2many(
        "service.invoice.tcd",
        "move_id",
        string="Taxes, Charges and Discounts",
        copy=False,
    )
    service_allow_taxable_amount = fields.Boolean(
        related="company_id.service_allow_taxable_amount"
    )
    service_amount_tcd = fields.Monetary(
        string="Total T/C/D",
        compute="_compute_service_amount_tcd",
        help="All taxes of the invoice without withholding, those of the products "
        "among them, + charges − discounts: what the total is above the cost "
        "categories. A positive amount is debited to the customer. Of the lines as "
        "they stand since the last Save.",
    )

    @api.depends(
        "service_amount_tax", "service_amount_charge", "service_amount_discount"
    )
    def _compute_service_amount_tcd(self):
        for move in self:
            move.service_amount_tcd = (
                move.service_amount_tax
                + move.service_amount_charge
                - move.service_amount_discount
            )

    def _add_automatic_tcd(self, vals_list):
        """Give new service invoices without a work order the codes of the company that
        add themselves; those of an order have come with the order's rows."""
        invoices = self.filtered(
            lambda move: move.service_invoice_type == "service"
            and move.move_type == "out_invoice"
            and not move.sudo().work_order_ids
            # one that replaces the invoice of an order
            and not move.sudo().invoice_line_ids.service_order_line_id
        )
        if not invoices:
            return
        codes = self.env["service.tcd"]._get_auto_codes(invoices.company_id)
        # the rows are the company's wish, whoever makes the invoice
        self.env["service.invoice.tcd"].sudo().create(
            [
                {"move_id": move.id, "tcd_id": code.id}
                for move in invoices
                for code in codes.get(move.company_id, ())
                if code not in move.service_tcd_ids.tcd_id
            ]
        )

    def _recount_typed_taxes(self, vals):
        """An amount that was typed in another currency says nothing any more.

        :return: function that follows the change, ``None`` without any
        """
        if "currency_id" not in vals:
            return None
        recounted = self.filtered(lambda m: m.currency_id.id != vals["currency_id"])
        typed = recounted.service_tcd_ids.filtered("taxable_manual")
        return partial(typed._set_results, {"taxable_manual": False}) if typed else None

    def _sync_waiting_tcd(self, vals):
        """What waits for authorization shows what it will be posted with; what cannot
        be saved now says so at *Save*.

        :return: function that follows the change, ``None`` without any
        """
        if self.env.su or not {"service_tcd_ids", "invoice_line_ids"} & vals.keys():
            return None
        waiting = self.filtered(
            lambda move: move.service_stage == "fresh" and move.state == "draft"
        )
        return waiting._sync_complete_tcd if waiting else None

    def _sync_complete_tcd(self):
        self.filtered(
            lambda move: move.service_tcd_ids
            and not move.service_tcd_ids._get_save_errors()
        )._sync_service_tcd()

    def _sync_service_tcd(self):
        """Bring the lines in line with what the rows say now."""
        self.env["service.tcd.sheet"]._sync(self)

    def _get_tcd_scope_lines(self):
        """What the rows count on; a line without category counts as additional charge.

        :return: list of ``ScopeLine``
        """
        self.ensure_one()
        return [
            ScopeLine(
                category=line._get_scope_category(),
                taxes=line._get_taxes_without_rows(),
                amount=line.price_subtotal,
                quantity=line._get_work_quantity(),
                uom=line._get_work_uom(),
            )
            for line in self.env["service.tcd.sheet"]._get_lines_in_scope(self)
        ]
