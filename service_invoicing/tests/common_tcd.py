from odoo import Command

from .common import ServiceInvoicingCommon


class TcdCommon(ServiceInvoicingCommon):
    """Codes, and service invoices of lines that are typed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.company_data["default_account_revenue"].copy()
        cls.tax_5 = cls._percent_tax(5)
        cls.levy = cls._new_code("LEVY", "tax", tax_ids=cls.tax_5.ids)

    @classmethod
    def _new_code(cls, code, tcd_type, **vals):
        if tcd_type != "tax":
            vals = {"account_id": cls.account.id, "rate": 10, **vals}
        return cls.env["service.tcd"].create(
            {"code": code, "name": code, "tcd_type": tcd_type, **vals}
        )

    @classmethod
    def _new_invoice(cls, *lines, rows=(), **vals):
        """Service invoice that was typed: (product, price, values) and codes."""
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": cls.customer.id,
                "invoice_date": "2026-11-20",
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": product.id, "price_unit": price, **line_vals}
                    )
                    for product, price, line_vals in lines
                ],
                "service_tcd_ids": [
                    Command.create({"tcd_id": code.id}) for code in rows
                ],
                **vals,
            }
        )

    @classmethod
    def _save(cls, move):
        move.action_service_save()
        return move.service_tcd_ids

    @classmethod
    def _authorize(cls, move):
        move.action_service_save()
        move.action_service_authorize()
        return move

    @classmethod
    def _find_line(cls, move, found):
        """The line of a product or of a code."""
        name = "product_id" if found._name == "product.product" else "service_tcd_id"
        return move.invoice_line_ids.filtered(
            lambda line: line[name] == found and line.display_type == "product"
        )

    def _get_state(self, move):
        """Everything that saving again must leave alone."""
        self.env.flush_all()
        lines = move.line_ids.sorted("id")
        names = ["balance", "tax_ids", "service_tcd_tax_ids", "extra_tax_data"]
        names += ["price_unit", "sequence", "name", "write_date"]
        rows = move.service_tcd_ids.read(["rate", "amount", "taxable_amount"])
        return lines.ids, lines.read(names), rows, move.amount_total

    def assertSavedTwiceTheSame(self, move):
        before = self._get_state(move)
        move.action_service_save()
        self.assertEqual(self._get_state(move), before)
