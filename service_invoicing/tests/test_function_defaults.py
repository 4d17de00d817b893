from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import ServiceInvoicingCommon

# setting → what a new company has, and another value
VALUES = {
    "service_modify_payment_term": (False, True),
    "service_anchor_date_option": ("invoice_date", "manual"),
    "service_payer_vat_check": ("warning", "block"),
    "service_allow_taxable_amount": (False, True),
    "service_maker_not_authorizer": (False, True),
    "service_closed_period": ("refuse", "shift"),
    "service_issue_zero_invoice": (False, True),
    "service_monthly_release_confirm": (False, True),
    "service_tcd_base": ("basic", "total"),
    "service_prepayment_mode": ("entry", "deduction"),
    # without a limit nobody is stopped
    "service_discount_limit_advisor": (100, 5),
    "service_discount_limit_billing": (100, 10),
    "service_discount_limit_authorizer": (100, 20),
}
# settings that name a record: nobody and nothing in a new company
RECORDS = {
    "service_billing_user_id": "clerk",
    "service_authorization_user_id": "authorizer",
    "service_discount_approver_id": "manager",
    "service_untaxed_tax_id": "untaxed",
    "service_prepayment_account_id": "prepaid",
}


@tagged("post_install", "-at_install")
class TestFunctionDefaults(ServiceInvoicingCommon):
    """What a company chooses: sensible at first, explained, and its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.untaxed = cls._percent_tax(0)
        cls.prepaid = cls._new_prepayment_account()
        cls.company = cls.env.company
        cls.other = cls._create_company(name="Other company")
        # the settings form takes it that who has cash basis taxes uses them
        (cls.company | cls.other).tax_exigibility = True
        cls.admin = cls.env.ref("base.user_admin")
        cls.admin.write(
            {
                "company_ids": [
                    Command.link(cls.company.id),
                    Command.link(cls.other.id),
                ],
                "company_id": cls.company.id,
            }
        )
        cls.settings = [
            name
            for name, field in cls.env["res.company"]._fields.items()
            if name.startswith("service_") and field.store and not field.compute
        ]

    def _read(self, company):
        company.invalidate_recordset()
        return {name: company[name] for name in self.settings}

    def _get_chosen(self):
        """Another value than the default for every setting."""
        return {
            name: VALUES[name][1] if name in VALUES else getattr(self, RECORDS[name])
            for name in self.settings
        }

    def _open_settings(self, company, user=None):
        companies = (company | self.company | self.other).ids
        settings = self.env["res.config.settings"].with_user(user or self.admin)
        return settings.with_context(allowed_company_ids=companies)

    def test_every_setting_is_explained_and_can_be_set(self):
        shown = self.env["res.config.settings"]._fields
        for name in self.settings:
            with self.subTest(name):
                self.assertIn(name, VALUES.keys() | RECORDS.keys())
                self.assertTrue(self.env["res.company"]._fields[name].help)
                self.assertEqual(shown[name].related, f"company_id.{name}")

    def test_new_company_has_the_defaults(self):
        found = self._read(self.other)
        for name in self.settings:
            with self.subTest(name):
                if name in VALUES:
                    self.assertEqual(found[name], VALUES[name][0])
                else:
                    self.assertFalse(found[name])

    def test_settings_are_saved_for_one_company_only(self):
        before = self._read(self.other)
        chosen = self._get_chosen()
        with Form(self._open_settings(self.company)) as form:
            for name, value in chosen.items():
                setattr(form, name, value)
        form.record.execute()
        self.assertEqual(self._read(self.company), chosen)
        self.assertEqual(self._read(self.other), before)

    def test_settings_form_shows_what_its_company_chose(self):
        self.company.write(
            {name: VALUES[name][1] for name in self.settings if name in VALUES}
        )
        for company, place in ((self.company, 1), (self.other, 0)):
            settings = self._open_settings(company).create({})
            for name in self.settings:
                if name in VALUES:
                    with self.subTest(name, company=company.name):
                        self.assertEqual(settings[name], VALUES[name][place])

    def test_no_role_of_service_billing_changes_them(self):
        """Who may authorize must not be able to allow himself more."""
        for user in (self.clerk, self.authorizer, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.company.with_user(user).service_maker_not_authorizer = True
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._open_settings(self.company, user).create({}).execute()

    def test_maker_rule_of_one_company_does_not_hold_in_the_other(self):
        self.company.service_maker_not_authorizer = True
        self.authorizer.company_ids = [Command.link(self.other.id)]
        for company, errors in ((self.company, 1), (self.other, 0)):
            move = (
                self.env["account.move"]
                .with_user(self.authorizer)
                .with_context(allowed_company_ids=company.ids)
                .create(
                    {
                        "move_type": "out_invoice",
                        "service_invoice_type": "service",
                        "partner_id": self.customer.id,
                        "invoice_line_ids": [
                            Command.create({"name": "x", "price_unit": 1})
                        ],
                    }
                )
            )
            move.action_service_save()
            authorization = move.env["service.authorization"]
            with self.subTest(company.name):
                self.assertEqual(len(authorization._get_errors(move)), errors)
