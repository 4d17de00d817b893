from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestCheckReport(MaintenanceCommon):
    """Every candidate is in the report, and what is not taken says why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 9.0}])
        cls.line = cls.permission.line_ids

    def _check(self, permissions):
        run = self._create_run(permissions)
        run.action_check()
        self.assertEqual(run.state, "checked")
        self.assertFalse(self.env["account.move"].search([("ref", "=", run.name)]))
        return run

    def _assert_reason(self, permission, reason):
        run = self._check(permission)
        self.assertEqual(
            self._get_reasons(run), dict.fromkeys(permission.line_ids, reason)
        )
        row = run.line_ids[0]
        self.assertEqual(row.taken, not reason)
        self.assertEqual(bool(row.reason_text), bool(reason))
        self.assertEqual(bool(run.log_ids), not reason)

    def test_what_is_taken_is_summed_by_currency_and_comes_first(self):
        """9 and 40 are taken in dollars, 20 in euros; 50 is not for a mass run."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        other = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 50.0, "reinvoice_method": "individual"},
                {"purchase_price": 40.0},
            ],
        )
        abroad = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 20.0}],
            purchase_currency_id=euro.id,
            sale_currency_id=euro.id,
        )
        run = self._check(self.permission + other + abroad)
        self.assertEqual((run.line_count, run.taken_count), (4, 3))
        dollar = self.company.currency_id
        self.assertEqual(
            run.taken_amounts, f"{euro.format(20.0)}, {dollar.format(49.0)}"
        )
        # both currencies are invoices of their own
        self.assertRegex(run.execute_question, "posted: 2. Their lines: 3. .*49.00")
        taken = run.shown_line_ids.mapped("taken")
        self.assertEqual(taken, [True, True, True, False])

    def test_taken(self):
        self._assert_reason(self.permission, False)

    def test_permission_not_closed(self):
        """One line's bill is posted, the other's is not."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}, {"purchase_price": 50.0}]
        )
        bill = self._create_bill(permission, post=False)
        bill.invoice_line_ids[1].unlink()
        bill.action_post()
        self.assertEqual(permission.state, "approved")
        reasons = self._get_reasons(self._check(permission))
        self.assertEqual(reasons, {line: "not_closed" for line in permission.line_ids})

    def test_method(self):
        for method in ("individual", "billing", "excessive_wear"):
            self.line.reinvoice_method = method
            self._assert_reason(self.permission, "method")

    def test_bill_not_posted(self):
        """A free line is done as to buying, but a mass line needs a bill."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 0.0, "amount_to_reinvoice": 80.0}]
        )
        self.assertEqual(permission.state, "closed")
        self._assert_reason(permission, "no_bill")

    def test_not_to_be_reinvoiced(self):
        self.line.reinvoice = False
        self._assert_reason(self.permission, "not_reinvoice")

    def test_zero_amount(self):
        self.line.amount_to_reinvoice = 0.0
        self._assert_reason(self.permission, "zero_amount")

    def test_already_reinvoiced(self):
        self._execute_run(self.permission)
        self._assert_reason(self.permission, "reinvoiced")

    def test_on_a_draft_invoice(self):
        self.company.maintenance_mass_account_id = False
        self._execute_run(self.permission)
        self._assert_reason(self.permission, "draft_invoice")

    def test_group_adds_up_to_zero(self):
        permission = self._create_closed(
            self.vehicle_a, [{"purchase_price": 100.0}, {"purchase_price": -100.0}]
        )
        self._assert_reason(permission, "zero_group")

    def test_all_reasons_are_told(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 5.0, "reinvoice": False}]
        )
        row = self._check(permission).line_ids
        self.assertEqual(
            row.reason_text,
            "Permission not closed, Vendor bill not posted, Not to be re-invoiced, "
            "Amount to re-invoice is zero",
        )

    def test_reasons_are_in_the_language_of_whoever_reads_them(self):
        """On screen and in the workbook; the words are asked for once for all rows."""
        self.env["res.lang"]._activate_lang("fr_FR")
        reason = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "maintenance.reinvoice.run.line"),
                ("value", "=", "zero_amount"),
            ]
        )
        reason.with_context(lang="fr_FR").name = "Rien à refacturer"
        self.line.amount_to_reinvoice = 0.0
        again = self._create_closed(
            self.vehicle_a, [{"purchase_price": 5.0, "amount_to_reinvoice": 0.0}]
        )
        run = self._check(self.permission + again).with_context(lang="fr_FR")
        lines = type(self.env["maintenance.permission.line"])
        labels = lines._get_refusal_labels
        with patch.object(lines, "_get_refusal_labels", autospec=True) as asked:
            asked.side_effect = labels
            texts = run.line_ids.mapped("reason_text")
        self.assertEqual(texts, ["Rien à refacturer"] * 2)
        self.assertEqual(asked.call_count, 1)
        why = self.env["report.maintenance_reinvoice.check_xlsx"]._get_columns()[1]
        self.assertEqual(why[3](run.line_ids[0]), "Rien à refacturer")
        self.env["maintenance.reinvoice.run.line"].invalidate_model()
        row = run.with_context(lang="en_US").line_ids[0]
        self.assertEqual(row.reason_text, "Amount to re-invoice is zero")

    def test_without_filter_finished_permissions_are_left_out(self):
        self._execute_run(self.permission)
        rejected = self._create_permission(
            self.vehicle_a, [{"purchase_price": 9.0}], approve=False
        )
        rejected.action_reject(reason="too dear")
        waiting = self._create_permission(self.vehicle_a, [{"purchase_price": 9.0}])
        run = self._create_run()
        run.action_check()
        self.assertEqual(run.line_ids.permission_id, waiting)

    def test_check_again_after_a_change(self):
        self.line.reinvoice = False
        run = self._check(self.permission)
        self.line.reinvoice = True
        run.action_check()
        self.assertEqual(run.taken_count, 1)
        self.assertEqual(len(run.line_ids), 1)

    def test_new_parameters_drop_the_report(self):
        run = self._check(self.permission)
        run.posting_date = "2026-11-30"
        self.assertEqual(run.state, "draft")
        self.assertFalse(run.line_ids + run.log_ids.run_line_ids)

    def test_unreadable_filter(self):
        run = self._create_run(filter_domain="[('vehicle_id', '=', ")
        with self.assertRaisesRegex(UserError, "filter of run"):
            run.action_check()
        for domain in (
            "[('id', '=', 'abc')]",
            "[('amount_purchase', '>', 'much')]",
            "[('date', '=', 'today or so')]",
        ):
            run.filter_domain = domain
            with self.assertRaisesRegex(UserError, "filter of run", msg=domain):
                run.action_check()
        self.assertEqual(run.state, "draft")

    def test_no_candidates(self):
        run = self._create_run(filter_domain="[('name', '=', 'nobody')]")
        notice = run.action_check()
        self.assertIn("0 of 0 lines", notice["params"]["message"])
        with self.assertRaisesRegex(UserError, "no permission line matches"):
            run.action_execute()

    def test_nothing_taken_tells_the_reasons(self):
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 9.0, "reinvoice": False},
                {"purchase_price": 8.0, "reinvoice_method": "billing"},
            ],
        )
        run = self._create_run(permission)
        with self.assertRaisesRegex(UserError, "Not to be re-invoiced: 1") as caught:
            run.action_execute()
        self.assertIn("Not for mass invoicing: 1", str(caught.exception))
