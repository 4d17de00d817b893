from odoo import Command

from .common import ServiceInvoicingCommon


class CreditMemosCommon(ServiceInvoicingCommon):
    """Labour 200 and parts 100 for the customer, 11 % tax: 333."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order((cls.labour, 200, {}), (cls.part, 100, {}))
        cls.invoice = cls._bill(cls.order)
        cls.invoice.with_user(cls.authorizer).action_service_authorize()
        cls.labour_line, cls.part_line = cls.invoice.invoice_line_ids.filtered(
            "product_id"
        ).sorted("price_subtotal", reverse=True)

    def _credit(self, move=None, user=None, **answers):
        """Credit an invoice by our button and return the credit memo."""
        move = (move or self.invoice).with_user(user or self.authorizer)
        answers = {"reason": "Wrong price"} | answers
        return self._get_documents(move.action_service_credit(**answers))

    def _credit_by_core(self, move=None, is_modify=False, **vals):
        move = move or self.invoice
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard = wizard.create({"journal_id": move.journal_id.id} | vals)
        return self._get_documents(wizard.reverse_moves(is_modify))

    def _receivables(self, move):
        return move.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def _adjust(self, amount, move=None):
        """A credit of another document, reconciled with the invoice."""
        move = move or self.invoice
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": move.partner_id.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self._receivables(move).account_id, -amount),
                        (self.company_data["default_account_revenue"], amount),
                    )
                ],
            }
        )
        entry.action_post()
        line = entry.line_ids.filtered(lambda line: line.balance < 0)
        (line + self._receivables(move).filtered("amount_residual")).reconcile()
        return line

    def _bodies(self, document):
        return str(document.message_ids.mapped("body"))
