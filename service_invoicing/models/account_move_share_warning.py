from odoo import api, fields, models


class AccountMove(models.Model):
    """An invoice that was changed by hand no longer bills its share exactly."""

    _inherit = "account.move"

    service_share_warning = fields.Char(
        compute="_compute_service_share_warning",
        help="How far an invoice that is not authorised yet differs from the share of "
        "its work orders.",
    )

    @api.depends(
        "state",
        "work_order_ids",
        "invoice_line_ids.price_subtotal",
        "invoice_line_ids.service_tcd_id",
    )
    def _compute_service_share_warning(self):
        for move in self:
            is_open = move.state == "draft"
            move.service_share_warning = is_open and move._get_share_warning()

    def _get_share_warning(self):
        """What the invoice bills and what the share is, where these differ.

        Charges and discounts of the invoice are not counted. Prices that include tax
        may give way by a smallest unit, and lines that are rounded together.

        :return: translated sentence, or ``False``
        """
        self.ensure_one()
        # whoever may read the invoice may know what it should bill
        orders = self.sudo().work_order_ids._origin
        if not orders or self.move_type != "out_invoice":
            return False
        if self._is_prepayment_document():
            return False
        share = sum(order._get_share_on_invoice(self._origin) for order in orders)
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tcd_id
            and not line.service_prepayment_id
            and not line.service_release_line_id
        )
        billed = sum(lines.mapped("price_subtotal"))
        slack = len(orders) * self.currency_id.rounding
        slack += self._get_document_rounding(lines)
        if self.currency_id.compare_amounts(abs(billed - share), slack) <= 0:
            return False
        return self.env._(
            "%(number)s bills %(billed)s before tax, the share of %(orders)s is "
            "%(share)s.",
            number=self._get_service_label(),
            billed=self.currency_id.format(billed),
            orders=", ".join(orders.mapped("name")),
            share=self.currency_id.format(share),
        )

    def _post(self, soft=True):
        warnings = {
            move: move.service_share_warning
            for move in self._filter_service_life_cycle()
            if move.service_share_warning
        }
        posted = super()._post(soft)
        for move, warning in warnings.items():
            if move in posted:
                for document in (move, *move.sudo().work_order_ids):
                    document._message_log(
                        body=self.env._("Authorised although: %s", warning)
                    )
        return posted
