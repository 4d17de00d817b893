from lxml import etree

from odoo.tests import freeze_time, tagged

from ..common_agreements import AgreementCommon
from ..common_views import find_repeated, find_status_buttons, list_columns


@tagged("post_install", "-at_install")
class TestInvoiceLists(AgreementCommon):
    """What lists say of an invoice, each thing once and in one place."""

    def _get_vehicle(self, plate):
        vehicle = self._new_vehicle(plate)
        vehicle.license_plate = plate
        return vehicle

    def test_no_list_has_a_heading_twice(self):
        columns = list_columns(self.env, "service_invoicing")
        self.assertGreater(len(columns), 10)
        self.assertEqual(find_repeated(columns), {})

    def test_no_button_is_called_as_a_status_is(self):
        self.assertEqual(find_status_buttons(self.env, "service_invoicing"), {})

    def test_invoices_have_one_status_in_a_list(self):
        statuses = {"service_status", "state", "status_in_payment", "payment_state"}
        columns = list_columns(self.env, "service_invoicing")
        for name in ("account_move_view_list", "account_move_view_list_prepayment"):
            shown = dict(columns[f"service_invoicing.{name}"])
            self.assertEqual(shown.keys() & statuses, {"service_status"})
            self.assertEqual(shown["service_status"], "Status")

    def test_lists_call_the_amounts_net_total_and_due(self):
        """What core calls so lacks what was deducted on the invoice."""
        shown = dict(
            list_columns(self.env, "service_invoicing")[
                "service_invoicing.account_move_view_list"
            ]
        )
        self.assertEqual(shown["service_amount_total_signed"], "Total")
        self.assertEqual(shown["service_amount_due_signed"], "Due")
        self.assertFalse({name for name in shown if name.startswith("amount_")})

    def test_phones_get_cards_instead_of_lists(self):
        """With the payer, the numbers, what is billed and due, and the status."""
        told = {
            "invoice_partner_display_name",
            "service_number",
            "name",
            "service_amount_total_signed",
            "service_amount_due_signed",
            "service_status",
        }
        move = self.env["account.move"]
        for kind in (
            "service",
            "program",
            "insurance",
            "prepayment",
            "credit",
            "authorize",
        ):
            action = self.env.ref(f"service_invoicing.account_move_action_{kind}")
            views = {mode: view for view, mode in action.views}
            cards = etree.fromstring(move.get_view(views["kanban"], "kanban")["arch"])
            shown = set(cards.xpath("//templates//field/@name"))
            self.assertLessEqual(told, shown, kind)

    def test_invoices_tell_the_plates_of_their_vehicles(self):
        orders = self._new_order(
            (self.labour, 100, {}), vehicle_id=self._get_vehicle("NC-1").id
        )
        move = self._bill(orders)
        self.assertEqual(move.with_user(self.clerk).service_license_plate, "NC-1")
        without = self._bill(self._new_order((self.part, 5, {})))
        self.assertFalse(without.service_license_plate)

    @freeze_time("2026-11-22")
    def test_months_tell_the_plate_of_their_agreement(self):
        agreement = self._new_agreement(self._fixed(100, product_id=self.labour.id))
        agreement.vehicle_id.license_plate = "AG-7"
        release = self._release(agreement, "2026-10-01").release_id
        release.with_user(self.clerk).action_confirm()
        action = release.with_user(self.clerk).action_create_invoice()
        move = self._get_documents(action)
        self.assertEqual(move.with_user(self.clerk).service_license_plate, "AG-7")
