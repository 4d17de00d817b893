import re
from math import inf

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_agreements import AgreementCommon
from .common_arguments import ArgumentsMixin
from .common_prepayment import PrepaymentCommon


@tagged("post_install", "-at_install")
class TestArguments(ArgumentsMixin, PrepaymentCommon, AgreementCommon):
    """Wrong arguments, no record and several get a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        prepaid = cls._new_prepayment(amount=100) + cls._new_prepayment(amount=200)
        insured = cls._new_order((cls.labour, 600, {}), (cls.part, 400, {}))
        claims = cls._new_claim(insured, insured.line_ids[1])
        claims += cls._new_claim(insured, insured.line_ids[:1], approved=False)
        claims[1].action_reject()
        invoice = cls._bill(cls.order)[-1:]
        invoice.service_auto_adjust = True
        cls._authorize(invoice)
        waiting = cls._new_order((cls.labour, 100, {}))
        cls._new_prepayment(waiting, 50)
        fresh = cls._bill(cls._new_order((cls.labour, 200, {})))
        agreements = cls._new_agreement(cls._fixed(100))
        agreements += cls._new_agreement(cls._fixed(50), vehicle_id=False)
        cls._release(agreements, "2026-10-01")
        releases = agreements.release_ids
        releases[:1].action_confirm()
        journal = cls.company_data["default_journal_bank"]
        receipts = cls.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": journal.id,
                    "date": "2026-11-01",
                    "payment_ref": name,
                    "amount": 1,
                }
                for name in ("First", "Second")
            ]
        )
        cls.env["service.billing.run"]._begin("orders", waiting + cls.order)
        cls.openers = {"account.move.reversal": invoice}
        cls.records = {
            "account.bank.statement.line": receipts,
            "account.move": invoice + fresh + prepaid[:1],
            "account.journal": cls.company_data["default_journal_sale"],
            "fleet.vehicle": cls.vehicle + cls._new_vehicle(),
            "res.partner": cls.customer + cls.insurer,
            "service.agreement": agreements,
            "service.insurance.claim": claims,
            "service.invoice.adjustment": invoice.service_adjustment_ids,
            "service.release": releases,
            "service.work.order": waiting + cls.order,
        }

    def test_wrong_arguments_get_a_sentence(self):
        """For all that the add-on lets a remote client call, and every role."""
        users = [self.manager, self.clerk, self.advisor]
        users += map(
            self._new_role, ("account.group_account_invoice", "base.group_user")
        )
        self.assertSentences("service_invoicing", users)

    def test_sentence_names_document_argument_and_value(self):
        for model, method, argument, value in (
            ("account.move", "js_assign_outstanding_line", "line_id", True),
            ("account.move", "action_service_credit", "reason", {}),
            ("account.move", "action_service_move_share", "partner_id", True),
            ("service.agreement", "action_close", "date", 1),
            ("service.invoice.adjustment", "action_undo", "reason", -1),
            ("service.work.order", "action_move_share", "partner_id", -inf),
            ("service.work.order", "action_create_prepayment", "partner_id", [True]),
            ("service.work.order", "action_create_prepayment", "percentage", ["a"]),
        ):
            record = self.records[model][:1]
            named = (record.display_name, f"“{argument}”", repr(value))
            regex = ".*".join(map(re.escape, named))
            with self.subTest(method), self.assertRaisesRegex(UserError, regex):
                getattr(record, method)(**{argument: value})

    def test_all_wrong_arguments_are_named_together(self):
        order = self.records["service.work.order"][:1]
        with self.assertRaisesRegex(UserError, "“amount”(.|\n)*“partner_id”"):
            order.action_create_prepayment(amount="much", partner_id="x")

    def test_what_works_on_one_document_asks_for_one(self):
        orders = self.records["service.work.order"]
        for wrong in (orders, orders.browse()):
            with self.assertRaisesRegex(UserError, f"one document.*{len(wrong)}"):
                wrong.action_create_next_invoice()
        with self.assertRaisesRegex(UserError, "Choose a document"):
            orders.browse().action_cancel()

    def test_nothing_is_what_some_clients_send_for_no_value(self):
        """A client that knows no null sends false."""
        order = self.records["service.work.order"][:1]
        action = order.action_create_prepayment(amount=10, partner_id=False)
        self.assertEqual(self._get_documents(action).partner_id, self.customer)

    def test_sentence_speaks_the_language_of_its_reader(self):
        self._speak_french()
        kind = self.env["ir.model"]._get("service.work.order")
        kind.sudo().with_context(lang="fr_FR").name = "Ordre de travail"
        orders = self.env["service.work.order"].with_context(lang="fr_FR")
        with self.assertRaisesRegex(UserError, "Ordre de travail"):
            orders.action_create_next_invoice()
