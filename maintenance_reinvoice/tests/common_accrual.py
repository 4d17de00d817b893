from .common import MaintenanceCommon


class AccrualCommon(MaintenanceCommon):
    """A company that accrues maintenance over the end of a month.

    Bills of October are in the books on 2026-10-31: core dates a bill of a month that
    is over at its end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accrual_account = cls._create_account("ACCR01", "asset_current", True)
        cls.company.maintenance_accrual_account_id = cls.accrual_account
        cls.wizards = cls.env["maintenance.accrual.wizard"]

    def _accrue(self, date="2026-10-31", **vals):
        """The accrual entry and its reversal."""
        self.env.flush_all()
        action = self.wizards.create({"date": date, **vals}).action_post()
        moves = self.env["account.move"].search(action["domain"], order="date, id")
        self.assertEqual(len(moves), 2)
        return moves[0], moves[1]

    def _get_items(self, move):
        return [
            (item.account_id, item.debit, item.credit)
            for item in move.line_ids.sorted("id")
        ]

    def _get_lines(self, date):
        return self.wizards.create({"date": date})._find_items()[1]


class AccrualExampleCommon(AccrualCommon):
    """Bills of 400 + 200 on A (400 for the customer), 600 on B (450)."""

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
