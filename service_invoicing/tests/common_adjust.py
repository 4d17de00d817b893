from odoo import Command

from .common import ServiceInvoicingCommon
from .common_prepayment import PrepaymentCommon

DATE = "2026-11-02"


class AdjustCommon(ServiceInvoicingCommon):
    """Invoices of 1,000 before 11 % tax (1,110) and the credits of their payers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.customer.property_account_receivable_id
        cls.income = cls.company_data["default_account_revenue"]
        cls.env.company.service_modify_payment_term = True
        cls.order = cls._new_plain_order()

    @classmethod
    def _new_plain_order(cls, **vals):
        return cls._new_order((cls.labour, 1000, {}), **vals)

    @classmethod
    def _new_invoice(cls, order=None, price=1000, authorize=True, **vals):
        """Service invoice of an order, or of none with ``order=False``."""
        move = cls._new_document("out_invoice", order, price, **vals)
        return cls._authorize(move) if authorize else move

    @classmethod
    def _new_document(cls, move_type, order, price, **vals):
        order = cls.order if order is None else order
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "service_invoice_type": "service",
                "partner_id": cls.customer.id,
                "invoice_date": DATE,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Labour",
                            "price_unit": price,
                            "tax_ids": [Command.set(cls.tax_11.ids)],
                        }
                    )
                ],
                **vals,
            }
        )
        if order:
            move.sudo().work_order_ids = order
        move.action_service_save()
        return move

    @classmethod
    def _authorize(cls, move):
        move.with_user(cls.authorizer).action_service_authorize()
        return move

    @classmethod
    def _new_credit(cls, price=100, order=None, date=DATE, post=True, **vals):
        """Credit memo of an order that is matched with nothing."""
        vals = {"invoice_date": date, "date": date} | vals
        credit = cls._new_document("out_refund", order, price, **vals)
        return cls._authorize(credit) if post else credit

    @classmethod
    def _credit_paid_invoice(cls, price):
        """Credit memo that stays open, because its invoice was paid before."""
        move = cls._new_invoice(price=price)
        cls._receive(move, move.amount_total)
        return cls._get_documents(
            move.with_user(cls.authorizer).action_service_credit(reason="Too much")
        )

    @classmethod
    def _receive(cls, moves, amount, date=DATE, **vals):
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        return wizard.create(
            {"amount": amount, "payment_date": date, **vals}
        )._create_payments()

    @classmethod
    def _new_receipt(cls, amount, order=None, date=DATE, **vals):
        """Money of the customer that is matched with nothing."""
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": cls.customer.id,
                "amount": amount,
                "date": date,
                "journal_id": cls.company_data["default_journal_bank"].id,
                "service_work_order_id": order.id if order else False,
                **vals,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def _new_entry(cls, amount, currency=None, date=DATE, balance=None, **vals):
        """Credit of the customer that is neither receipt nor credit memo."""
        currency = currency or cls.env.company.currency_id
        balance = amount if balance is None else balance
        entry = cls.env["account.move"].create(
            {
                "date": date,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": cls.customer.id,
                            "currency_id": currency.id,
                            "amount_currency": sign * amount,
                            "balance": sign * balance,
                            **vals,
                        }
                    )
                    for account, sign in ((cls.income, 1), (cls.receivable, -1))
                ],
            }
        )
        entry.action_post()
        return cls._get_credit_line(entry)

    @classmethod
    def _get_credit_line(cls, move):
        """The open credit of a document on its receivable account."""
        move = getattr(move, "move_id", move)
        return move.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and line.balance < 0
        )

    def _get_log(self, move):
        """Rows (source, used before, amount, pending before, undone) of the log."""
        return [
            (row.source_move_id, row.already_adjusted, row.amount, row.pending)
            + ((True,) if row.undone else ())
            for row in move.service_adjustment_ids
        ]


class AdjustPrepaymentCommon(PrepaymentCommon):
    """The order's invoice is 1,000 and 11 % tax: 1,110."""

    @classmethod
    def _bill_service(cls, order=None, authorize=True):
        invoice = cls._bill(order or cls.order).filtered(
            lambda move: move.service_invoice_type == "service"
        )
        return cls._authorize(invoice) if authorize else invoice

    def _get_items(self, entry):
        """Pairs of account and balance, and whether they are settled."""
        return {
            line.account_id: (line.balance, line.reconciled) for line in entry.line_ids
        }

    def _get_log(self, move):
        return [
            (row.source_move_id, row.already_adjusted, row.amount, row.pending)
            for row in move.service_adjustment_ids
            if not row.undone
        ]
