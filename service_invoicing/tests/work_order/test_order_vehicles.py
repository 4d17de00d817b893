from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install", "service_alone")
class TestOrderVehicles(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls._new_vehicle()
        cls.foreign.license_plate = "A-1"
        cls.driven = cls._copy_vehicle("B-2", driver_id=cls.customer.id)
        cls.brought = cls._copy_vehicle("C-3")
        cls.order = cls._new_order((cls.part, 100, {}), vehicle_id=cls.brought.id)

    @classmethod
    def _copy_vehicle(cls, plate, **vals):
        vals = {"model_id": cls.foreign.model_id.id, "license_plate": plate, **vals}
        return cls.foreign.create(vals)

    def test_an_advisor_enters_the_customer_and_the_vehicle(self):
        env = self.env(user=self.advisor)
        customer = env["res.partner"].create({"name": "New customer"})
        brand = env["fleet.vehicle.model.brand"].create({"name": "New brand"})
        model = env["fleet.vehicle.model"].create(
            {"name": "New model", "brand_id": brand.id}
        )
        with Form(env["fleet.vehicle"]) as form:
            form.model_id = model
            form.license_plate = "D-4"
            form.driver_id = customer
            form.odometer = 1200
        vehicle = form.save()
        vehicle.license_plate = "D-44"
        self.assertEqual(vehicle.odometer, 1200)
        for record in (vehicle, model, brand):
            with self.assertRaises(AccessError):
                record.unlink()

    def _search(self, partner=None, name="", limit=100, user=None):
        vehicles = self.foreign.with_user(user or self.advisor)
        if partner:
            vehicles = vehicles.with_context(service_customer_id=partner.id)
        ours = self.foreign | self.driven | self.brought
        domain = [("id", "in", ours.ids)]
        found = vehicles.name_search(name, domain, limit=limit)
        return [vehicles.browse(pair[0]).license_plate for pair in found]

    def test_vehicles_of_the_customer_come_first(self):
        self.assertEqual(self._search(), ["A-1", "B-2", "C-3"])
        self.assertEqual(self._search(self.customer), ["B-2", "C-3", "A-1"])
        self.assertEqual(self._search(self.customer, limit=2), ["B-2", "C-3"])
        self.assertEqual(self._search(self.customer, limit=1), ["B-2"])
        self.assertEqual(self._search(self.customer, limit=None), ["B-2", "C-3", "A-1"])
        self.assertEqual(self._search(self.customer, name="A-1"), ["A-1"])
        self.assertEqual(self._search(self.sponsor), ["A-1", "B-2", "C-3"])
        # a fleet's contact finds what another of its contacts brought
        contact = self._new_partner("Contact", parent_id=self.customer.id)
        self.assertEqual(self._search(contact), ["B-2", "C-3", "A-1"])

    def test_vehicles_are_found_without_a_right_on_orders(self):
        user = self._new_user("driver", "group_service_advisor")
        user.sudo().group_ids = self.env.ref("fleet.fleet_group_user")
        self.assertEqual(self._search(self.customer, user=user), ["B-2", "A-1", "C-3"])

    def test_the_vehicle_proposes_who_brought_it_last(self):
        orders = self.order.with_user(self.advisor)
        for vehicle, customer in (
            (self.brought, self.customer),
            (self.driven, self.customer),
            (self.foreign, self.env["res.partner"]),
        ):
            with self.subTest(vehicle.license_plate):
                form = Form(orders.browse())
                form.vehicle_id = vehicle
                self.assertEqual(form.partner_id, customer)
        form = Form(orders.browse())
        form.partner_id = self.sponsor
        form.vehicle_id = self.brought
        self.assertEqual(form.partner_id, self.sponsor, "who was chosen stays")

    def test_the_order_shows_what_was_done_on_its_vehicle(self):
        second = self._new_order((self.part, 50, {}), vehicle_id=self.brought.id)
        # what is done is often archived
        self._bill(self.order)
        self.order.action_archive()
        second = second.with_user(self.advisor)
        self.assertEqual(second.vehicle_order_count, 2)
        action = second.action_view_vehicle_orders()
        orders = self.order.with_context(**action["context"]).search(action["domain"])
        self.assertEqual(orders, second.sudo() | self.order)
        self.assertEqual(self.brought.with_user(self.advisor).service_order_count, 2)
