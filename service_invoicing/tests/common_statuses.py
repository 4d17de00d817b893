from odoo import Command
from odoo.tests import new_test_user

from .common import ServiceInvoicingCommon

STATUSES = (
    "draft",
    "fresh",
    "returned",
    "authorized",
    "partially_adjusted",
    "adjusted",
    "reversed",
    "deleted",
)
REASON = {"reason": "Because"}


class StatusCommon(ServiceInvoicingCommon):
    """An invoice of 111.00 in each billing status, and a user of each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "advisor": cls.advisor,
            "billing": cls.clerk,
            "authorizer": cls.authorizer,
            "manager": cls.manager,
            "invoicing": cls._new_accountant("invoice"),
            "administrator": cls._new_accountant("manager"),
        }
        # the rights of the person who runs the tests must not help anybody
        cls.moves = {
            status: getattr(cls, f"_make_{status}")().sudo(False) for status in STATUSES
        }
        cls.env.flush_all()

    @classmethod
    def _new_accountant(cls, group):
        return new_test_user(
            cls.env,
            f"service_core_{group}",
            groups=f"account.group_account_{group}",
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )

    # -- an invoice in each status ---------------------------------------------

    @classmethod
    def _make_draft(cls):
        return (
            cls.env["account.move"]
            .with_user(cls.clerk)
            .create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": cls.customer.id,
                    "invoice_date": "2026-11-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Labour",
                                "price_unit": 100,
                                "tax_ids": [Command.set(cls.tax_11.ids)],
                            }
                        )
                    ],
                }
            )
        )

    @classmethod
    def _make_fresh(cls):
        move = cls._make_draft()
        move.action_service_save()
        return move

    @classmethod
    def _make_returned(cls):
        move = cls._make_fresh()
        move.action_service_return(**REASON)
        return move

    @classmethod
    def _make_deleted(cls):
        move = cls._make_fresh()
        move.action_service_delete(**REASON)
        return move

    @classmethod
    def _make_authorized(cls):
        move = cls._make_fresh().with_user(cls.authorizer)
        move.action_service_authorize()
        return move

    @classmethod
    def _make_partially_adjusted(cls):
        return cls._make_adjusted(amount=40)

    @classmethod
    def _make_adjusted(cls, amount=111):
        """An entry, as a prepayment would make it, settles the invoice."""
        move = cls._make_authorized()
        receivable = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        prepaid = cls.company_data["default_account_assets"]
        rows = ((prepaid, amount), (receivable.account_id, -amount))
        entry = cls.env["account.move"].create(
            {
                "date": "2026-11-02",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "balance": balance,
                            "partner_id": cls.customer.id,
                        }
                    )
                    for account, balance in rows
                ],
            }
        )
        entry.action_post()
        lines = entry.line_ids.filtered(lambda x: x.account_id == receivable.account_id)
        (lines | receivable.with_env(cls.env)).reconcile()
        return move

    @classmethod
    def _make_reversed(cls):
        move = cls._make_authorized()
        move._reverse_moves([{"invoice_date": "2026-11-02"}]).action_post()
        return move
