from odoo import models


class ServicePrintNotes(models.AbstractModel):
    """What the print of an invoice tells its payer in words, below the lines."""

    _name = "service.print.notes"
    _description = "Notes of a Print"

    def _describe_prepayment(self, move):
        """What a prepayment invoice is and what becomes of it, for its payer.

        :return: text in the language of the environment, empty for other documents
        """
        if not move._is_service_prepayment():
            return ""
        if move.service_prepayment_mode == "deduction":
            return self.env._(
                "This is a request for an advance payment. The amount received is "
                "deducted, with its tax, on the invoice of the work."
            )
        return self.env._(
            "This is a request for an advance payment; it bears no tax. The amount "
            "received is set against the invoice of the work, on which the tax is "
            "charged."
        )

    def _describe_settling_prepayment(self, move, payment_vals):
        """What the print calls a payment that no money was received for.

        :param dict payment_vals: an item of core's payments widget
        :return: text in the payer's language, empty for receipts and credit memos
        """
        entry = move.sudo().browse(payment_vals.get("move_id"))
        prepayment = entry.service_adjusted_prepayment_id
        if not prepayment:
            return ""
        return self.env["service.prepayment.deduction"]._describe(move, prepayment)

    def _get_next_services(self, move):
        """Next services of the vehicles on the invoice of a whole job.

        :return: list of texts, one per order that has one; with the plate where there
            are several
        """
        if not self.env["service.print.columns"]._bills_whole_job(move):
            return []
        orders = move.sudo().work_order_ids
        texts = [(order, order._describe_next_service()) for order in orders]
        return [
            f"{order.license_plate}: {text}"
            if len(orders) > 1 and order.license_plate
            else text
            for order, text in texts
            if text
        ]
