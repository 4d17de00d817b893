from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_credits import CreditMemosCommon

REFUSED = r"03/15/2026 is in a closed period of .* \(%s.*03/31/2026.*\). Choose 04/01"


@tagged("post_install", "-at_install", "service_alone")
class TestClosedPeriods(CreditMemosCommon):
    """An invoice of 15 March, and March is closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.move = cls._new_march_invoice()

    @classmethod
    def _new_march_invoice(cls, **vals):
        move = cls._bill(cls._new_order((cls.part, 100, {})))
        move.write({"invoice_date": "2026-03-15", **vals})
        return move.with_user(cls.authorizer)

    def _new_untaxed(self, kind):
        line = {"name": "Fee", "price_unit": 5, "tax_ids": [Command.clear()]}
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": kind,
                "partner_id": self.customer.id,
                "invoice_date": "2026-03-15",
                "invoice_line_ids": [Command.create(line)],
            }
        )
        if kind:
            move.action_service_save()
        return move

    def _close(self, lock="fiscalyear_lock_date", choice="refuse"):
        self.company.write({lock: "2026-03-31", "service_closed_period": choice})

    def assertDates(self, move, posted, invoiced=None):
        dates = {"date": posted, "invoice_date": invoiced or posted, "state": "posted"}
        self.assertRecordValues(move, [dates])

    # -- refused ------------------------------------------------------------------

    def test_refused_by_every_door(self):
        self._close()
        for door in (
            self.move.action_service_authorize,
            self.move.action_post,
            self.move._post,
            lambda: self.move._post(soft=False),
            self.move.action_validate_moves_with_confirmation,
            lambda: self.move.write({"state": "posted"}),
        ):
            with self.subTest(door), self.assertRaisesRegex(UserError, REFUSED % ""):
                door()
        self.assertRecordValues(
            self.move, [{"state": "draft", "date": date(2026, 3, 15)}]
        )

    def test_each_lock_that_holds_for_sales_refuses(self):
        labels = {
            "fiscalyear_lock_date": "Global Lock Date",
            "sale_lock_date": "Sales Lock Date",
            "tax_lock_date": "Tax Return Lock Date",
            "hard_lock_date": "Hard Lock Date",
        }
        for lock, label in labels.items():
            with self.subTest(lock), self._rolled_back():
                # core wants no drafts in a period that is locked for good
                self.move.invoice_date = "2026-04-15"
                self._close(lock)
                self.move.invoice_date = "2026-03-15"
                with self.assertRaisesRegex(UserError, REFUSED % label):
                    self.move.action_service_authorize()

    def test_what_does_not_lock_this_invoice_does_not_stop_it(self):
        self._close("purchase_lock_date")
        self.move.action_service_authorize()
        self.assertDates(self.move, date(2026, 3, 15))
        # the lock of tax returns holds for what bears tax
        self._close("tax_lock_date")
        untaxed = self._new_untaxed("service").with_user(self.authorizer)
        untaxed.action_service_authorize()
        self.assertDates(untaxed, date(2026, 3, 15))

    def test_all_documents_of_a_batch_are_named(self):
        other = self._new_march_invoice()
        april = self._new_march_invoice(invoice_date="2026-04-02")
        self._close()
        action = (self.move | other | april).action_service_authorize()
        told = action["params"]["message"]
        for move in self.move | other:
            self.assertIn(f"{move.service_number}: 03/15/2026", told)
            self.assertEqual(move.state, "draft")
        self.assertNotIn(april.service_number, told)
        self.assertEqual(april.state, "posted")

    def test_invoice_without_a_date_is_of_today(self):
        """Made in March and authorized in May, it is an invoice of May; while today
        itself is locked, it is none."""
        with freeze_time("2026-03-15"):
            moves = self._new_undated(2)
        self._close()
        with freeze_time("2026-05-04"):
            moves[0].action_service_authorize()
            self.assertDates(moves[0], date(2026, 5, 4))
        with (
            freeze_time("2026-03-20"),
            self.assertRaisesRegex(UserError, "03/20/2026 is in a closed period"),
        ):
            moves[1].action_service_authorize()

    def _new_undated(self, count):
        moves = [self._bill(self._new_order((self.part, 9, {}))) for __ in range(count)]
        return self.move.union(*moves)[1:].with_user(self.authorizer)

    def test_exception_of_the_user_opens_the_period_for_him_alone(self):
        self._close()
        self.env["account.lock_exception"].create(
            {
                "company_id": self.company.id,
                "user_id": self.authorizer.id,
                "fiscalyear_lock_date": "2026-02-28",
                "end_datetime": "2099-01-01",
            }
        )
        with self.assertRaisesRegex(UserError, "closed period"):
            self.move.with_user(self.manager).action_service_authorize()
        self.move.action_service_authorize()
        self.assertDates(self.move, date(2026, 3, 15))

    # -- the first open day -------------------------------------------------------

    def test_shifted_to_the_first_open_day_and_told(self):
        self.company.service_anchor_date_option = "invoice_date"
        self._close(choice="shift")
        self.move.action_service_authorize()
        self.assertDates(self.move, date(2026, 4, 1))
        self.assertEqual(self.move.service_anchor_date, date(2026, 4, 1))
        told = self._bodies(self.move)
        self.assertIn("03/15/2026 is in a closed period", told)
        self.assertIn("posted on 04/01/2026", told)

    def test_shifted_behind_the_last_of_several_locks(self):
        """Sales until 31 March, tax returns until 30 April: 1 May."""
        self.company.tax_lock_date = "2026-04-30"
        self._close("sale_lock_date", choice="shift")
        self.move.action_service_authorize()
        self.assertDates(self.move, date(2026, 5, 1))

    def test_only_the_closed_one_of_two_dates_is_shifted(self):
        self.move.write({"invoice_date": "2026-04-10", "date": "2026-03-15"})
        self._close(choice="shift")
        self.move.action_service_authorize()
        self.assertDates(self.move, date(2026, 4, 1), date(2026, 4, 10))

    def test_core_confirm_shifts_like_our_button(self):
        self._close(choice="shift")
        self.move.action_post()
        self.assertDates(self.move, date(2026, 4, 1))

    # -- credit memos, prepayments, companies -------------------------------------

    def test_credit_memo_follows_the_same_choice(self):
        self._close()
        with self.assertRaisesRegex(UserError, REFUSED % ""):
            self._credit(date="2026-03-15")
        self._close(choice="shift")
        credit = self._credit(date="2026-03-15")
        self.assertDates(credit, date(2026, 4, 1))
        self.assertIn("posted on 04/01/2026", self._bodies(credit))

    def test_credit_note_by_core_follows_the_same_choice(self):
        credit = self._credit_by_core(date="2026-03-15")
        self._close()
        with self.assertRaisesRegex(UserError, REFUSED % ""):
            credit.action_post()
        self._close(choice="shift")
        credit.action_post()
        self.assertDates(credit, date(2026, 4, 1))

    def test_each_company_has_its_own_choice(self):
        other = self.setup_other_company()["company"]
        self._close(choice="shift")
        self.assertEqual(other.service_closed_period, "refuse")
        other.fiscalyear_lock_date = "2026-03-31"
        journal = other._get_service_sales_journal()
        day = date(2026, 3, 15)
        move = self.env["account.move"].with_company(other)
        draft = move.new({"company_id": other.id, "journal_id": journal.id})
        draft.update({"move_type": "out_invoice", "invoice_date": day, "date": day})
        periods = self.env["service.closed.period"]
        self.assertIn(other.name, periods._get_errors(draft)[0])
        self.assertFalse(periods._get_errors(self.move))

    def test_form_says_before_what_will_happen(self):
        self._close()
        self.assertRegex(self.move.tax_lock_date_message, REFUSED % "")
        self._close(choice="shift")
        self.move.invalidate_recordset()
        message = self.move.tax_lock_date_message
        self.assertIn("posted on 04/01/2026", message)
        self.move.invoice_date = "2026-04-02"
        self.assertFalse(self.move.tax_lock_date_message)

    def test_other_invoices_are_left_to_core(self):
        self._close()
        plain = self._new_untaxed(False)
        plain.action_post()
        self.assertEqual(plain.invoice_date, date(2026, 3, 15))
        self.assertGreater(plain.date, date(2026, 3, 31))
