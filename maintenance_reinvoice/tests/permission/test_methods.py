from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from ..common_methods import MethodsCommon


@tagged("post_install", "-at_install")
class TestMethods(MethodsCommon):
    """How a line is charged: at once, at the settlement, to somebody else, not at all,
    and what is frozen afterwards."""

    # -- final settlement -------------------------------------------------------

    def test_settlement_leaves_other_methods(self):
        others = self._create_lines(1.0, method="mass")
        others += self._create_lines(2.0, method="individual")
        others += self._create_lines(4.0, method="excessive_wear")
        others += self._create_lines(8.0, reinvoice=False)
        line = self._create_lines(16.0)
        self.assertEqual(self._settle(self.contract_a).amount_untaxed, 16.0)
        self.assertFalse(others.sale_invoice_id)
        self.assertEqual(others.mapped("settled"), [False] * 4)
        self.assertTrue(line.settled)

    def test_settlement_that_adds_up_to_zero(self):
        lines = self._create_lines(50.0, -50.0)
        invoice = self._settle(self.contract_a)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_total, 0.0)
        self.assertEqual(lines.mapped("settled"), [True, True])
        self.assertEqual(lines.permission_id.state, "reinvoiced")
        with self.assertRaisesRegex(UserError, "No line waits"):
            self._settle(self.contract_a)

    def test_settlement_with_more_compensation_than_work(self):
        self._create_lines(50.0, -80.0)
        invoice = self._settle(self.contract_a)
        self.assertEqual(invoice.move_type, "out_refund")
        # 30 and 23 % tax of it
        self.assertEqual(invoice.amount_total, 36.9)

    # -- excessive wear ---------------------------------------------------------

    def test_excessive_wear_is_never_charged(self):
        line = self._create_lines(10.0, method="excessive_wear")
        permission = line.permission_id
        self.assertEqual(line.amount_to_reinvoice, 0.0)
        self._create_bill(permission)
        run = self._create_run(permission)
        run.action_check()
        self.assertEqual(self._get_reasons(run), {line: "method"})
        self.assertEqual(permission.state, "closed")
        # the cost stays in the books
        self.assertEqual(self._get_analytic_result(self.analytic_a), -10.0)

    def test_excessive_wear_by_import(self):
        line = self._create_lines(10.0, method="mass")
        result = line.load(
            [".id", "reinvoice_method"], [[str(line.id), "Excessive wear"]]
        )
        self.assertFalse(result["messages"])
        self.assertEqual(line.amount_to_reinvoice, 0.0)
        result = line.load([".id", "amount_to_reinvoice"], [[str(line.id), "5"]])
        self.assertIn("excessive wear", result["messages"][0]["message"])

    def test_amount_given_with_excessive_wear_is_forced_to_zero(self):
        """By a remote client, by import, and where it is what new lines get."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 10.0}], approve=False
        )
        lines = self.env["maintenance.permission.line"]
        wear = {"reinvoice_method": "excessive_wear", "amount_to_reinvoice": 50.0}
        vals = {
            "permission_id": permission.id,
            "product_id": self.service.id,
            "purchase_price": 100.0,
            "reinvoice": True,
        }
        created = lines.create({**vals, **wear})
        self.assertEqual(created.amount_to_reinvoice, 0.0)
        context = {"default_reinvoice_method": "excessive_wear"}
        created = lines.with_context(**context).create(
            {**vals, "amount_to_reinvoice": 50.0}
        )
        self.assertEqual(created.amount_to_reinvoice, 0.0)
        line = lines.create(vals)
        self.assertEqual(line.amount_to_reinvoice, 100.0)
        line.write(wear)
        self.assertEqual(line.amount_to_reinvoice, 0.0)
        result = lines.load(
            ["permission_id/.id", "product_id/.id", "purchase_price", "reinvoice"]
            + ["reinvoice_method", "amount_to_reinvoice"],
            [
                [str(permission.id), str(self.service.id), "100", "1"]
                + ["Excessive wear", "50"]
            ],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(lines.browse(result["ids"]).amount_to_reinvoice, 0.0)

    def test_no_more_excessive_wear(self):
        line = self._create_lines(10.0, method="excessive_wear")
        line.reinvoice_method = "mass"
        self.assertEqual(line.amount_to_reinvoice, 10.0)
        line.reinvoice_method = "excessive_wear"
        line.write({"reinvoice_method": "mass", "amount_to_reinvoice": 7.0})
        self.assertEqual(line.amount_to_reinvoice, 7.0)

    # -- compensation -----------------------------------------------------------

    def test_compensation_on_the_garages_bill(self):
        permission = self._create_closed(
            self.vehicle_a, [{"purchase_price": 500.0}, {"purchase_price": -300.0}]
        )
        self.assertEqual(permission._get_bills().amount_untaxed, 200.0)
        invoice = self._execute_run(permission).log_ids.move_id
        self.assertEqual(invoice.amount_untaxed, 200.0)
        self.assertEqual(permission.state, "reinvoiced")

    def test_compensation_without_a_bill_is_individual(self):
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 0.0, "amount_to_reinvoice": -300.0},
            ],
        )
        line = permission.line_ids
        self.assertEqual(permission.state, "closed")
        run = self._create_run(permission)
        run.action_check()
        self.assertEqual(self._get_reasons(run), {line: "no_bill"})
        line.reinvoice_method = "individual"
        self.assertEqual(line.amount_to_reinvoice, -300.0)
        invoice = self._reinvoice(line)
        self.assertEqual(invoice.move_type, "out_refund")
        self.assertEqual(invoice.amount_untaxed, 300.0)
        self.assertEqual(permission.state, "reinvoiced")

    def test_compensation_reduces_the_individual_invoice(self):
        lines = self._create_lines(500.0, method="individual")
        lines += self._create_lines(
            0.0, method="individual", amount_to_reinvoice=-300.0
        )
        invoice = self._reinvoice(lines)
        self.assertEqual(invoice.amount_untaxed, 200.0)
        self.assertEqual(invoice.move_type, "out_invoice")

    def test_compensation_is_not_charged(self):
        line = self._create_lines(-300.0, method="mass")
        with self.assertRaisesRegex(ValidationError, "sign of the purchase price"):
            line.amount_to_reinvoice = 1.0

    # -- somebody else pays -----------------------------------------------------

    def test_reinvoice_to_somebody_else_in_his_way(self):
        term = self.env.ref("account.account_payment_term_30days")
        driver = self._create_partner("Driver", property_payment_term_id=term.id)
        lines = self._create_lines(10.0, 20.0, method="individual")
        lines[1].reinvoice_partner_id = driver
        self._reinvoice(lines)
        invoice = lines[1].sale_invoice_id
        self.assertEqual(invoice.partner_id, driver)
        self.assertEqual(invoice.invoice_payment_term_id, term)
        self.assertEqual(invoice.amount_untaxed, 20.0)
        self.assertEqual(lines[0].sale_invoice_id.partner_id, self.customer)

    # -- frozen -----------------------------------------------------------------

    def test_frozen_as_long_as_the_draft_lives(self):
        line = self._create_lines(10.0, method="individual")
        invoice = self._reinvoice(line)
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, "can no longer be changed"):
            line.amount_to_reinvoice = 5.0
        invoice.unlink()
        line.amount_to_reinvoice = 5.0
        self.assertEqual(line.amount_to_reinvoice, 5.0)

    def test_credited_line_is_never_deleted(self):
        line = self._create_lines(10.0, method="individual")
        self._reinvoice(line)
        self._credit(line)
        self.assertFalse(line.sale_invoice_id)
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            line.unlink()
        self.assertTrue(line.credit_ids)
        permission = line.permission_id
        permission.action_reopen()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            permission.unlink()

    # -- status by itself -------------------------------------------------------

    def test_reinvoiced_by_several_ways(self):
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 1.0, "reinvoice_method": method}
                for method in ("individual", "billing", "mass")
            ],
        )
        single, settled, mass = permission.line_ids
        self._reinvoice(single)
        self._settle(self.contract_a)
        self.assertEqual(permission.state, "approved")
        self._create_bill(permission)
        self.assertEqual(permission.state, "closed")
        self._execute_run(permission)
        self.assertEqual(permission.state, "reinvoiced")
        self.assertEqual(
            (single + settled + mass).mapped("settled"), [False, True, False]
        )
        self._credit(single)
        self.assertEqual(permission.state, "closed")
        self._reinvoice(single)
        self.assertEqual(permission.state, "reinvoiced")

    def test_line_that_is_kept_keeps_the_permission_closed(self):
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 1.0}, {"purchase_price": 2.0, "reinvoice": False}],
        )
        self._execute_run(permission)
        self.assertEqual(permission.state, "closed")


@tagged("post_install", "-at_install")
class TestReinvoicedLine(MethodsCommon):
    """What is on an invoice is frozen; more is added only as additional lines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 10.0}])
        cls._execute_run(cls.permission)

    def test_additional_line_by_the_form(self):
        self.assertEqual(self.permission.state, "reinvoiced")
        with Form(self.permission) as form, form.line_ids.new() as line:
            self.assertTrue(line.reinvoice)
            self.assertEqual(line.reinvoice_method, "individual")
            line.product_id = self.service
            line.amount_to_reinvoice = 90.0
        extra = self.permission.line_ids.filtered("extra")
        self.assertEqual(self.permission.state, "reinvoiced")
        invoice = self._reinvoice(extra)
        self.assertEqual(invoice.amount_untaxed, 90.0)
        self._credit(extra)
        self.assertEqual(self.permission.state, "reinvoiced")

    def test_additional_line_by_its_own_form(self):
        form = Form(self.env["maintenance.permission.line"])
        self.assertEqual((form.reinvoice, form.reinvoice_method), (False, "mass"))
        form.permission_id = self.permission
        self.assertEqual((form.reinvoice, form.reinvoice_method), (True, "individual"))
        # whoever does not want to charge it yet says so
        form.reinvoice = False
        form.product_id = self.service
        self.assertFalse(form.save().reinvoice)

    def test_additional_line_is_ticked_unless_told_otherwise(self):
        lines = self.env["maintenance.permission.line"]
        vals = {"permission_id": self.permission.id, "product_id": self.service.id}
        ticked, left, worn = lines.create(
            [
                vals,
                vals | {"reinvoice": False},
                vals | {"reinvoice_method": "excessive_wear"},
            ]
        )
        self.assertTrue(ticked.reinvoice)
        self.assertEqual(ticked.reinvoice_method, "individual")
        self.assertFalse(left.reinvoice)
        self.assertFalse(worn.reinvoice)

    def test_a_line_before_closing_waits_for_the_run(self):
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 5.0}])
        with Form(permission) as form, form.line_ids.new() as line:
            self.assertEqual((line.reinvoice, line.reinvoice_method), (False, "mass"))
            line.product_id = self.service

    def test_additional_line_by_import(self):
        names = [
            "permission_id/.id",
            "product_id/.id",
            "reinvoice",
            "amount_to_reinvoice",
            "purchase_price",
        ]
        row = [str(self.permission.id), str(self.service.id), "1", "90"]
        lines = self.env["maintenance.permission.line"]
        result = lines.load(names, [[*row, "5"]])
        self.assertIn("without purchase price", result["messages"][0]["message"])
        result = lines.load(names, [[*row, "0"]])
        extra = lines.browse(result["ids"])
        self.assertTrue(extra.extra)
        self.assertEqual(extra.reinvoice_method, "individual")
        run = self._create_run(self.permission)
        run.action_check()
        self.assertNotIn(extra, run.line_ids.filtered("taken").permission_line_id)

    def test_additional_line_is_removed_again(self):
        self.permission.line_ids = [Command.create({"product_id": self.service.id})]
        self.permission.line_ids.filtered("extra").unlink()
        self.assertEqual(len(self.permission.line_ids), 1)

    def test_frozen_through_the_permission_and_by_import(self):
        line = self.permission.line_ids
        with self.assertRaisesRegex(UserError, "can no longer be changed"):
            self.permission.write(
                {"line_ids": [Command.update(line.id, {"name": "X"})]}
            )
        for command in (Command.delete(line.id), Command.clear(), Command.set([])):
            with self.assertRaisesRegex(UserError, "cannot be deleted|longer be chang"):
                self.permission.write({"line_ids": [command]})
        other = self._create_permission(self.vehicle_a, [], approve=False)
        with self.assertRaisesRegex(UserError, "can no longer be changed"):
            line.permission_id = other
        result = self.permission.load(
            [".id", "customer_reference"], [[str(self.permission.id), "PO-X"]]
        )
        self.assertIn("can no longer be changed", result["messages"][0]["message"])

    def test_extra_line_does_not_count(self):
        self.assertEqual(self.permission.state, "reinvoiced")
        self.permission.line_ids = [
            Command.create(
                {
                    "product_id": self.service.id,
                    "name": "Higher deductible",
                    "reinvoice": True,
                    "amount_to_reinvoice": 90.0,
                }
            )
        ]
        extra = self.permission.line_ids.filtered("extra")
        self.assertEqual(extra.reinvoice_method, "individual")
        self.assertEqual(self.permission.state, "reinvoiced")
        extra.action_reinvoice(posting_date="2026-10-31")
        self.assertTrue(extra.reinvoiced)
        with self.assertRaisesRegex(ValidationError, "only be invoiced individually"):
            self.permission.line_ids = [
                Command.create(
                    {
                        "product_id": self.service.id,
                        "reinvoice": True,
                        "reinvoice_method": "mass",
                    }
                )
            ]

    def test_sell_side_is_frozen_after_reinvoicing(self):
        line = self.permission.line_ids
        for vals in (
            {"amount_to_reinvoice": 5.0},
            {"reinvoice": False},
            {"reinvoice_method": "individual"},
            {"reinvoice_partner_id": self.garage.id},
            {"name": "Other"},
        ):
            with self.assertRaisesRegex(UserError, "can no longer be changed"):
                line.write(vals)
        with self.assertRaisesRegex(UserError, "can no longer be changed"):
            self.permission.partner_id = self.garage
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "can be deleted"):
            self.permission.unlink()

    def test_import_cannot_change_a_reinvoiced_line(self):
        result = self.permission.line_ids.load(
            [".id", "amount_to_reinvoice"], [[str(self.permission.line_ids.id), "5"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("can no longer be changed", result["messages"][0]["message"])
