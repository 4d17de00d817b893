from odoo import Command

from odoo.addons.service_invoicing.tests.common import ServiceInvoicingCommon


class WithholdingCommon(ServiceInvoicingCommon):
    """2 % of services are withheld when the invoice is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_company(cls.env.company)
        cls.withheld = cls._withholding_tax(-2)
        cls.services = cls.tax_11 | cls.withheld

    @classmethod
    def _set_up_company(cls, company):
        company.withholding_tax_base_account_id = cls._new_account("WHBASE", company)
        return company

    @classmethod
    def _new_account(cls, code, company=None):
        company = company or cls.env.company
        return (
            cls.env["account.account"]
            .with_company(company)
            .create(
                {
                    "code": code,
                    "name": code,
                    "account_type": "asset_current",
                    "reconcile": True,
                    "company_ids": [Command.set(company.ids)],
                }
            )
        )

    @classmethod
    def _withholding_tax(cls, amount, company=None):
        company = company or cls.env.company
        sequence = cls.env["ir.sequence"].create(
            {"name": "Certificates", "padding": 4, "company_id": company.id}
        )
        return cls._percent_tax(
            amount,
            is_withholding_tax_on_payment=True,
            withholding_sequence_id=sequence.id,
            company_id=company.id,
        )

    @classmethod
    def _new_invoice(cls, *lines, **vals):
        """Authorized service invoice of lines (price, category, taxes)."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": cls.customer.id,
                "invoice_date": "2026-11-01",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": category,
                            "price_unit": price,
                            "service_cost_category": category,
                            "tax_ids": [Command.set(taxes.ids)],
                        }
                    )
                    for price, category, taxes in lines
                ],
                **vals,
            }
        )
        move.action_service_save()
        move.action_service_authorize()
        return move

    @classmethod
    def _adjust(cls, move, amount):
        """Settle a part of the invoice with a prepayment: an entry on its account."""
        receivable = cls._get_receivable(move)
        prepaid = cls.company_data["default_account_assets"]
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-11-02",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": move.partner_id.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (prepaid, amount),
                        (receivable.account_id, -amount),
                    )
                ],
            }
        )
        entry.action_post()
        cls._reconcile(move, entry)

    @classmethod
    def _get_receivable(cls, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    @classmethod
    def _reconcile(cls, *moves):
        lines = cls.env["account.move.line"]
        for move in moves:
            lines |= cls._get_receivable(move)
        lines.filtered(lambda line: not line.reconciled).reconcile()

    @classmethod
    def _open_payment(cls, moves, **vals):
        """Core's payment dialog."""
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        return wizard.create({"payment_date": "2026-11-03", **vals})

    @classmethod
    def _pay(cls, moves, amount=None, **vals):
        """Pay with what the dialog proposes; the payment."""
        wizard = cls._open_payment(moves, **vals)
        if amount is not None:
            wizard.amount = amount
        if not wizard.withholding_payment_account_id:
            wizard.withholding_outstanding_account_id = cls._get_outstanding(moves)
        return wizard._create_payments()

    @classmethod
    def _get_outstanding(cls, moves):
        company = moves.company_id
        account = cls.env["account.account"].with_company(company)
        found = account.search(
            [("code", "=", "WHOUT"), ("company_ids", "in", company.ids)]
        )
        return found or cls._new_account("WHOUT", company)

    def assertWithheld(self, payment, received, withheld):
        """What reached the bank and what was withheld, in the company's currency."""
        lines = payment.move_id.line_ids
        liquidity, __, __ = payment._seek_for_lines()
        taxes = lines.filtered("tax_line_id")
        self.assertAlmostEqual(sum(liquidity.mapped("balance")), received)
        self.assertAlmostEqual(sum(taxes.mapped("balance")), withheld)
        self.assertAlmostEqual(sum(lines.mapped("balance")), 0)
