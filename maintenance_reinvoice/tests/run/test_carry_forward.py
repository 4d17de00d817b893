import io

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common import MaintenanceCommon


class CarryForwardCommon(MaintenanceCommon):
    """A company that carries forward, and a garage that gives back 50 on contract A:
    50 and 11.50 tax, 23 %, would be owed to the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.maintenance_negative_groups = "carry"
        cls.back = cls._create_closed(cls.vehicle_a, [{"purchase_price": -50.0}])
        cls.line = cls.back.line_ids

    @classmethod
    def _charge(cls, amount, vehicle=None, **vals):
        """A permission of work whose bill is posted."""
        lines = [{"purchase_price": amount, **vals}]
        return cls._create_closed(vehicle or cls.vehicle_a, lines)

    def _get_sentence(self, amount, currency=None, suffix=""):
        amount = (currency or self.company.currency_id).format(amount)
        return (
            f"Carried forward: the group nets to {amount}{suffix}; it is re-invoiced "
            "with the next lines of the same group"
        )

    def _assert_carried(self, log, amount, sentence=None):
        """The log names the group, its report the lines, and nothing is invoiced."""
        sentence = sentence or self._get_sentence(amount, log.currency_id)
        self.assertRecordValues(
            log,
            [
                {
                    "amount": amount,
                    "posting_state": "none",
                    "posting_note": sentence,
                    "posting_error": False,
                    "move_id": False,
                }
            ],
        )
        for row in log.run_line_ids:
            self.assertEqual(
                (row.taken, row.reason, row.reason_text), (False, "carried", sentence)
            )
        self.assertFalse(log.run_line_ids.permission_line_id.row_ids)


@tagged("post_install", "-at_install")
class TestCarryForward(CarryForwardCommon):
    """A group that nets negative waits for the next lines of the same group."""

    def test_negative_group_waits_and_the_run_is_done(self):
        run = self._create_run(self.back)
        notice = run.action_execute()
        self.assertEqual((run.state, run.failed_count), ("done", 0))
        self.assertEqual(notice["params"]["type"], "success")
        self.assertIn(
            "because they net negative: 1", notice["params"]["message"].splitlines()[1]
        )
        self._assert_carried(run.log_ids, -50.0)
        self.assertEqual(self.back.state, "closed")
        self.assertFalse(self.line.sale_invoice_id)
        # nothing is left to try again, and the scheduled job has nothing to go on with
        with self.assertRaisesRegex(UserError, "is Done"):
            run.action_retry_failed()
        self.assertFalse(run._get_next_batch())

    def test_next_run_takes_all_lines_on_one_invoice(self):
        self._execute_run(self.back)
        work = self._charge(80.0)
        run = self._execute_run(self.back + work)
        # 80 - 50 = 30; 23 % of it are 6.90
        self.assertRecordValues(
            run.log_ids.move_id,
            [
                {
                    "move_type": "out_invoice",
                    "state": "posted",
                    "amount_untaxed": 30.0,
                    "amount_tax": 6.9,
                    "amount_total": 36.9,
                }
            ],
        )
        rows = run.log_ids.move_id.maintenance_row_ids
        self.assertEqual(sorted(rows.mapped("amount")), [-50.0, 80.0])
        self.assertFalse(run.log_ids.posting_note)
        self.assertEqual(set((self.back + work).mapped("state")), {"reinvoiced"})
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_group_is_carried_until_it_is_positive(self):
        """-50, then +20 makes -30, then +30 makes 0, then +1 makes 1."""
        permissions = self.back
        for amount, net in ((20.0, -30.0), (30.0, 0.0), (1.0, 1.0)):
            permissions += self._charge(amount)
            run = self._create_run(permissions)
            run.action_check()
            if net:
                run.action_execute()
            if net < 0:
                self._assert_carried(run.log_ids, net)
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 1.0)
        self.assertEqual(len(run.log_ids.move_id.maintenance_row_ids), 4)

    def test_group_of_zero_is_told_as_ever(self):
        both = self.back + self._charge(50.0)
        for choice in ("carry", "credit"):
            run = self._create_run(both, negative_groups=choice)
            run.action_check()
            self.assertEqual(
                self._get_reasons(run), dict.fromkeys(both.line_ids, "zero_group")
            )
            self.assertFalse(run.log_ids)

    def test_one_of_three_groups_is_carried(self):
        """-50 for the customer, 100 and 20 for two others."""
        others = [self._create_partner(name) for name in ("Insurer", "Driver")]
        permissions = self.back
        for partner, amount in zip(others, (100.0, 20.0), strict=True):
            permissions += self._charge(amount, reinvoice_partner_id=partner.id)
        run = self._execute_run(permissions)
        self.assertRecordValues(
            run,
            [{"state": "done", "log_count": 3, "failed_count": 0, "progress": 100.0}],
        )
        logs = {log.partner_id: log for log in run.log_ids}
        self._assert_carried(logs[self.customer], -50.0)
        self.assertEqual(
            [logs[partner].move_id.amount_untaxed for partner in others], [100.0, 20.0]
        )
        self.assertEqual(run.taken_count, 2)

    def test_check_report_says_it_before_and_in_excel(self):
        self._charge(100.0, self.vehicle_b)
        self.company.maintenance_billing_method = "contract"
        run = self._create_run()
        run.action_check()
        sentence = self._get_sentence(-50.0)
        row = run.line_ids.filtered("reason")
        self.assertEqual((row.permission_line_id, row.taken), (self.line, False))
        self.assertEqual(row.reason_text, sentence)
        self.assertEqual(row.log_id.posting_state, "pending")
        self.assertEqual(row.log_id.posting_note, sentence)
        stream = io.BytesIO()
        self.env["report.maintenance_reinvoice.check_xlsx"]._write_workbook(run, stream)
        lines, summary = (list(s.values) for s in load_workbook(stream).worksheets)
        carried = [line for line in lines if line[1] == sentence]
        self.assertEqual([(line[0], line[9]) for line in carried], [("No", -50)])
        reason = "Carried forward: the group nets negative"
        self.assertIn((reason, 1, -50), [row[:3] for row in summary])

    def test_groups_of_one_customer_are_told_apart(self):
        """One invoice per contract: -50 on A waits, 100 on B does not."""
        self.company.maintenance_billing_method = "contract"
        work = self._charge(100.0, self.vehicle_b)
        run = self._execute_run(self.back + work)
        logs = {log.contract_id: log for log in run.log_ids}
        self._assert_carried(logs[self.contract_a], -50.0)
        self.assertEqual(logs[self.contract_b].move_id.amount_untaxed, 100.0)

    # -- the choice ---------------------------------------------------------------

    def test_run_may_credit_what_the_company_carries(self):
        """The way out for a contract that has ended."""
        self._execute_run(self.back)
        run = self._execute_run(self.back, negative_groups="credit")
        self.assertRecordValues(
            run.log_ids.move_id,
            [
                {
                    "move_type": "out_refund",
                    "amount_untaxed": 50.0,
                    "amount_total": 61.5,
                    "state": "posted",
                }
            ],
        )
        self.assertEqual(self.back.state, "reinvoiced")
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_run_may_carry_what_the_company_credits(self):
        self.company.maintenance_negative_groups = "credit"
        run = self._execute_run(self.back, negative_groups="carry")
        self._assert_carried(run.log_ids, -50.0)
        run = self._execute_run(self.back)
        self.assertEqual(run.log_ids.move_id.move_type, "out_refund")

    def test_form_proposes_the_companys_choice(self):
        with Form(self.env["maintenance.reinvoice.run"]) as form:
            self.assertEqual(form.negative_groups, "carry")
        settings = self.env["res.config.settings"].create({})
        settings.maintenance_negative_groups = "credit"
        # the run keeps what it was made with
        self.assertEqual(form.record.negative_groups, "carry")
        with Form(self.env["maintenance.reinvoice.run"]) as form:
            self.assertEqual(form.negative_groups, "credit")

    def test_another_choice_drops_the_report(self):
        run = self._create_run(self.back)
        run.action_check()
        run.negative_groups = "credit"
        self.assertEqual(run.state, "draft")
        self.assertFalse(run.log_ids + run.line_ids.log_id)
        run.action_execute()
        self.assertEqual(run.log_ids.move_id.move_type, "out_refund")
        with self.assertRaisesRegex(UserError, "so this cannot be done"):
            run.negative_groups = "carry"

    def test_individual_invoice_is_made_when_the_clerk_says_so(self):
        self.line.reinvoice_method = "individual"
        self.line.action_reinvoice(posting_date="2026-10-31")
        move = self.line.sale_invoice_id
        self.assertRecordValues(
            move, [{"move_type": "out_refund", "amount_total": 61.5}]
        )

    def test_each_company_has_its_own_choice(self):
        other = self.setup_other_company()["company"]
        self.assertEqual(other.maintenance_negative_groups, "credit")
        vehicle = self._create_vehicle("XX-9")
        vehicle.sudo().company_id = False
        env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        product = env["product.product"].create({"name": "Work", "type": "service"})
        env["maintenance.contract"].create(
            {
                "name": "X",
                "partner_id": self.customer.id,
                "vehicle_ids": [Command.set(vehicle.ids)],
                "state": "open",
            }
        )
        line = {"product_id": product.id, "purchase_price": -50.0, "reinvoice": True}
        there = env["maintenance.permission"].create(
            {
                "vehicle_id": vehicle.id,
                "vendor_id": self.garage.id,
                "line_ids": [Command.create(line)],
            }
        )
        there.action_approve()
        # what the garage's credit note does, without the accounts of its entry
        env.flush_all()
        there.line_ids.sudo().bill_posted = True
        both = self.back + there.with_env(self.env)
        both = both.with_context(allowed_company_ids=(self.company + other).ids)
        action = both.action_mass_check()
        runs = self.env["maintenance.reinvoice.run"].search(action["domain"]).sudo()
        found = {r.company_id: (r.negative_groups, r.line_ids.reason) for r in runs}
        self.assertEqual(
            found, {self.company: ("carry", "carried"), other: ("credit", False)}
        )
        # a draft that changes its company takes over that of the other one
        run = self._create_run().sudo()
        run.company_id = other
        self.assertEqual(run.negative_groups, "credit")

    # -- what is looked at again --------------------------------------------------

    def test_line_that_is_withdrawn_after_the_check_is_not_carried(self):
        run = self._create_run(self.back)
        run.action_check()
        self.line.reinvoice = False
        run.action_execute()
        self.assertEqual(run.state, "done")
        self.assertEqual(self._get_reasons(run), {self.line: "not_reinvoice"})
        self.assertRecordValues(
            run.log_ids, [{"posting_state": "none", "posting_note": False}]
        )

    def test_group_that_turns_negative_after_the_check_is_carried(self):
        work = self._charge(80.0)
        run = self._create_run(self.back + work)
        run.action_check()
        self.assertEqual(run.taken_count, 2)
        work.line_ids.reinvoice = False
        run.action_execute()
        self.assertEqual(
            self._get_reasons(run),
            {self.line: "carried", work.line_ids: "not_reinvoice"},
        )
        self.assertEqual((run.log_ids.amount, run.state), (-50.0, "done"))
        self.assertEqual(run.log_ids.posting_note, self._get_sentence(-50.0))

    def test_group_that_turns_positive_after_the_check_is_invoiced(self):
        """-50 + 40 is carried by the check; only 15 of the 50 are given back: 25."""
        work = self._charge(40.0)
        run = self._create_run(self.back + work)
        run.action_check()
        self.assertEqual(set(run.line_ids.mapped("reason")), {"carried"})
        self.line.amount_to_reinvoice = -15.0
        run.action_execute()
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 25.0)
        self.assertFalse(run.log_ids.posting_note)
        self.assertEqual(run.taken_count, 2)
        self.assertFalse(any(run.line_ids.mapped("reason_text")))

    def test_carried_line_that_is_withdrawn_is_left_out_by_the_next_run(self):
        credit = self.back._get_bills()
        self._execute_run(self.back)
        # the garage's credit note was a mistake
        credit.button_draft()
        credit.button_cancel()
        work = self._charge(80.0)
        run = self._execute_run(self.back + work)
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 80.0)
        self.assertEqual(
            self._get_reasons(run), {self.line: "not_closed", work.line_ids: False}
        )

    def test_group_whose_invoice_cannot_be_made_fails_by_name(self):
        """Without revenue account nobody knows the taxes; other groups go on."""
        journal = self.company._get_maintenance_journal("invoice")
        journal.default_account_id = self.company.income_account_id = False
        lost = self._create_service("Lost", property_account_income_id=False)
        lost.categ_id.property_account_income_categ_id = False
        back = self._charge(-50.0, product_id=lost.id)
        other = self._charge(
            20.0, reinvoice_partner_id=self._create_partner("Insurer").id
        )
        run = self._execute_run(back + other)
        self.assertEqual(run.state, "done_with_errors")
        failed = run.log_ids.filtered("posting_error")
        self.assertEqual(failed.partner_id, self.customer)
        self.assertIn("No revenue account", failed.posting_error)
        self.assertEqual(other.state, "reinvoiced")

    # -- amounts ------------------------------------------------------------------

    def _create_untaxed(self):
        tax = self._create_tax(0.0, "sale")
        return self._create_service("Untaxed", taxes_id=[Command.set(tax.ids)])

    def test_total_with_tax_decides_and_is_told(self):
        """100 at 0 % less 90 at 23 %: 10 net, but 100 - 110.70 = -10.70 in all."""
        untaxed = self._create_untaxed()
        permissions = self._charge(100.0, product_id=untaxed.id)
        permissions += self._charge(-90.0)
        run = self._execute_run(permissions)
        sentence = self._get_sentence(-10.7, suffix=" with tax")
        self._assert_carried(run.log_ids, 10.0, sentence)
        run = self._execute_run(permissions, negative_groups="credit")
        self.assertRecordValues(
            run.log_ids.move_id, [{"move_type": "out_refund", "amount_total": 10.7}]
        )

    def test_net_alone_does_not_carry(self):
        """90 at 23 % less 100 at 0 %: -10 net, but 110.70 - 100 = 10.70 to pay."""
        untaxed = self._create_untaxed()
        permissions = self._charge(90.0)
        permissions += self._charge(-100.0, product_id=untaxed.id)
        move = self._execute_run(permissions).log_ids.move_id
        self.assertRecordValues(
            move, [{"move_type": "out_invoice", "amount_total": 10.7}]
        )

    def test_taxes_of_the_customers_fiscal_position_decide(self):
        """The same 100 less 90, of a customer who is charged 0 % on both: 10 to pay."""
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self._create_tax(
            0.0,
            "sale",
            fiscal_position_ids=[Command.set(position.ids)],
            original_tax_ids=[Command.set(self.sale_tax.ids)],
        )
        self.customer.property_account_position_id = position
        permissions = self._charge(100.0, product_id=self._create_untaxed().id)
        permissions += self._charge(-90.0)
        move = self._execute_run(permissions).log_ids.move_id
        self.assertRecordValues(
            move, [{"move_type": "out_invoice", "amount_total": 10.0}]
        )

    def test_included_taxes_are_decided_on_the_same_net(self):
        """80 net with included tax is 98.40 gross; 98.40 - 61.50 = 36.90."""
        tax = self._create_tax(23.0, "sale", price_include_override="tax_included")
        included = self._create_service("Incl.", taxes_id=[Command.set(tax.ids)])
        work = self._charge(49.0, product_id=included.id)
        run = self._execute_run(self.back + work)
        self._assert_carried(run.log_ids, -1.0)
        work += self._charge(31.0, product_id=included.id)
        move = self._execute_run(self.back + work).log_ids.move_id
        self.assertRecordValues(move, [{"amount_untaxed": 30.0, "amount_total": 36.9}])

    def test_group_of_each_currency_is_its_own(self):
        """-50 EUR are carried though the customer pays 80 in the company's currency;
        with 80 EUR more it is an invoice of 30 EUR."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.line.reinvoice = False
        vals = {"purchase_currency_id": euro.id}
        lines = [{"purchase_price": -50.0, "currency_id": euro.id}]
        back = self._create_closed(self.vehicle_a, lines, **vals)
        run = self._execute_run(back + self._charge(80.0))
        logs = {log.currency_id: log for log in run.log_ids}
        self._assert_carried(logs[euro], -50.0)
        self.assertEqual(logs[self.company.currency_id].move_id.amount_untaxed, 80.0)
        lines[0]["purchase_price"] = 80.0
        work = self._create_closed(self.vehicle_a, lines, **vals)
        move = self._execute_run(back + work).log_ids.move_id
        # 36.90 EUR are 18.45 at 2 EUR per company unit
        self.assertRecordValues(
            move,
            [
                {
                    "currency_id": euro.id,
                    "amount_untaxed": 30.0,
                    "amount_total": 36.9,
                    "amount_total_signed": 18.45,
                }
            ],
        )

    def test_minimum_does_not_hide_what_is_carried(self):
        self.company.maintenance_minimum_amount = 500.0
        run = self._create_run(self.back, ignore_minimum=True)
        run.action_check()
        self.assertEqual(self._get_reasons(run), {self.line: "carried"})
        run.write({"ignore_minimum": False, "filter_domain": "[]"})
        work = self._charge(80.0)
        run.action_check()
        # 30 are an invoice, but a small one
        self.assertEqual(
            self._get_reasons(run),
            {self.line: "below_minimum", work.line_ids: "below_minimum"},
        )

    def test_storno_shows_the_carried_part_on_its_own_side(self):
        self.company.account_storno = True
        self._execute_run(self.back)
        work = self._charge(80.0, self.vehicle_b)
        move = self._execute_run(self.back + work).log_ids.move_id
        entry = move.maintenance_redistribution_id
        revenue = entry.line_ids.filtered(lambda row: row.account_id == self.revenue)
        self.assertEqual(
            sorted((row.debit, row.credit) for row in revenue),
            [(0.0, -50.0), (0.0, 80.0)],
        )
        self.assertEqual(self._get_balance(self.revenue), -30.0)
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    # -- it is still to be invoiced -------------------------------------------------

    def test_carried_line_counts_as_not_yet_invoiced(self):
        accrued = self.line._get_accrual_amounts(self.company, self._date("2026-10-31"))
        self.assertEqual(accrued[self.line][0], -50.0)
        for _again in range(2):
            self._execute_run(self.back)
        self.assertEqual(
            self.line._get_accrual_amounts(self.company, self._date("2026-10-31")),
            accrued,
        )
        self.env.invalidate_all()
        domain = [("permission_id", "=", self.back.id)]
        unbilled = self.env["maintenance.unbilled.report"].search(domain)
        self.assertEqual(unbilled.mapped("amount"), [-50.0])
        margins = self.env["maintenance.margin.report"].search(domain)
        self.assertEqual(sum(margins.mapped("amount_to_reinvoice")), -50.0)
        self.assertEqual(sum(margins.mapped("amount_reinvoiced")), 0.0)
