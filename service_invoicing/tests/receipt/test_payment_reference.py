from stdnum import iso11649

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common_receipt import ReceiptCommon


@tagged("post_install", "-at_install")
class TestPaymentReference(ReceiptCommon):
    """References by the European standard ISO 11649, and the bank statement."""

    def _settings(self, user=None):
        return (
            self.env["res.config.settings"].with_user(user or self.env.user).create({})
        )

    def test_settings_propose_the_standard_and_change_nothing_by_themselves(self):
        journal = self.move.journal_id
        settings = self._settings()
        self.assertEqual(settings.service_invoice_journal_id, journal)
        self.assertEqual(settings.service_reference_model, "odoo")
        settings.execute()
        self.assertEqual(journal.invoice_reference_model, "odoo")
        self._settings().action_service_use_iso_reference()
        self.assertEqual(journal.invoice_reference_model, "euro")
        self.assertEqual(self._settings().service_reference_model, "euro")

    def test_proposal_is_for_the_journal_of_the_company_alone(self):
        other = self._create_company(name="Other")
        settings = self.env["res.config.settings"].with_company(other).create({})
        settings.action_service_use_iso_reference()
        self.assertEqual(settings.service_invoice_journal_id.company_id, other)
        self.assertEqual(self.move.journal_id.invoice_reference_model, "odoo")

    def test_only_managers_switch_the_standard(self):
        settings = self._settings()
        with self.assertRaises(AccessError):
            settings.with_user(self.authorizer).action_service_use_iso_reference()
        self.assertEqual(self.move.journal_id.invoice_reference_model, "odoo")

    def test_statement_line_with_the_reference_finds_and_pays_its_invoice(self):
        self._settings().action_service_use_iso_reference()
        other = self._bill(self._new_order((self.part, 100, {})))
        for move in self.move | other:
            self._authorize(move)
            self.assertTrue(iso11649.is_valid(move.payment_reference))
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-12-05",
                "payment_ref": self.move.payment_reference,
                "amount": 111,
            }
        )
        # core's own candidates; the reference tells the two invoices apart
        domain = statement_line._get_default_amls_matching_domain()
        Line = self.env["account.move.line"]
        self.assertEqual(
            Line.search([*domain, ("partner_id", "=", self.customer.id)]).move_id,
            self.move | other,
        )
        named = ("move_id.payment_reference", "=", statement_line.payment_ref)
        found = Line.search([*domain, named])
        self.assertEqual(found, self.move._get_installments())
        suspense = statement_line._seek_for_lines()[1]
        suspense.write(
            {"account_id": found.account_id.id, "partner_id": self.customer.id}
        )
        (suspense | found).reconcile()
        self.assertEqual(self.move.payment_state, "paid")
        self.assertEqual(
            self.env["service.payment.schedule"]._get_table(self.move)["total"],
            {"due": 111, "adjusted": 0, "received": 111, "remaining": 0},
        )
        self.assertEqual(self.move.service_status, "authorized")
        self.assertEqual(other.payment_state, "not_paid")
