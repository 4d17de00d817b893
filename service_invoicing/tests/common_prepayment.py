from odoo import Command

from .common import ServiceInvoicingCommon


class PrepaymentCommon(ServiceInvoicingCommon):
    """A company that takes prepayments, and an order over 1,000 with 11 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepaid = cls._new_prepayment_account()
        cls.env.company.service_prepayment_account_id = cls.prepaid
        cls.order = cls._new_order((cls.labour, 600, {}), (cls.part, 400, {}))

    @classmethod
    def _choose_mode(cls, mode):
        cls.env.company.service_prepayment_mode = mode

    @classmethod
    def _ask_prepayment(cls, order=None, amount=300, **answers):
        """A prepayment invoice of the order, made and saved by the clerk."""
        order = (order or cls.order).with_user(cls.clerk)
        if "percentage" not in answers:
            answers["amount"] = amount
        return cls._get_documents(order.action_create_prepayment(**answers))

    @classmethod
    def _authorize(cls, move):
        move.with_user(cls.authorizer).action_service_authorize()
        return move

    @classmethod
    def _receive(cls, move, amount=None):
        """Money comes in for an invoice, all of it by default."""
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        vals = {} if amount is None else {"amount": amount}
        return wizard.create(vals)._create_payments()

    @classmethod
    def _new_prepayment(cls, order=None, amount=300, **answers):
        """An authorized prepayment of the order, received."""
        move = cls._authorize(cls._ask_prepayment(order, amount, **answers))
        cls._receive(move)
        return move

    @classmethod
    def _new_direct(cls, *lines, **vals):
        """A direct prepayment of the customer, with these lines (name, price)."""
        move = (
            cls.env["account.move"]
            .with_user(cls.clerk)
            .create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "direct_prepayment",
                    "partner_id": cls.customer.id,
                    "invoice_line_ids": [
                        Command.create({"name": name, "price_unit": price})
                        for name, price in lines
                    ],
                    **vals,
                }
            )
        )
        move.action_service_save()
        return move.with_env(cls.env)

    def _receivables(self, move):
        return move.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def assertPrepayment(self, move, received, used, left):
        self.assertRecordValues(
            move,
            [
                {
                    "service_prepayment_received": received,
                    "service_prepayment_used": used,
                    "service_prepayment_open": left,
                }
            ],
        )
        prepayment = move.env["service.prepayment"]
        self.assertEqual(prepayment._get_adjustable(move), left)


class DeductionCommon(PrepaymentCommon):
    """The same where advances bear tax and are deducted on the invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._choose_mode("deduction")

    @classmethod
    def _bill_service(cls, order=None):
        """The saved service invoice of the order."""
        moves = cls._bill(order or cls.order)
        return moves.filtered(lambda move: move.service_invoice_type == "service")

    def assertDeducted(self, move, gross, payable, **summary):
        """What stands on the invoice, and the identity of its summary."""
        self.assertEqual(move._get_deducted_amount(), gross)
        self.assertEqual(move.amount_total, payable)
        if summary:
            self.assertSummary(move, **summary)
        self.assertAlmostEqual(
            move.service_amount_total - move.service_amount_withholding - gross,
            move.amount_total,
            2,
        )

    def _credit(self, move, **answers):
        move = move.with_user(self.authorizer)
        answers = {"reason": "Wrong price"} | answers
        return self._get_documents(move.action_service_credit(**answers))

    @classmethod
    def _new_received_direct(cls, amount, **vals):
        direct = cls._new_direct(("Deposit", amount), **vals).with_user(cls.clerk)
        direct.invoice_line_ids.tax_ids = [Command.set(cls.tax_11.ids)]
        direct.action_service_save()
        cls._authorize(direct)
        cls._receive(direct)
        return direct.with_env(cls.env)
