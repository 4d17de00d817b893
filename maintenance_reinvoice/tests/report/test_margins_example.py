from odoo.tests import freeze_time, tagged

from ..common_margins import MarginCommon


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestMarginsOfTheExample(MarginCommon):
    """The garage bills 400 + 200 on A (400 for the customer), 600 on B (450); all is on
    one collective invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_closed(
            cls.vehicle_a,
            [{"purchase_price": 400.0}, {"purchase_price": 200.0, "reinvoice": False}],
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 600.0, "amount_to_reinvoice": 450.0}]
        )
        cls.invoice = cls._execute_run().log_ids.move_id

    def _cancel(self, permission, free=True):
        rows = self.invoice.maintenance_row_ids.filtered(
            lambda row: row.permission_id == permission
        )
        self.invoice.action_maintenance_cancel(
            row_ids=rows.ids, posting_date="2026-11-05", free=free
        )

    def test_worked_example(self):
        # A: 200 of 600 is kept, 400 - 600 = -200
        self._assert_sums(
            self.permission_a,
            amount_bought=600.0,
            amount_reinvoiced=400.0,
            amount_kept=200.0,
            amount_billed=400.0,
            margin=-200.0,
            margin_expected=-200.0,
        )
        # B: 150 of 600 is kept, 450 - 600 = -150
        self._assert_sums(
            self.permission_b,
            amount_bought=600.0,
            amount_reinvoiced=450.0,
            amount_kept=150.0,
            amount_billed=450.0,
            margin=-150.0,
            margin_expected=-150.0,
        )

    def test_margins_are_the_contracts_analytic_results(self):
        margins = self.env["maintenance.margin.report"]._read_group(
            [], ["contract_id"], ["margin:sum"]
        )
        self.assertEqual(
            dict(margins),
            {
                self.contract_a: self._get_analytic_result(self.analytic_a),
                self.contract_b: self._get_analytic_result(self.analytic_b),
            },
        )

    def test_credited_and_freed_is_to_reinvoice_again(self):
        self._cancel(self.permission_b)
        self._assert_sums(
            self.permission_b,
            amount_bought=600.0,
            amount_to_reinvoice=450.0,
            amount_kept=150.0,
            margin=-600.0,
            margin_expected=-150.0,
        )
        self._execute_run()
        self._assert_sums(
            self.permission_b,
            amount_bought=600.0,
            amount_reinvoiced=450.0,
            amount_kept=150.0,
            amount_billed=450.0,
            margin=-150.0,
            margin_expected=-150.0,
        )

    def test_credited_and_closed_is_kept(self):
        self._cancel(self.permission_b, free=False)
        self._assert_sums(
            self.permission_b,
            amount_bought=600.0,
            amount_reinvoiced=450.0,
            amount_kept=600.0,
            margin=-600.0,
            margin_expected=-600.0,
        )
