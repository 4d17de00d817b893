from odoo import Command
from odoo.tests import tagged

from ..common_adjust import AdjustPrepaymentCommon
from ..common_properties import Phase, examples, given, st

cents = st.integers(min_value=1, max_value=90000)


@tagged("post_install", "-at_install")
class TestAdjustmentEntry(AdjustPrepaymentCommon):
    """The entry clears the liability to the cent, in every currency and company."""

    def _new_foreign(self, advance=300, price=1000, rates=(2.0, 4.0)):
        """A prepayment of 300 euro at 2 to the dollar, an invoice of 1,110 at 4."""
        days = ("2026-01-01", "2026-11-20")
        euro = self.setup_other_currency(
            "EUR", rates=list(zip(days, rates, strict=True))
        )
        direct = self._new_direct(
            ("Deposit", advance), currency_id=euro.id, invoice_date="2026-11-02"
        )
        self._authorize(direct)
        self._receive(direct)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_date": "2026-11-21",
                "currency_id": euro.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Labour",
                            "price_unit": price,
                            "tax_ids": self.tax_11.ids,
                        }
                    )
                ],
            }
        )
        invoice.action_service_save()
        return direct, self._authorize(invoice)

    def test_liability_in_a_foreign_currency_ends_at_zero(self):
        direct, invoice = self._new_foreign()
        line = direct._get_prepayment_lines()
        self.assertEqual(line.balance, -150)
        for amount in (33.33, 99.99):
            invoice.action_service_adjust(line_ids=line.ids, amount=amount)
        invoice.action_service_adjust(line_ids=line.ids)
        entries = invoice.service_adjustment_ids.entry_move_id
        prepaid = entries.line_ids.filtered(lambda x: x.account_id == self.prepaid)
        # at the prepayment's rate 16.665 and 49.995; the last takes what is left
        self.assertEqual(prepaid.mapped("balance"), [16.67, 50, 83.33])
        self.assertEqual(prepaid.mapped("amount_currency"), [33.33, 99.99, 166.68])
        self.assertTrue(line.reconciled)
        self.assertFalse(line.matched_debit_ids.exchange_move_id)
        self.assertEqual(invoice.amount_residual, 810)
        # 300 euro of the invoice are 75, and the prepayment's were 150
        receivable = invoice._get_receivable_lines()
        self.assertAlmostEqual(receivable.amount_residual, 202.5, 2)
        self.assertEqual(
            self._get_log(invoice),
            [
                # 300 less what was used before
                (direct, 0, 33.33, 300),
                (direct, 33.33, 99.99, 266.67),
                (direct, 133.32, 166.68, 166.68),
            ],
        )
        invoice.service_adjustment_ids.action_undo(reason="All")
        self.assertEqual(line.amount_residual, -150)
        self.assertEqual(line.amount_residual_currency, -300)
        self.assertEqual(receivable.amount_residual, 277.5)
        self.assertEqual(receivable.amount_residual_currency, 1110)
        balances = self.env["account.move.line"]._read_group(
            [
                ("move_id", "in", (entries | entries.reversal_move_ids).ids),
                ("parent_state", "=", "posted"),
            ],
            ["account_id"],
            ["balance:sum"],
        )
        self.assertEqual([balance for __, balance in balances], [0, 0])

    @examples(2, phases=[Phase.generate])
    @given(
        advance=cents,
        price=cents,
        parts=st.lists(cents, min_size=1, max_size=3),
        rates=st.sampled_from([(2.0, 4.0), (1.37, 1.29), (0.91, 0.91)]),
        undone=st.integers(min_value=0, max_value=3),
    )
    def test_sums_hold(self, advance, price, parts, rates, undone):
        savepoint = self.env.cr.savepoint()
        try:
            self._check_sums(advance / 100, price / 100, parts, rates, undone)
        finally:
            savepoint.close(rollback=True)

    def _check_sums(self, advance, price, parts, rates, undone):
        direct, invoice = self._new_foreign(advance, price, rates)
        line = direct._get_prepayment_lines()
        taken = []
        for part in parts:
            most = min(invoice.amount_residual, direct.service_prepayment_open)
            if most:
                taken.append(min(part / 100, most))
                invoice.action_service_adjust(line_ids=[[line.id, taken[-1]]])
        rows = invoice.service_adjustment_ids
        if undone < len(rows):
            rows[undone].action_undo(reason="At random")
            taken.pop(undone)
        total = sum(taken)
        self.assertAlmostEqual(invoice.service_amount_adjusted, total, 2)
        self.assertAlmostEqual(sum(rows.mapped("live_amount")), total, 2)
        self.assertAlmostEqual(invoice.amount_residual, invoice.amount_total - total, 2)
        self.assertAlmostEqual(line.amount_residual_currency, total - advance, 2)
        self.assertAlmostEqual(direct.service_prepayment_open, advance - total, 2)
        # what is not adjusted stands on the liability, in both currencies
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.prepaid.id), ("parent_state", "=", "posted")]
        )
        self.assertAlmostEqual(sum(items.mapped("amount_currency")), total - advance, 2)
        self.assertAlmostEqual(
            sum(items.mapped("balance")), sum(items.mapped("amount_residual")), 2
        )

    def test_company_with_storno_accounting(self):
        self.env.company.account_storno = True
        self._new_prepayment()
        invoice = self._bill_service()
        entry = invoice.service_adjustment_ids.entry_move_id
        prepaid, received = entry.line_ids.sorted("balance", reverse=True)
        self.assertEqual((prepaid.debit, prepaid.credit), (300, 0))
        self.assertEqual((received.debit, received.credit), (0, 300))
        invoice.service_adjustment_ids.action_undo(reason="Storno")
        # taken back on the same sides, with the sign turned
        back = entry.reversal_move_ids.line_ids.sorted("balance")
        self.assertEqual((back[0].debit, back[0].credit), (-300, 0))
        self.assertEqual((back[1].debit, back[1].credit), (0, -300))
        self.assertEqual(invoice.amount_residual, 1110)

    def test_analytics_of_the_advance_go_with_it(self):
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        analytic = self.env["account.analytic.account"].create(
            {"name": "Contract", "plan_id": plan.id}
        )
        prepayment = self._ask_prepayment()
        line = prepayment._get_prepayment_lines()
        line.analytic_distribution = {str(analytic.id): 100}
        self._authorize(prepayment)
        self._receive(prepayment)
        invoice = self._bill_service()
        items = invoice.service_adjustment_ids.entry_move_id.line_ids
        prepaid = items.filtered(lambda x: x.account_id == self.prepaid)
        self.assertEqual(prepaid.analytic_distribution, {str(analytic.id): 100})
        self.assertFalse((items - prepaid).analytic_distribution)


