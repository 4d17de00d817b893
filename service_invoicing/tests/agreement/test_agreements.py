from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...tools.month import changed_days, iterate_months, month_end, overlap
from ..common_agreements import AgreementCommon


@tagged("post_install", "-at_install")
class TestAgreements(AgreementCommon):
    def test_months_know_their_days(self):
        self.assertEqual(month_end(date(2026, 2, 3)), date(2026, 2, 28))
        self.assertEqual(month_end(date(2028, 2, 1)), date(2028, 2, 29))
        self.assertEqual(
            list(iterate_months(date(2026, 11, 20), date(2027, 1, 1))),
            [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)],
        )
        self.assertIsNone(
            overlap(date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1), None)
        )

    def test_changed_days_are_those_at_either_end(self):
        old = (date(2026, 1, 10), None)
        self.assertEqual(changed_days(old, old), [])
        self.assertEqual(
            changed_days(old, (date(2026, 1, 5), date(2026, 6, 30))),
            [
                (date(2026, 1, 5), date(2026, 1, 9)),
                (date(2026, 7, 1), date.max),
            ],
        )

    def test_clerk_makes_an_agreement_in_the_form(self):
        self.part.service_cost_category = "fixed_price"
        agreements = self.env["service.agreement"].with_user(self.clerk)
        with Form(agreements) as form:
            form.partner_id = self.customer
            form.date_start = "2026-06-10"
            with form.line_ids.new() as line:
                line.product_id = self.part
                line.amount = 3000
        agreement = form.record
        self.assertRegex(agreement.name, r"^AG/2026/\d{5}$|^AG/\d{4}/\d{5}$")
        self.assertEqual(agreement.line_ids.tax_ids, self.tax_11)
        self.assertEqual(agreement.line_ids.cost_category, "fixed_price")
        self.assertEqual(agreement.state, "draft")
        agreement.action_open()
        self.assertEqual(agreement.state, "open")
        self.assertEqual(agreement.amount_monthly, 3000)

    def test_opening_names_everything_that_is_missing(self):
        agreement = self._new_agreement(
            self._fixed(0, name="Rent"),
            self._usage("odometer", 0, name="Kilometres", tax_ids=False),
            opened=False,
            vehicle_id=False,
        )
        with self.assertRaises(UserError) as caught:
            agreement.action_open()
        message = str(caught.exception)
        for part in ("Rent”: there is no amount", "no rate", "no vehicle", "no tax"):
            self.assertIn(part, message)
        empty = self._new_agreement(opened=False)
        with self.assertRefused(UserError, "no lines"):
            empty.action_open()

    def test_category_of_a_line_is_by_product_or_kind(self):
        agreement = self._new_agreement(
            self._fixed(10),
            self._usage("typed", 1),
            self._fixed(10, product_id=self.external.id),
        )
        self.assertEqual(
            agreement.line_ids.mapped("cost_category"),
            ["fixed_price", "additional_charge", "external_repair"],
        )

    def test_what_is_billed_is_frozen_once_it_is_over(self):
        agreement = self._new_agreement(self._fixed(10))
        agreement.action_close(date="2026-06-15")
        self.assertRecordValues(
            agreement, [{"state": "closed", "date_end": date(2026, 6, 15)}]
        )
        for change in (
            lambda: agreement.write({"date_end": False}),
            lambda: agreement.write({"partner_id": self.sponsor.id}),
            lambda: agreement.line_ids.write({"amount": 5}),
            lambda: agreement.line_ids.unlink(),
            lambda: agreement.line_ids.create(
                {**self._fixed(5), "agreement_id": agreement.id}
            ),
        ):
            with self.assertRefused(UserError, "Open it again"):
                change()
        agreement.customer_reference = "PO 7"
        agreement.action_open()
        agreement.date_end = False
        self.assertEqual(agreement.state, "open")

    def test_company_and_currency_are_settled_by_opening(self):
        currency = self.setup_other_currency("EUR")
        agreement = self._new_agreement(self._fixed(10), opened=False)
        agreement.currency_id = currency
        agreement.action_open()
        with self.assertRefused(UserError, "company and currency"):
            agreement.currency_id = self.env.company.currency_id
        agreement.write({"currency_id": currency.id})

    def test_dialogs_ask_for_the_last_day_and_for_the_reason(self):
        agreement = self._new_agreement(self._fixed(10)).with_user(self.clerk)
        action = agreement.action_close()
        dialog = self.env[action["res_model"]].with_user(self.clerk)
        dialog = dialog.browse(action["res_id"])
        dialog.date = "2025-12-31"
        with self.assertRefused(UserError, "begins on"):
            dialog.action_apply()
        dialog.date = "2026-06-15"
        dialog.action_apply()
        self.assertEqual(agreement.state, "closed")
        other = self._new_agreement(self._fixed(10)).with_user(self.clerk)
        action = other.action_cancel()
        dialog = self.env[action["res_model"]].with_user(self.clerk)
        dialog = dialog.browse(action["res_id"])
        dialog.reason = "Never signed"
        dialog.action_apply()
        self.assertEqual(other.state, "cancelled")
        other.action_draft()
        self.assertEqual(other.state, "draft")
        with self.assertRefused(UserError, "cannot be done now"):
            other.action_close(date="2026-06-15")

    def test_open_agreements_are_neither_archived_nor_deleted(self):
        agreement = self._new_agreement(self._fixed(10))
        for change in (agreement.action_archive, agreement.unlink):
            with self.assertRefused(UserError, "[Cc]lose it"):
                change()
        agreement.action_cancel(reason="Never signed")
        agreement.action_archive()
        agreement.unlink()
        self.assertFalse(agreement.exists())

    @freeze_time("2026-07-05")
    def test_copy_begins_today_without_what_has_ended(self):
        agreement = self._new_agreement(
            self._fixed(10, date_to="2026-06-30"),
            self._fixed(20, date_from="2026-07-01"),
            date_end="2026-12-31",
        )
        self.assertEqual(agreement.amount_monthly, 20)
        copy = agreement.copy()
        self.assertRecordValues(
            copy,
            [{"state": "draft", "date_start": date(2026, 7, 5), "date_end": False}],
        )
        self.assertNotEqual(copy.name, agreement.name)
        self.assertEqual(copy.line_ids.mapped("amount"), [20])
        self.assertFalse(copy.line_ids.date_from)

    @mute_logger("odoo.sql_db")
    def test_numbers_that_make_no_sense_are_refused(self):
        agreement = self._new_agreement(self._usage("typed", 1), opened=False)
        line = agreement.line_ids
        for record, vals in (
            (line, {"rate": -1}),
            (line, {"included_units": -1}),
            (line, {"usage_source": False}),
            (line, {"date_from": "2026-02-01", "date_to": "2026-01-01"}),
            (agreement, {"date_end": "2025-12-31"}),
        ):
            with self.subTest(vals), self.assertRefused(Exception, "violates"):
                record.write(vals)
                self.env.flush_all()
        with self.assertRefused(Exception, "violates"):
            self._read(line, ("2026-01-31", -5))

    # -- readings ---------------------------------------------------------------

    def test_lower_reading_is_refused_with_both_figures(self):
        line = self._new_agreement(self._usage("reading", 0.12)).line_ids
        self._read(line, ("2026-01-01", 100000), ("2026-01-31", 102140))
        both = "101,500.00 of 02/28/2026.*102,140.00 of 01/31/2026"
        with self.assertRefused(ValidationError, both):
            self._read(line, ("2026-02-28", 101500))
        # also one that was forgotten, in between
        with self.assertRefused(ValidationError, "102,140.*103,000"):
            self._read(line, ("2026-01-15", 103000))
        with self.assertRefused(ValidationError, "99,000.*100,000"):
            line.meter_reading_ids.sorted("date")[-1].value = 99000
        self._read(line, ("2026-02-28", 102140))

    def test_lower_reading_is_refused_by_import(self):
        line = self._new_agreement(self._usage("reading", 0.12)).line_ids
        self._read(line, ("2026-01-31", 102140))
        result = (
            self.env["service.agreement.reading"]
            .with_user(self.advisor)
            .load(
                ["line_id/.id", "date", "value"],
                [[str(line.id), "2026-02-28", "101500"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("101,500", result["messages"][0]["message"])
        self.assertIn("102,140", result["messages"][0]["message"])

    def test_exchanged_meter_begins_anew_with_a_reason(self):
        line = self._new_agreement(self._usage("reading", 0.12)).line_ids
        self._read(line, ("2026-01-31", 102140))
        exchange = {"kind": "replacement", "old_value": 102500}
        with self.assertRefused(ValidationError, "say why"):
            self._read(line, ("2026-02-10", 0), **exchange)
        with self.assertRefused(ValidationError, "102,000.*102,140"):
            self._read(
                line, ("2026-02-10", 0), **exchange | {"old_value": 102000}, reason="x"
            )
        self._read(line, ("2026-02-10", 5), **exchange, reason="Broken")
        with self.assertRefused(ValidationError, "4.*5"):
            self._read(line, ("2026-02-28", 4))
        self._read(line, ("2026-02-28", 300))

    @mute_logger("odoo.sql_db")
    def test_one_reading_a_day_and_one_quantity_a_month(self):
        agreement = self._new_agreement(
            self._usage("reading", 1), self._usage("typed", 1)
        )
        meter, typed = agreement.line_ids
        self._read(meter, ("2026-01-31", 10))
        quantity = self._read(typed, ("2026-01-15", 10))
        self.assertEqual(quantity.kind, "quantity")
        for line, day in ((meter, "2026-01-31"), (typed, "2026-01-31")):
            with (
                self.subTest(line.usage_source),
                self.assertRefused(Exception, "duplicate key"),
            ):
                self._read(line, (day, 20))
                self.env.flush_all()
        # less than last month is no lower reading
        self._read(typed, ("2026-02-15", 5))

    def test_entries_of_another_kind_are_refused(self):
        agreement = self._new_agreement(
            self._usage("reading", 1), self._usage("typed", 1), self._fixed(10)
        )
        meter, typed, fixed = agreement.line_ids
        for line, kind in (
            (meter, "quantity"),
            (typed, "reading"),
            (fixed, "reading"),
        ):
            with self.subTest(kind), self.assertRefused(ValidationError):
                self._read(line, ("2026-01-31", 10), kind=kind)

    def test_lines_go_on_with_a_meter(self):
        agreement = self._new_agreement(
            self._usage("reading", 0.12, date_to="2026-06-14"),
            self._usage("typed", 1),
        )
        first, typed = agreement.line_ids
        vals = self._usage("reading", 0.15, date_from="2026-06-15")
        vals.update(agreement_id=agreement.id, origin_line_id=first.id)
        second = agreement.line_ids.create(vals)
        self._read(second, ("2026-06-30", 200))
        self.assertEqual(first.meter_reading_ids.value, 200)
        with self.assertRefused(ValidationError, "200.*100|100.*200"):
            self._read(first, ("2026-07-31", 100))
        for wrong in (typed.id, second.id):
            with self.assertRefused(ValidationError, "cannot go on"):
                agreement.line_ids.create({**vals, "origin_line_id": wrong})

    def test_cancelled_agreements_take_no_readings(self):
        agreement = self._new_agreement(self._usage("reading", 1))
        agreement.action_cancel(reason="Never signed")
        with self.assertRefused(ValidationError, "takes no readings"):
            self._read(agreement.line_ids, ("2026-01-31", 1))

    # -- rights and companies ---------------------------------------------------

    def test_advisor_enters_readings_and_changes_no_terms(self):
        agreement = self._new_agreement(self._usage("reading", 1))
        agreement = agreement.with_user(self.advisor)
        reading = agreement.reading_ids.create(
            {"line_id": agreement.line_ids.id, "date": "2026-01-31", "value": 5}
        )
        reading.value = 6
        for change in (
            lambda: agreement.write({"partner_id": self.sponsor.id}),
            lambda: agreement.line_ids.write({"rate": 0.01}),
            lambda: agreement.action_close(date="2026-06-30"),
            lambda: agreement.action_cancel(reason="x"),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_state_and_number_are_set_by_buttons_only(self):
        agreement = self._new_agreement(self._fixed(1), opened=False)
        for vals in ({"state": "open"}, {"name": "AG/1"}):
            with self.subTest(vals), self.assertRefused(AccessError, "by hand"):
                agreement.with_user(self.manager).write(vals)
            with self.subTest(vals), self.assertRefused(AccessError, "by hand"):
                agreement.with_user(self.manager).create(
                    {"partner_id": self.customer.id, **vals}
                )

    def test_strangers_see_nothing_and_auditors_only_read(self):
        agreement = self._new_agreement(self._usage("reading", 1))
        stranger = new_test_user(self.env, "no_service", groups="base.group_user")
        auditor = new_test_user(
            self.env, "service_reader", groups="account.group_account_readonly"
        )
        for record in (agreement, agreement.line_ids, agreement.reading_ids):
            self.assertFalse(record.with_user(stranger).has_access("read"))
            self.assertTrue(record.with_user(auditor).has_access("read"))
            self.assertFalse(record.with_user(auditor).has_access("write"))

    def test_other_companies_agreements_are_theirs(self):
        other = self._create_company(name="Other company")
        agreement = self.env["service.agreement"].create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        self.assertTrue(agreement.name)
        clerk = agreement.with_user(self.clerk)
        self.assertFalse(clerk.search([("id", "=", agreement.id)]))
        with self.assertRefused(UserError):
            agreement.line_ids = [
                Command.create(self._fixed(1, tax_ids=[Command.set(self.tax_11.ids)]))
            ]

    def test_partner_and_vehicle_show_their_agreements(self):
        company = self._new_partner("Group", is_company=True)
        address = self._new_partner("Branch", parent_id=company.id)
        agreements = self._new_agreement(partner_id=company.id, opened=False)
        agreements |= self._new_agreement(partner_id=address.id, opened=False)
        self._new_agreement(opened=False, vehicle_id=False)
        found = company.with_user(self.advisor)
        self.assertEqual(found.service_agreement_count, 2)
        self.assertEqual(address.service_agreement_count, 1)
        for record in (found, self.vehicle.with_user(self.advisor)):
            action = record.action_view_service_agreements()
            self.assertEqual(
                self.env["service.agreement"].search(action["domain"]), agreements
            )
        self.assertEqual(self.vehicle.service_agreement_count, 2)
