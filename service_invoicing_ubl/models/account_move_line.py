from odoo import models

from ..tools.references import Period


class AccountMoveLine(models.Model):
    """What a line of ours says in every electronic format."""

    _inherit = "account.move.line"

    def _get_einvoice_release(self):
        """The releases these lines bill, or take back."""
        lines = self.sudo()
        lines |= lines.service_credited_line_id
        return lines.service_release_line_id.release_id | lines.service_release_id

    def _get_einvoice_period(self):
        """The period this line bills (BT-134, BT-135), ``None`` without one."""
        self.ensure_one()
        return Period.around(
            Period(release.period_from, release.period_to)
            for release in self._get_einvoice_release()
            if release.period_from and release.period_to
        )

    def _get_einvoice_properties(self, has_vehicle):
        """What is known of the thing that was worked on: its odometer, and which one it
        is, where the document is about several.

        :param has_vehicle: whether the line names the vehicle
        :return: list of pairs of name and value
        """
        self.ensure_one()
        order = self.sudo().service_order_line_id.order_id
        vehicle = (
            order.vehicle_id or self._get_einvoice_release().agreement_id.vehicle_id
        )
        found = []
        if has_vehicle and len(vehicle) == 1 and vehicle.license_plate:
            found.append((self.env._("Vehicle"), vehicle.license_plate))
        if order.odometer:
            reading = order.vehicle_id._get_einvoice_odometer(order.odometer)
            found.append((self.env._("Odometer"), reading))
        return found

    def _get_einvoice_kinds(self):
        """What is billed, as the French reform tells it: B for goods, S for services,
        one of them per line. A line without product is what its cost category says;
        what deducts an advance is neither."""
        for line in self:
            if line.service_prepayment_id:
                continue
            is_goods = (
                line.product_id.type == "consu"
                if line.product_id
                else line.service_cost_category == "material"
            )
            yield "B" if is_goods else "S"

    def _has_einvoice_vat(self):
        """Whether a tax says the VAT category of this line."""
        return self.tax_ids._has_einvoice_vat()
