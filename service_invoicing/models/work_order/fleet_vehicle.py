from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from ...tools.actions import open_menu
from ...tools.arguments import expects


class FleetVehicle(models.Model):
    """The vehicle in the workshop: whose it is, and what was done on it."""

    _inherit = "fleet.vehicle"

    service_order_ids = fields.One2many(
        "service.work.order",
        "vehicle_id",
        string="Work Orders",
        context={"active_test": False},
        groups="service_invoicing.group_service_advisor",
    )
    service_order_count = fields.Integer(
        compute="_compute_service_order_count",
        groups="service_invoicing.group_service_advisor",
    )

    def _compute_service_order_count(self):
        orders = self.env["service.work.order"].with_context(active_test=False)
        counts = self._count_on_vehicles(orders)
        for vehicle in self:
            vehicle.service_order_count = counts[vehicle]

    def _format_odometer(self, reading):
        """A reading with the unit of the vehicle, empty when it is zero."""
        if not reading:
            return ""
        units = dict(self._fields["odometer_unit"]._description_selection(self.env))
        unit = units.get(self.odometer_unit, "")
        return f"{formatLang(self.env, reading, digits=0)} {unit}".strip()

    def _count_on_vehicles(self, documents):
        """:param documents: model of what has a vehicle
        :return: dict vehicle → how many it has"""
        rows = documents._read_group(
            [("vehicle_id", "in", self.ids)], ["vehicle_id"], ["__count"]
        )
        return defaultdict(int, rows)

    @expects(one=True)
    def action_view_service_orders(self):
        """Work orders of the vehicle, the latest first."""
        return open_menu(
            self.env,
            "service_invoicing.service_work_order_action",
            [("vehicle_id", "=", self.id)],
            default_vehicle_id=self.id,
            active_test=False,
        )

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Vehicles of the customer whom the context names come before all others."""
        customer = self.env.context.get("service_customer_id")
        if not customer:
            return super().name_search(name, domain, operator, limit)
        domain = Domain(domain or Domain.TRUE)
        own = self._get_service_customer_domain(customer)
        found = super().name_search(name, domain & own, operator, limit)
        left = limit and limit - len(found)
        if left or not limit:
            others = Domain("id", "not in", [pair[0] for pair in found])
            found += super().name_search(name, domain & others, operator, left)
        return found

    @api.model
    def _get_service_customer_domain(self, partner_id):
        """Vehicles that a customer drives, or brought before if the user may know.

        :param int partner_id: customer of a work order
        """
        customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
        driven = Domain("driver_id", "child_of", customer.ids)
        if not self.env["service.work.order"].has_access("read"):
            return driven
        return driven | Domain("service_order_ids.partner_id", "child_of", customer.ids)

    def _get_service_customer(self):
        """Who brought the vehicle the last time, else who drives it."""
        self.ensure_one()
        orders = self.env["service.work.order"].with_context(active_test=False)
        last = orders.search(
            [("vehicle_id", "in", self.ids), ("state", "!=", "cancel")],
            order="order_date desc, id desc",
            limit=1,
        )
        return last.partner_id or self.driver_id
