from odoo.tests import new_test_user

from .common import MaintenanceCommon


class CancelCommon(MaintenanceCommon):
    """Invoices to be cancelled, and what must hold afterwards."""

    @classmethod
    def _cancel(cls, rows, posting_date="2026-11-15", **vals):
        """Credit rows of one invoice; the credit memo and the new invoices."""
        action = rows.move_id[:1].action_maintenance_cancel(
            row_ids=rows.ids, posting_date=posting_date, **vals
        )
        return cls._get_opened(action)

    @classmethod
    def _correct(cls, row, amount, *partner, **vals):
        """Correct one row; the credit memo and the new invoice."""
        vals = {"row_ids": None, "corrections": [(row.id, amount, *partner)], **vals}
        action = row.move_id.action_maintenance_cancel(
            posting_date="2026-11-15", **vals
        )
        moves = cls._get_opened(action)
        credit = row.credit_move_id
        return credit, moves - credit

    @classmethod
    def _get_opened(cls, action):
        """The moves that an action opens."""
        moves = cls.env["account.move"]
        if action.get("res_id"):
            return moves.browse(action["res_id"])
        return moves.search(action["domain"], order="id")

    @classmethod
    def _bill_with_work(cls, permission, garage_work=5000.0):
        """A compensation comes on a bill together with dearer work."""
        work = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": garage_work, "reinvoice": False}]
        )
        cls._create_bill(work + permission)

    @classmethod
    def _get_dialog(cls, action):
        return cls.env[action["res_model"]].browse(action["res_id"])

    def _assert_cleared(self):
        """The clearing account is at zero and has no open item."""
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        open_items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.mass_account.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertFalse(open_items)


class TwoCustomersCommon(CancelCommon):
    """A run that invoiced 400 and 200 to one customer and 450 to another, before 23 %
    tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_2 = cls._create_partner("Second customer")
        cls.contract_b.partner_id = cls.customer_2
        cls.permission_a = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}, {"purchase_price": 200.0}]
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 450.0}]
        )
        cls.mass_run = cls._execute_run(cls.permission_a + cls.permission_b)
        cls.invoice_a = cls.permission_a.line_ids.sale_invoice_id
        cls.invoice_b = cls.permission_b.line_ids.sale_invoice_id


class CancelGuardsCommon(CancelCommon):
    """An invoice of 400 for contract A and 450 for B, and a clerk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}]
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 450.0}]
        )
        cls.mass_run = cls._execute_run(cls.permission_a + cls.permission_b)
        cls.invoice = cls.mass_run.log_ids.move_id
        cls.row_a = cls.permission_a.line_ids.row_ids
        cls.row_b = cls.permission_b.line_ids.row_ids
        cls.clerk = new_test_user(
            cls.env,
            "cancel_clerk",
            groups="maintenance_reinvoice.group_maintenance_reinvoice",
            company_id=cls.company.id,
        )
