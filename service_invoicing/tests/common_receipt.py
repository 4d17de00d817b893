from odoo import Command

from .common import ServiceInvoicingCommon

IBAN = "SK31 1200 0000 1987 4263 7541"
BIC = "TATRSKBX"
TODAY = "2026-12-01"


class ReceiptCommon(ServiceInvoicingCommon):
    """A customer with 30 days to pay, and an invoice of his over 100 and 11 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term_30 = cls._new_term((100, 30))
        cls.term_split = cls._new_term((30, 0), (70, 30))
        cls.customer.property_payment_term_id = cls.term_30
        cls.move = cls._bill(cls._new_order((cls.part, 100, {}))).with_user(cls.clerk)

    @classmethod
    def _new_term(cls, *lines, **vals):
        """Payment term of instalments (percent, days after the anchor date)."""
        return cls.env["account.payment.term"].create(
            {
                "name": "Term",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": part, "nb_days": days}
                    )
                    for part, days in lines
                ],
                **vals,
            }
        )

    def _typed_vals(self, **vals):
        return {
            "move_type": "out_invoice",
            "service_invoice_type": "service",
            "partner_id": self.customer.id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": self.part.id,
                        "price_unit": 100,
                        "tax_ids": [Command.set(self.tax_11.ids)],
                    }
                )
            ],
            **vals,
        }

    def _new_move(self, **vals):
        return (
            self.env["account.move"]
            .with_user(self.clerk)
            .create(self._typed_vals(**vals))
        )

    def _new_bank(self, number=IBAN, bic=BIC, partner=None, **vals):
        bank = self.env["res.bank"].create({"name": "Bank", "bic": bic})
        return self.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "bank_id": bank.id,
                "partner_id": (partner or self.customer).id,
                **vals,
            }
        )

    def _authorize(self, move=None):
        move = (move or self.move).with_user(self.authorizer)
        move.action_service_authorize()
        return move

    def assertDue(self, move, *expected):
        """The schedule is these pairs of date and amount, and nothing else."""
        lines = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        found = sorted(
            (str(line.date_maturity), abs(line.amount_currency)) for line in lines
        )
        self.assertEqual(found, [(date, float(amount)) for date, amount in expected])
        self.assertEqual(str(move.invoice_date_due), expected[-1][0])
