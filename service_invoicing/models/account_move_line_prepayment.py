from odoo import api, fields, models


class AccountMoveLine(models.Model):
    """Lines of prepayment invoices, and lines of invoices that deduct them."""

    _inherit = "account.move.line"

    service_work_order_id = fields.Many2one(
        "service.work.order",
        string="Work Order",
        index="btree_not_null",
        copy=False,
        check_company=True,
        help="The order a line of a direct prepayment is meant for, if there is one "
        "already. It is a note: such a prepayment is adjusted by hand.",
    )
    service_prepayment_id = fields.Many2one(
        "account.move",
        string="Deducted Prepayment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The prepayment invoice this line takes up.",
    )

    @api.model
    def _get_service_protected_fields(self):
        return super()._get_service_protected_fields() | {"service_prepayment_id"}

    def _filter_prepayment_lines(self):
        """Those of these lines that are the liability of a prepayment invoice."""
        return self.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tcd_id
            and line.move_id._is_prepayment_document()
        )

    def _compute_account_id(self):
        """Prepayments are a liability, whatever product stands for them."""
        res = super()._compute_account_id()
        for line in self._filter_prepayment_lines():
            move = line.move_id
            account = move.company_id.service_prepayment_account_id
            if account:
                line.account_id = move.fiscal_position_id.map_account(account)
        return res

    def _get_computed_taxes(self):
        """Without tax in mode entry; what the payer withholds he withholds from the
        invoice of the work."""
        taxes = super()._get_computed_taxes()
        if not taxes or not self._filter_prepayment_lines():
            return taxes
        if self.move_id.service_prepayment_mode == "entry":
            return taxes.browse()
        return taxes - taxes._filter_withheld()

    def _check_edi_line_tax_required(self):
        """An advance without tax is no supply yet."""
        is_untaxed = (
            self.move_id.service_prepayment_mode == "entry"
            and self._filter_prepayment_lines()
        )
        return not is_untaxed and super()._check_edi_line_tax_required()
