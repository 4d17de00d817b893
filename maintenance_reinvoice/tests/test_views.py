from lxml import etree

from odoo.tests import Form, new_test_user, tagged

from odoo.addons.service_invoicing.tests.common_views import (
    find_repeated,
    find_status_buttons,
    list_columns,
)

from .common import MaintenanceCommon

MODELS = (
    "maintenance.contract",
    "maintenance.permission",
    "maintenance.permission.line",
    "maintenance.reinvoice.run",
    "maintenance.reinvoice.run.line",
    "maintenance.reinvoice.log",
    "maintenance.reinvoice.row",
)


@tagged("post_install", "-at_install")
class TestViews(MaintenanceCommon):
    """Every menu opens for who may see it, and buttons are where they are needed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            group: new_test_user(
                cls.env,
                group,
                groups=f"maintenance_reinvoice.group_maintenance_{group}",
                company_id=cls.company.id,
            )
            for group in ("user", "approver", "reinvoice", "manager")
        }
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 400.0}])

    def _get_menus(self, user):
        root = self.env.ref("maintenance_reinvoice.maintenance_menu_root")
        menus = self.env["ir.ui.menu"].with_user(user)
        visible = menus.browse(menus._visible_menu_ids())
        return visible.filtered(
            lambda menu: menu.sudo().parent_path.startswith(f"{root.id}/")
        )

    def test_no_list_has_a_heading_twice(self):
        columns = list_columns(self.env, "maintenance_reinvoice")
        self.assertGreater(len(columns), 10)
        self.assertEqual(find_repeated(columns), {})

    def test_choices_are_translated_with_the_add_on_whose_record_they_are_on(self):
        """A label that another add-on alone has is looked for in its terms only, and
        is loaded with these: before the record's own add-on is there."""
        foreign = [
            f"{name}.{field.name}: {value}"
            for name, model in self.env.registry.items()
            if model._original_module == "maintenance_reinvoice"
            for field in model._fields.values()
            if field.type == "selection" and not field.related
            for value, modules in field._selection_modules(self.env[name]).items()
            if "maintenance_reinvoice" not in modules and "service_invoicing" in modules
        ]
        self.assertEqual(foreign, [])

    def test_no_button_is_called_as_a_status_is(self):
        self.assertEqual(find_status_buttons(self.env, "maintenance_reinvoice"), {})

    def test_every_menu_opens(self):
        for group, user in self.users.items():
            menus = self._get_menus(user)
            actions = [menu.action for menu in menus if menu.action]
            self.assertGreater(len(actions), 5, group)
            for action in actions:
                if action._name == "ir.actions.act_window":
                    self._open(action.sudo(), user)

    def _open(self, action, user):
        views = [(False, mode) for mode in action.view_mode.split(",")]
        model = self.env[action.res_model].with_user(user)
        model.check_access("read")
        self.assertTrue(model.get_views([*views, (False, "search")])["views"])

    def test_configuration_is_the_managers(self):
        menu = self.env.ref("maintenance_reinvoice.maintenance_menu_configuration")
        self.assertNotIn(menu, self._get_menus(self.users["approver"]))
        manager = self.users["manager"]
        manager.sudo().group_ids += self.env.ref("base.group_system")
        self.assertIn(menu, self._get_menus(manager))

    def test_a_run_colours_what_comes_next_and_stops_only_what_is_begun(self):
        """Execute is coloured once rows are taken; a checked run is cancelled."""
        arch = self.env["maintenance.reinvoice.run"].get_view(view_type="form")["arch"]
        buttons = {
            (button.get("string"), button.get("class") == "oe_highlight"): button
            for button in etree.fromstring(arch).iterfind(".//header/button")
        }
        coloured, plain = buttons["Execute", True], buttons["Execute", False]
        self.assertIn("or not taken_count", coloured.get("invisible"))
        self.assertIn("or taken_count", plain.get("invisible"))
        self.assertEqual(
            buttons["Stop", False].get("invisible"),
            "state not in ('checking', 'running')",
        )
        cancel = buttons["Cancel", False]
        self.assertEqual(cancel.get("name"), "action_stop")
        self.assertEqual(cancel.get("invisible"), "state != 'checked'")

    def _get_buttons(self, model, group):
        user = self.users[group]
        arch = self.env[model].with_user(user).get_view(view_type="form")["arch"]
        return {
            button.get("name")
            for button in etree.fromstring(arch).iterfind(".//header/button")
        }

    def test_buttons_of_a_permission(self):
        user = self._get_buttons("maintenance.permission", "user")
        self.assertIn("action_submit", user)
        self.assertFalse({"action_approve", "action_reject"} & user)
        approver = self._get_buttons("maintenance.permission", "approver")
        self.assertTrue({"action_approve", "action_reject"} <= approver)

    def test_buttons_of_a_run(self):
        self.assertNotIn(
            "action_execute", self._get_buttons("maintenance.reinvoice.run", "user")
        )
        self.assertIn(
            "action_execute",
            self._get_buttons("maintenance.reinvoice.run", "reinvoice"),
        )

    def test_buttons_of_core_are_shown_where_they_answer(self):
        invoice = self._execute_run(self.permission).log_ids.move_id
        entry = invoice.maintenance_redistribution_id
        ordinary = self.init_invoice("out_invoice", post=True, amounts=[10.0])
        self.assertEqual(
            (invoice + entry + ordinary).mapped("show_reset_to_draft_button"),
            [False, False, True],
        )

    def test_invoices_open_for_who_has_no_right_on_maintenance(self):
        made = self._execute_run(self.permission).log_ids.move_id
        ordinary = self.init_invoice("out_invoice", post=True, amounts=[10.0])
        clerk = new_test_user(
            self.env,
            "invoicing only",
            groups="account.group_account_invoice",
            company_id=self.company.id,
        )
        for invoice in made + ordinary:
            with Form(invoice.with_user(clerk)) as form:
                self.assertEqual(form.name, invoice.name)

    def test_models_have_a_rule_for_companies(self):
        for name in MODELS:
            rules = self.env["ir.rule"].sudo().search([("model_id.model", "=", name)])
            self.assertTrue(
                any("company_ids" in rule.domain_force for rule in rules), name
            )

    def test_a_permission_counts_its_bills_and_invoices(self):
        """Two lines on one bill and one invoice are one of each; another permission
        has neither, and all are counted by one query each."""
        permission = self._create_closed(
            self.vehicle_a, [{"purchase_price": 1.0}, {"purchase_price": 2.0}]
        )
        self._execute_run(permission)
        other = self._create_permission(self.vehicle_a, [{"purchase_price": 3.0}])
        both = permission + other
        self.assertEqual(len(both.line_ids), 3)
        self.env.flush_all()
        for name, counts in (("bill_count", [1, 0]), ("invoice_count", [1, 0])):
            with self.assertQueryCount(1):
                self.assertEqual(both.mapped(name), counts)

    def test_smart_buttons_find_the_documents(self):
        run = self._execute_run(self.permission)
        invoice, bill = run.log_ids.move_id, self.permission._get_bills()
        moves = self.env["account.move"]
        self.assertEqual(
            moves.search(self.permission.action_view_bills()["domain"]), bill
        )
        self.assertEqual(
            moves.search(self.permission.action_view_invoices()["domain"]), invoice
        )
        for move in invoice + bill:
            self.assertEqual(move.maintenance_permission_count, 1)
            action = move.action_view_maintenance_permissions()
            found = self.env["maintenance.permission"].search(action["domain"])
            self.assertEqual(found, self.permission)
        line = self.permission.line_ids
        self.assertEqual(line.action_view_invoice()["res_id"], invoice.id)
        self.assertEqual(line.action_open_form()["res_id"], line.id)
        self.assertEqual(run.action_view_invoices()["res_id"], invoice.id)
        self.assertEqual(run.log_ids.action_open_invoice()["res_id"], invoice.id)
        self.assertEqual(
            invoice.action_view_redistribution()["res_id"],
            invoice.maintenance_redistribution_id.id,
        )

    def test_settings_are_the_companys(self):
        settings = self.env["res.config.settings"].create({})
        settings.maintenance_mass_text = "Fleet care"
        settings.maintenance_closed_period = "shift"
        settings.maintenance_line_detail = "line"
        self.assertEqual(self.company.maintenance_mass_text, "Fleet care")
        self.assertEqual(self.company.maintenance_closed_period, "shift")
        self.assertEqual(self.company.maintenance_line_detail, "line")

    def test_run_by_its_form(self):
        with Form(self.env["maintenance.reinvoice.run"]) as form:
            form.posting_date = "2026-10-31"
        run = form.record
        run.action_check()
        self.assertEqual(run.line_ids.permission_id, self.permission)
        run.action_stop()
        self.assertEqual(run.state, "cancelled")
