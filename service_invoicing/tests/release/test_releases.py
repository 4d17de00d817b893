from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common_releases import ReleasesCommon


@tagged("post_install", "-at_install")
class TestReleases(ReleasesCommon):
    """Numbers, amounts, states and guards of releases."""

    def test_every_release_has_a_number_of_its_company(self):
        first = self._new_release((self.part, 10, {}))
        second = self._new_release((self.part, 10, {}), name="SPOOF")
        self.assertTrue(first.name.startswith("REL/"))
        self.assertTrue(second.name.startswith("REL/"))
        self.assertNotEqual(first.name, second.name)

    def test_amounts_by_category_with_tax_and_total(self):
        release = self._new_release(
            (self.labour, 100, {"quantity": 3}),
            (self.part, 50, {"discount": 10}),
            (self.external, 20, {}),
        )
        # 300 + 45 + 20 = 365, 11 % of it 40.15
        self.assertRecordValues(
            release,
            [
                {
                    "state": "fresh",
                    "amount_labour": 300,
                    "amount_material": 45,
                    "amount_external_repair": 20,
                    "amount_fixed_price": 0,
                    "amount_charge": 0,
                    "amount_discount": 0,
                    "amount_untaxed": 365,
                    "amount_tax": 40.15,
                    "amount_total": 405.15,
                }
            ],
        )

    def test_taxes_are_those_of_the_payer(self):
        abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self._percent_tax(
            0,
            fiscal_position_ids=[Command.set(abroad.ids)],
            original_tax_ids=[Command.set(self.tax_11.ids)],
        )
        self.customer.property_account_position_id = abroad
        release = self._new_release((self.part, 100, {}))
        self.assertEqual(release.fiscal_position_id, abroad)
        self.assertEqual(release.line_ids.tax_ids, self.tax_11)
        self.assertEqual(release.amount_total, 100)

    def test_prices_with_tax_leave_the_same_net(self):
        included = self._percent_tax(10, price_include_override="tax_included")
        self.part.taxes_id = included
        release = self._new_release((self.part, 110, {}))
        self.assertEqual(release.amount_untaxed, 100)
        self.assertEqual(release.amount_tax, 10)

    def test_withholding_is_no_tax_of_the_release(self):
        held = self._percent_tax(-2, service_withholding=True)
        self.labour.taxes_id |= held
        release = self._new_release((self.labour, 100, {}))
        self.assertEqual(release.amount_tax, 11)

    def test_clerks_confirm_and_cancel_with_a_reason(self):
        release = self._new_release((self.part, 10, {})).with_user(self.clerk)
        release.action_confirm()
        self.assertEqual(release.state, "confirmed")
        with self.assertRaisesRegex(UserError, release.name):
            release.action_confirm()
        dialog = release.action_cancel()
        wizard = self.env[dialog["res_model"]].with_user(self.clerk)
        wizard = wizard.browse(dialog["res_id"])
        wizard.reason = "Wrong month"
        wizard.action_apply()
        self.assertEqual(release.state, "cancelled")
        self.assertIn("Wrong month", str(release.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "Cancelled"):
            release.action_cancel(reason="Again")

    def test_all_wrong_states_are_named_at_once(self):
        releases = self._new_release((self.part, 1, {}))
        releases |= self._new_release((self.part, 2, {}))
        releases.action_confirm()
        names = "(?s)" + ".*".join(releases.mapped("name"))
        with self.assertRaisesRegex(UserError, names):
            releases.action_confirm()

    def test_nobody_edits_makes_or_removes_a_release_by_hand(self):
        release = self._new_release((self.part, 10, {}))
        Release = self.env["service.release"].with_user(self.manager)
        with self.assertRaises(AccessError):
            Release.create(release.copy_data()[0])
        mine = release.with_user(self.manager)
        for vals in (
            {"state": "invoiced"},
            {"partner_id": self.sponsor.id},
            {"line_ids": [Command.clear()]},
            {"move_id": False},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                mine.write(vals)
        for vals in ({"price_unit": 1}, {"quantity": 1}):
            with self.subTest(vals), self.assertRaises(AccessError):
                mine.line_ids.write(vals)
        with self.assertRaises(AccessError):
            mine.unlink()
        with self.assertRaisesRegex(UserError, release.name):
            release.sudo().unlink()

    def test_a_callers_context_does_not_make_a_release_invoiced(self):
        Release = (
            self.env["service.release"]
            .sudo()
            .with_context(default_state="invoiced", default_is_supplement=True)
        )
        vals = self._new_release((self.part, 10, {})).copy_data()[0]
        release = Release.create(vals)
        self.assertEqual(release.state, "fresh")
        self.assertFalse(release.is_supplement)

    def test_advisors_and_auditors_read_strangers_do_not(self):
        release = self._new_release((self.part, 10, {}))
        auditor = new_test_user(
            self.env, "release_auditor", groups="account.group_account_readonly"
        )
        for user in (self.advisor, auditor):
            self.assertEqual(release.with_user(user).line_ids.price_subtotal, 10)
            with self.assertRaises(AccessError):
                release.with_user(user).action_confirm()
        stranger = new_test_user(self.env, "release_stranger")
        self.assertFalse(release.with_user(stranger).has_access("read"))

    def test_other_companies_do_not_see_it(self):
        release = self._new_release((self.part, 10, {}))
        other = self._create_company(name="Other workshop")
        foreign = new_test_user(
            self.env,
            "release_foreign",
            groups="service_invoicing.group_service_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(release.with_user(foreign).has_access("read"))
        self.assertFalse(release.line_ids.with_user(foreign).has_access("read"))

    @mute_logger("odoo.sql_db")
    def test_a_period_does_not_end_before_it_begins(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._new_release((self.part, 1, {}), period_to="2026-10-31")