@tagged("post_install", "-at_install")
class TestAdjustmentEntryOfClerks(AdjustPrepaymentCommon):
    """The entry is made for whoever adjusts, and can be seen beforehand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepayment = cls._new_prepayment()
        cls.invoice = cls._bill_service(authorize=False)

    def test_accounting_information_shows_the_entry_before_and_after(self):
        invoice = self.invoice
        names = ["account_id", "debit", "credit", "amount_currency"]
        action = invoice.with_user(self.clerk).action_service_open_entries()
        preview = self.env[action["res_model"]].with_user(self.clerk)
        preview = preview.browse(action["res_id"])
        self.assertFalse(preview.problems)
        before = preview.line_ids.read(names, load=None)
        self.assertIn(self.prepaid.id, [item["account_id"] for item in before])
        self.assertEqual(preview.line_ids.move_id, invoice)
        self.assertFalse(invoice.service_adjustment_ids, "nothing of it stays")
        self._authorize(invoice)
        action = invoice.with_user(self.clerk).action_service_open_entries()
        after = (
            self.env["account.move.line"]
            .search(action["domain"])
            .read(names, load=None)
        )
        for items in (before, after):
            for item in items:
                del item["id"]
            items.sort(key=lambda item: list(item.values()))
        self.assertEqual(before, after)

    def test_clerk_adjusts_without_accounting_rights(self):
        self.assertFalse(self.clerk.has_group("account.group_account_user"))
        prepayment, invoice = self.prepayment, self.invoice
        invoice.service_auto_adjust = False
        self._authorize(invoice)
        line = prepayment._get_prepayment_lines()
        invoice.with_user(self.clerk).action_service_adjust(line_ids=line.ids)
        entry = invoice.service_adjustment_ids.entry_move_id
        self.assertEqual(entry.create_uid, self.clerk)
        self.assertEqual(entry.journal_id.type, "general")
