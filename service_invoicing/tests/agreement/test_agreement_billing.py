from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..common_agreements import AgreementCommon


class AgreementBillingCommon(AgreementCommon):
    """A company whose months are confirmed at once, and the way to their invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.service_monthly_release_confirm = True

    @classmethod
    def _invoice(cls, releases):
        """Invoices of the releases, by the clerk's list button."""
        action = releases.with_user(cls.clerk).action_create_invoice()
        return cls._get_documents(action)

    @classmethod
    def _authorize(cls, move):
        move.with_user(cls.authorizer).action_service_authorize()
        return move

    def _credit(self, move, **vals):
        """Authorized credit memo."""
        move.with_user(self.authorizer).action_service_credit(reason="Wrong", **vals)
        return move.reversal_move_ids.sorted("id")[-1]


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22")
class TestAgreementBilling(AgreementBillingCommon):
    """Months of agreements on invoices."""

    def test_several_months_and_agreements_of_a_payer_share_an_invoice(self):
        agreements = self._new_agreement(self._fixed(100, product_id=self.labour.id))
        agreements |= self._new_agreement(self._fixed(10, product_id=self.labour.id))
        agreements |= self._new_agreement(
            self._fixed(1, product_id=self.labour.id), partner_id=self.sponsor.id
        )
        currency = self.setup_other_currency("EUR")
        agreements |= self._new_agreement(
            self._fixed(5, product_id=self.labour.id), currency_id=currency.id
        )
        releases = self._release(agreements, "2026-02-01", catch_up=True).release_id
        moves = self._invoice(releases)
        self.assertEqual(
            sorted(
                (move.partner_id.name, move.currency_id.name, move.amount_untaxed)
                for move in moves
            ),
            [("Customer", "EUR", 10), ("Customer", "USD", 220), ("Sponsor", "USD", 2)],
        )

    def test_deleted_invoice_frees_its_months(self):
        agreement = self._new_agreement(self._fixed(100, product_id=self.labour.id))
        release = self._release(agreement, "2026-01-01").release_id
        move = self._invoice(release)
        move.with_user(self.clerk).action_service_delete(reason="Wrong")
        self.assertEqual(release.state, "confirmed")
        self.assertFalse(agreement.with_user(self.clerk).invoice_count)
        self.assertEqual(self._invoice(release).amount_untaxed, 100)

    def test_price_with_included_tax_is_entered_with_it(self):
        included = self._percent_tax(10, price_include_override="tax_included")
        agreement = self._new_agreement(
            self._fixed(
                110,
                product_id=self.labour.id,
                tax_ids=[Command.set(included.ids)],
            )
        )
        release = self._release(agreement, "2026-01-01").release_id
        move = self._invoice(release)
        self.assertEqual((move.amount_untaxed, move.amount_tax), (100, 10))


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22")
class TestBilledMonths(AgreementBillingCommon):
    """A month is credited and billed again: rent of 3,000 and 640 km at 0.12."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._new_agreement(
            cls._fixed(3000, product_id=cls.labour.id),
            cls._usage("reading", 0.12, 1500, product_id=cls.labour.id),
        )
        meter = cls.agreement.line_ids[1]
        cls._read(meter, ("2026-01-01", 100000), ("2026-01-31", 102140))
        cls._read(meter, ("2026-02-28", 102200))
        cls.release = cls._release(cls.agreement, "2026-01-01").release_id
        cls.move = cls._authorize(cls._invoice(cls.release))

    def test_month_is_invoiced_with_its_taxes(self):
        agreement, release, move = self.agreement, self.release, self.move
        self.assertRecordValues(
            move,
            [
                {
                    "service_invoice_type": "service",
                    "service_status": "authorized",
                    # 3,000 + 76.80
                    "amount_untaxed": 3076.8,
                    # 11 % of it: 338.448
                    "amount_tax": 338.45,
                    "service_amount_fixed_price": 3000,
                    "service_amount_additional_charge": 76.8,
                }
            ],
        )
        self.assertEqual(release.state, "invoiced")
        clerk = agreement.with_user(self.clerk)
        self.assertEqual((clerk.release_count, clerk.invoice_count), (1, 1))
        found = self.env["account.move"].search(clerk.action_view_invoices()["domain"])
        self.assertEqual(found, move)

    def test_month_without_billable_usage_is_invoiced_with_the_rent(self):
        agreement = self.agreement
        # 60 of 1,500 km
        release = self._release(agreement, "2026-02-01").release_id
        move = self._authorize(self._invoice(release))
        self.assertEqual(move.amount_untaxed, 3000)

    def test_credited_month_is_billed_again_by_a_copy(self):
        agreement, release, move = self.agreement, self.release, self.move
        self._credit(move, free=True)
        copy = agreement.release_ids - release
        self.assertEqual(release.state, "reprocessed")
        self.assertEqual(copy.amount_untaxed, 3076.8)
        self.assertEqual(copy.period_from, release.period_from)
        # the month is not released a third time
        result = self._release(agreement, "2026-01-01")
        self.assertEqual(result.status, "skipped")
        self.assertIn(copy.name, result.reason)
        # what it is billed by stays, also for the copy
        with self.assertRefused(UserError, copy.name):
            agreement.reading_ids.sorted("date")[1].value += 1
        if copy.state == "fresh":
            copy.with_user(self.clerk).action_confirm()
        again = self._authorize(self._invoice(copy))
        self.assertEqual(again.amount_untaxed, 3076.8)

    def test_month_credited_and_closed_is_billed_to_nobody(self):
        agreement, release, move = self.agreement, self.release, self.move
        self._credit(move, free=False)
        self.assertEqual(release.state, "invoiced")
        self.assertEqual(agreement.release_ids, release)
        result = self._release(agreement, "2026-01-01")
        self.assertEqual(result.status, "skipped")

    def test_credited_lines_of_a_month_are_billed_by_a_supplement(self):
        agreement, release, move = self.agreement, self.release, self.move
        rent = move.invoice_line_ids.filtered(lambda line: line.price_subtotal == 3000)
        self._credit(move, line_ids=rent.ids, free=True)
        supplement = agreement.release_ids - release
        self.assertTrue(supplement.is_supplement)
        self.assertEqual(supplement.amount_untaxed, 3000)
        result = self._release(agreement, "2026-01-01")
        self.assertEqual(result.status, "skipped")
        self.assertIn(release.name, result.reason)

    def test_month_bills_again_when_its_credit_memo_is_taken_back(self):
        agreement, release, move = self.agreement, self.release, self.move
        memo = self._credit(move, free=True)
        copy = agreement.release_ids - release
        memo.line_ids.remove_move_reconcile()
        memo.with_user(self.authorizer).button_draft()
        self.env.flush_all()
        self.assertEqual(release.state, "invoiced")
        self.assertEqual(copy.state, "cancelled")
        self.assertEqual(agreement._get_month_release(release.period_from), release)

    def test_month_that_is_billed_anew_keeps_its_credit_memo(self):
        agreement, release, move = self.agreement, self.release, self.move
        memo = self._credit(move, free=True)
        copy = agreement.release_ids - release
        copy.with_user(self.clerk).action_cancel(reason="Wrong price")
        anew = self._release(agreement, "2026-01-01").release_id
        memo.line_ids.remove_move_reconcile()
        with self.assertRefused(
            UserError, f"{release.name} cannot bill January 2026.*{anew.name} bills it"
        ):
            memo.with_user(self.authorizer).button_draft()
            self.env.flush_all()
        anew.with_user(self.clerk).action_cancel(reason="Not that either")
        memo.with_user(self.authorizer).button_draft()
        self.env.flush_all()
        self.assertEqual(agreement._get_live_releases(), release)

    def test_credited_supplement_is_billed_again_by_a_supplement(self):
        agreement, release, move = self.agreement, self.release, self.move
        rent = move.invoice_line_ids.filtered(lambda line: line.price_subtotal == 3000)
        self._credit(move, line_ids=rent.ids, free=True)
        supplement = agreement.release_ids - release
        if supplement.state == "fresh":
            supplement.with_user(self.clerk).action_confirm()
        self._credit(self._authorize(self._invoice(supplement)), free=True)
        self.env.flush_all()
        again = agreement.release_ids - release - supplement
        self.assertTrue(again.is_supplement)
        self.assertEqual(again.amount_untaxed, 3000)
