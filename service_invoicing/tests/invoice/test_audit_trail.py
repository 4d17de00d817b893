from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common_audit import AuditTrailMixin
from ..common_prepayment import PrepaymentCommon


@tagged("post_install", "-at_install")
class TestAuditTrail(AuditTrailMixin, PrepaymentCommon):
    """Nothing of the service billing needs an entry to be reset or deleted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._secure_company(cls.env.company)

    def _make_draft(self):
        """The customer's invoice of the order: 1,000 and 11 %."""
        drafts = self._bill(self.order).filtered(lambda move: move.state == "draft")
        self.assertEqual(len(drafts), 1)
        return drafts

    def _authorize_service(self):
        return self._authorize(self._make_draft())

    def test_draft_is_returned_and_deleted_before_it_is_posted(self):
        draft = self._make_draft()
        draft.with_user(self.authorizer).action_service_return(reason="wrong hours")
        draft.with_user(self.clerk).action_service_delete(reason="made anew")
        self.assertEqual(self.order.next_invoice_type, "service")
        invoice = self._authorize_service()
        self.assertSecured(invoice)
        self.assertEqual(invoice.amount_total, 1110.0)

    def test_credited_invoice_is_billed_again(self):
        invoice = self._authorize_service()
        invoice.with_user(self.authorizer).action_service_credit(reason="wrong hours")
        self.assertEqual(invoice.service_status, "reversed")
        self.assertEqual(self.order.next_invoice_type, "service")
        documents = invoice + invoice.reversal_move_ids + self._authorize_service()
        self.assertSecured(documents)
        self.assertEqual(documents.mapped("amount_total"), [1110.0, 1110.0, 1110.0])

    def test_adjusted_prepayment_is_open_again_after_the_credit_memo(self):
        for mode in ("entry", "deduction"):
            with self.subTest(mode=mode), self._rolled_back():
                self._choose_mode(mode)
                # on the invoice 300 of the work; with tax 333
                gross = 300.0 if mode == "entry" else 333.0
                prepayment = self._new_prepayment()
                invoice = self._authorize_service()
                if mode == "entry":
                    invoice.action_service_adjust()
                self.assertPrepayment(prepayment, gross, gross, 0)
                self.assertSummary(invoice, adjusted=gross, net=1110.0 - gross)
                entries = self._get_entries(invoice)
                invoice.with_user(self.authorizer).action_service_credit(reason="wrong")
                self.assertPrepayment(prepayment, gross, 0, gross)
                self.assertSecured(prepayment + self._get_entries(invoice))
                self.assertLessEqual(entries, self._get_entries(invoice))

    def _get_entries(self, invoice):
        """All posted entries of the customer but his payments."""
        domain = [
            ("line_ids.partner_id", "=", invoice.commercial_partner_id.id),
            ("state", "!=", "draft"),
            ("origin_payment_id", "=", False),
        ]
        return self.env["account.move"].search(domain)

    def test_reset_is_refused_and_leaves_the_adjustment(self):
        prepayment = self._new_prepayment()
        invoice = self._authorize_service()
        invoice.action_service_adjust()
        entry = invoice.search([("service_adjusted_prepayment_id", "=", prepayment.id)])
        for document in (invoice, prepayment, entry):
            with self.subTest(document=document), self.assertRaises(UserError):
                document.with_user(self.authorizer).button_draft()
        self.assertPrepayment(prepayment, 300, 300, 0)
        self.assertSummary(invoice, adjusted=300, net=810)
        self.assertSecured(invoice + prepayment + entry)

    def test_clerk_authorizes_by_no_confirmation_of_core(self):
        """On a secured journal core asks before it posts."""
        invoice = self._make_draft().with_user(self.clerk)
        action = invoice.action_validate_moves_with_confirmation()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog.force_hash = True
        with self.assertRaises(AccessError):
            dialog.with_user(self.clerk).validate_move()
        self.assertEqual(invoice.state, "draft")
