from odoo.tests import tagged

from .common_cleared import ClearedFieldsMixin
from .common_prepayment import PrepaymentCommon
from .common_tcd import TcdCommon


@tagged("post_install", "-at_install")
class TestClearedFields(ClearedFieldsMixin, PrepaymentCommon, TcdCommon):
    """A field that is emptied in a form is asked for, and crashes nothing."""

    def test_cleared_field_of_a_work_order_crashes_nothing(self):
        self._walk_fields(self.order)
        self._walk_fields(self.env["service.work.order"])

    def test_cleared_field_of_a_typed_invoice_crashes_nothing(self):
        charge = self._new_code("CHA", "charge")
        move = self._new_invoice((self.part, 100, {}), rows=charge)
        self._save(move)
        self._walk_fields(move)
        prepayment = self._ask_prepayment().with_env(self.env)
        self._walk_fields(prepayment)
        for kind in ("service", "prepayment", "direct_prepayment"):
            moves = self.env["account.move"].with_context(
                default_move_type="out_invoice", default_service_invoice_type=kind
            )
            self._walk_fields(moves)

    def test_cleared_field_of_new_records_and_dialogs_crashes_nothing(self):
        self._walk_models("service_invoicing")

    def test_new_records_with_fields_of_ours_open(self):
        self._open_extended("service_invoicing")
