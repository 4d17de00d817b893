from math import inf, nan

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestNumberMarkup(MaintenanceCommon):
    """Numbers by service type, and what is charged on top of the purchase price."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        types = cls.env["fleet.service.type"]
        cls.tyres, cls.trim = types.create(
            [{"name": name, "category": "service"} for name in ("Tyres", "Tyre trim")]
        )
        cls.maker = cls._create_user("user")

    @classmethod
    def _create_user(cls, *names):
        groups = [f"maintenance_reinvoice.group_maintenance_{name}" for name in names]
        return new_test_user(
            cls.env,
            "_".join(names),
            groups=",".join(groups),
            company_id=cls.company.id,
        )

    def _create_sequence(self, prefix, **vals):
        values = {"name": prefix, "prefix": prefix, "padding": 3, **vals}
        return self.env["ir.sequence"].sudo().create(values).sudo(False)

    def _create_typed(self, service_type, **vals):
        return self._create_permission(
            self.vehicle_a,
            [],
            approve=False,
            service_type_id=service_type and service_type.id,
            **vals,
        )

    # -- number series ----------------------------------------------------------

    def test_series_of_the_service_type(self):
        self.tyres.action_create_maintenance_sequence()
        first, second = self._create_typed(self.tyres), self._create_typed(self.tyres)
        self.assertRegex(first.name, r"^MP-TYR/\d{4}/00001$")
        self.assertRegex(second.name, r"^MP-TYR/\d{4}/00002$")

    def test_general_series_without_one(self):
        self.tyres.action_create_maintenance_sequence()
        for service_type in (self.trim, False):
            self.assertRegex(self._create_typed(service_type).name, r"^MP/\d{4}/\d{5}$")

    def test_chosen_series(self):
        self.tyres.maintenance_sequence_id = self._create_sequence("WHEEL-")
        self.assertEqual(self._create_typed(self.tyres).name, "WHEEL-001")

    def test_number_of_the_form_and_of_the_context(self):
        self.tyres.maintenance_sequence_id = self._create_sequence("WHEEL-")
        permissions = self.env["maintenance.permission"]
        form = Form(permissions.with_context(default_service_type_id=self.tyres.id))
        form.vehicle_id = self.vehicle_a
        self.assertEqual(form.save().name, "WHEEL-001")

    def test_typed_number_is_kept_and_costs_none(self):
        self.tyres.maintenance_sequence_id = self._create_sequence("WHEEL-")
        self.assertEqual(self._create_typed(self.tyres, name="OLD-7").name, "OLD-7")
        self.assertEqual(self._create_typed(self.tyres).name, "WHEEL-001")

    def test_imported_permissions_get_numbers(self):
        self.tyres.maintenance_sequence_id = self._create_sequence("WHEEL-")
        result = self.env["maintenance.permission"].load(
            ["vehicle_id/.id", "service_type_id/.id"],
            [[str(self.vehicle_a.id), str(self.tyres.id)]] * 2,
        )
        permissions = self.env["maintenance.permission"].browse(result["ids"])
        self.assertEqual(permissions.mapped("name"), ["WHEEL-001", "WHEEL-002"])

    def test_service_type_of_the_line_is_logged(self):
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 1.0}, {"purchase_price": 2.0}],
            service_type_id=self.tyres.id,
        )
        self.assertEqual(permission.line_ids.service_type_id, self.tyres)
        permission.line_ids[1].service_type_id = self.trim
        self._create_bill(permission)
        logs = self.env["fleet.vehicle.log.services"].sudo()
        found = logs.search([("vehicle_id", "=", self.vehicle_a.id)])
        self.assertEqual(
            {log.amount: log.service_type_id for log in found},
            {1.0: self.tyres, 2.0: self.trim},
        )

    def test_changed_service_type_keeps_the_number(self):
        permission = self._create_typed(self.tyres, name="OLD-8")
        self.trim.action_create_maintenance_sequence()
        permission.service_type_id = self.trim
        self.assertEqual(permission.name, "OLD-8")

    def test_names_that_begin_alike_get_different_prefixes(self):
        (self.tyres + self.trim).action_create_maintenance_sequence()
        self.assertEqual(
            (self.tyres + self.trim).maintenance_sequence_id.mapped("prefix"),
            ["MP-TYR/%(year)s/", "MP-TYRE/%(year)s/"],
        )

    def test_same_name_twice(self):
        again = self.tyres.copy()
        short = self.tyres.copy({"name": "A+"})
        again.name = self.tyres.name = "Oil"
        types = self.tyres + again + short
        types.action_create_maintenance_sequence()
        self.assertEqual(len(set(types.maintenance_sequence_id.mapped("prefix"))), 3)

    def test_second_series_is_refused(self):
        self.tyres.action_create_maintenance_sequence()
        with self.assertRaisesRegex(UserError, "already: Tyres"):
            (self.tyres + self.trim).action_create_maintenance_sequence()
        self.assertFalse(self.trim.maintenance_sequence_id)

    def test_series_that_would_give_the_same_numbers(self):
        self.tyres.maintenance_sequence_id = self._create_sequence("WHEEL-")
        with self.assertRaisesRegex(ValidationError, "Give it another prefix"):
            self.trim.maintenance_sequence_id = self._create_sequence("WHEEL-")
        with self.assertRaisesRegex(ValidationError, "Give it another prefix"):
            self.trim.maintenance_sequence_id = self._create_sequence("MP/%(year)s/")
        # one series for two types gives each number once
        self.trim.maintenance_sequence_id = self.tyres.maintenance_sequence_id
        names = [self._create_typed(kind).name for kind in (self.tyres, self.trim)]
        self.assertEqual(names, ["WHEEL-001", "WHEEL-002"])

    def test_each_company_has_its_series(self):
        other = self.setup_other_company()["company"]
        self.tyres.action_create_maintenance_sequence()
        abroad = self.tyres.with_context(allowed_company_ids=other.ids)
        self.assertFalse(abroad.maintenance_sequence_id)
        abroad.action_create_maintenance_sequence()
        self.assertEqual(abroad.maintenance_sequence_id.company_id, other)
        self.assertNotEqual(
            abroad.maintenance_sequence_id, self.tyres.maintenance_sequence_id
        )
        with self.assertRaisesRegex(ValidationError, self.company.name):
            abroad.maintenance_sequence_id = self.tyres.maintenance_sequence_id

    def test_series_are_the_managers(self):
        approver = self._create_user("approver")
        with self.assertRaises(AccessError):
            self.tyres.with_user(approver).action_create_maintenance_sequence()
        with self.assertRaises(AccessError):
            self.tyres.with_user(approver).write({"maintenance_sequence_id": False})
        approver.sudo().group_ids += self.env.ref(
            "maintenance_reinvoice.group_maintenance_manager"
        )
        self.assertFalse(approver.has_group("base.group_system"))
        self.tyres.with_user(approver).action_create_maintenance_sequence()
        self.assertTrue(self.tyres.maintenance_sequence_id)

    def test_user_draws_numbers_of_a_series(self):
        self.tyres.maintenance_sequence_id = self._create_sequence("WHEEL-")
        permissions = self.env["maintenance.permission"]
        permission = permissions.with_user(self.maker).create(
            {"vehicle_id": self.vehicle_a.id, "service_type_id": self.tyres.id}
        )
        self.assertEqual(permission.name, "WHEEL-001")

    # -- mark-up ----------------------------------------------------------------

    def _create_line(self, price=100.0, **vals):
        line = {"purchase_price": price, **vals}
        return self._create_permission(self.vehicle_a, [line], approve=False).line_ids

    def test_contracts_markup_goes_before_the_customers(self):
        self.customer.maintenance_markup_percent = 10.0
        self.assertEqual(self._create_line().amount_to_reinvoice, 110.0)
        self.contract_a.markup_percent = 5.0
        line = self._create_line()
        self.assertEqual(line.markup_percent, 5.0)
        self.assertEqual(line.amount_to_reinvoice, 105.0)

    def test_markup_of_the_customers_company(self):
        child = self._create_partner("Branch", parent_id=self.customer.id)
        self.customer.maintenance_markup_percent = 10.0
        self.contract_a.partner_id = child
        self.assertEqual(self._create_line().amount_to_reinvoice, 110.0)

    def test_rounded_to_the_currency(self):
        self.contract_a.markup_percent = 7.25
        # 33.33 * 1.0725 = 35.746...
        self.assertEqual(self._create_line(33.33).amount_to_reinvoice, 35.75)

    def test_markup_in_the_currency_of_the_sale(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self.contract_a.write({"currency_id": euro.id, "markup_percent": 10.0})
        # 100 are 50 EUR, with 10 % 55 EUR
        self.assertEqual(self._create_line().amount_to_reinvoice, 55.0)

    def test_ticking_proposes_it(self):
        self.contract_a.markup_percent = 10.0
        line = self._create_line(reinvoice=False)
        self.assertEqual(line.amount_to_reinvoice, 0.0)
        line.reinvoice = True
        self.assertEqual(line.amount_to_reinvoice, 110.0)

    def test_form_proposes_it(self):
        self.contract_a.markup_percent = 10.0
        with Form(self.env["maintenance.permission"]) as form:
            form.vehicle_id = self.vehicle_a
            with form.line_ids.new() as line:
                line.product_id = self.service
                line.purchase_price = 50.0
                line.reinvoice = True
                self.assertEqual(line.amount_to_reinvoice, 55.0)
        self.assertEqual(form.record.line_ids.amount_to_reinvoice, 55.0)

    def test_markup_is_the_limit(self):
        self.contract_a.markup_percent = 10.0
        line = self._create_line()
        with self.assertRaisesRegex(ValidationError, "110.00 with its mark-up of 10"):
            line.amount_to_reinvoice = 110.01
        line.amount_to_reinvoice = 109.0
        line.write({"markup_allowed": True, "amount_to_reinvoice": 150.0})
        self.assertEqual(line.amount_to_reinvoice, 150.0)

    def test_compensation_is_passed_on_as_it_is(self):
        self.contract_a.markup_percent = 10.0
        line = self._create_line(-300.0)
        self.assertEqual(line.amount_to_reinvoice, -300.0)
        with self.assertRaises(ValidationError):
            line.amount_to_reinvoice = -300.01

    def test_excessive_wear_has_no_markup(self):
        self.contract_a.markup_percent = 10.0
        line = self._create_line(reinvoice_method="excessive_wear")
        self.assertEqual(line.amount_to_reinvoice, 0.0)

    def test_later_markup_leaves_what_was_charged(self):
        self.contract_a.markup_percent = 10.0
        line = self._create_line()
        self.contract_a.markup_percent = 2.0
        line.reinvoice_method = "individual"
        line.amount_to_reinvoice = 108.0
        self.assertEqual(line.amount_to_reinvoice, 108.0)
        self.assertEqual(self._create_line().amount_to_reinvoice, 102.0)

    def test_copied_line_is_proposed_anew(self):
        self.contract_a.markup_percent = 10.0
        permission = self._create_line().permission_id
        allowed = self._create_line(markup_allowed=True, amount_to_reinvoice=200.0)
        self.contract_a.markup_percent = 2.0
        self.assertEqual(permission.copy().line_ids.amount_to_reinvoice, 102.0)
        copied = allowed.permission_id.with_user(self.maker).copy()
        self.assertFalse(copied.line_ids.markup_allowed)
        self.assertEqual(copied.line_ids.amount_to_reinvoice, 102.0)

    def test_invoiced_with_the_markup(self):
        self.contract_a.markup_percent = 10.0
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        invoice = self._execute_run(permission).log_ids.move_id
        # 110 and 23 % tax of it; the bill was 100
        self.assertEqual(invoice.amount_untaxed, 110.0)
        self.assertEqual(invoice.amount_total, 135.3)
        self.assertEqual(self._get_analytic_result(self.analytic_a), 10.0)
        self.contract_a.markup_percent = 2.0
        permission.line_ids.invalidate_recordset()
        self.assertEqual(permission.line_ids.markup_percent, 10.0)

    def test_garages_credit_lowers_with_the_markup(self):
        self.contract_a.markup_percent = 10.0
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        bill = permission._get_bills()
        refund = bill._reverse_moves([{"invoice_date": "2026-10-12"}])
        refund.invoice_line_ids.price_unit = 40.0
        refund.action_post()
        # 60 remain bought, 66 with the mark-up
        self.assertEqual(permission.line_ids.amount_to_reinvoice, 66.0)
        self._execute_run(permission)
        self.assertFalse(permission.line_ids.credit_proposed)

    def test_markups_are_the_managers(self):
        user = self._create_user("user", "approver", "reinvoice")
        user.sudo().group_ids += self.env.ref("base.group_partner_manager")
        customer = self.customer.with_user(user)
        vals = {"maintenance_markup_percent": 3.0}
        with self.assertRaisesRegex(AccessError, "Only a manager"):
            customer.write(vals)
        with self.assertRaisesRegex(AccessError, "Only a manager"):
            customer.create({"name": "New", **vals})
        by_context = customer.with_context(default_maintenance_markup_percent=3.0)
        with self.assertRaisesRegex(AccessError, "Only a manager"):
            by_context.create({"name": "New"})
        result = customer.load(
            [".id", "maintenance_markup_percent"], [[str(customer.id), "3"]]
        )
        self.assertIn("Only a manager", result["messages"][0]["message"])
        with self.assertRaises(AccessError):
            self.contract_a.with_user(user).markup_percent = 3.0
        self.customer.maintenance_markup_percent = 3.0
        self.contract_a.markup_percent = 3.0

    def test_user_saves_a_form_with_the_markup_unchanged(self):
        self.customer.maintenance_markup_percent = 3.0
        self.maker.sudo().group_ids += self.env.ref("base.group_partner_manager")
        self.customer.with_user(self.maker).write(
            {"name": "Renamed", "maintenance_markup_percent": 3.0}
        )
        self.assertEqual(self.customer.name, "Renamed")

    def test_senseless_markups(self):
        for percent in (-1.0, 1001.0, nan, inf):
            with self.assertRaisesRegex(UserError, "Customer: a mark-up of"):
                self.customer.write({"maintenance_markup_percent": percent})
            with self.assertRaisesRegex(UserError, "a mark-up of"):
                self._create_contract(
                    "M", self.vehicle_b, self.analytic_b, markup_percent=percent
                )

    def test_markup_of_a_line_cannot_be_written(self):
        line = self._create_line()
        with self.assertRaisesRegex(UserError, "cannot be written"):
            line.markup_percent = 20.0

    def test_markup_is_the_companys(self):
        self.customer.maintenance_markup_percent = 10.0
        other = self.setup_other_company()["company"]
        self.assertEqual(self.customer._get_maintenance_markup(self.company), 10.0)
        self.assertEqual(self.customer._get_maintenance_markup(other), 0.0)

    def test_partners_addon_may_find_another_markup(self):
        model = type(self.env["maintenance.permission.line"])
        self.patch(model, "_get_markup_percent", lambda line: 50.0)
        self.assertEqual(self._create_line(10.0).amount_to_reinvoice, 15.0)

    def test_series_of_the_menu(self):
        action = self.env.ref("maintenance_reinvoice.fleet_service_type_action")
        views = action.view_ids.mapped("view_id.arch")
        self.assertTrue(all("maintenance_sequence_id" in arch for arch in views))
        with Form(self.env[action.res_model], view=action.view_ids[-1].view_id) as form:
            form.name = "Glass"
            form.category = "service"
        self.assertTrue(form.record.exists())
