from odoo import Command, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_move_lines_to_report(self):
        """A collective invoice prints one line per tax set with the standard text, if
        the company wants so; its contracts are on the attachment."""
        lines = super()._get_move_lines_to_report()
        if not self._is_maintenance_merged():
            return lines
        merged = self.env["account.move.line"]
        for group in lines.grouped("tax_ids").values():
            merged += merged.new(self._prepare_merged_line_vals(group))
        return merged

    def _is_maintenance_merged(self):
        company = self.company_id
        return (
            self.maintenance_mass_invoice and company.maintenance_print_detail == "tax"
        )

    def _prepare_merged_line_vals(self, lines):
        """Values of a printed line that stands for ``lines``; never stored, and not
        linked to the invoice, whose lines stay as they are."""
        lang = self.partner_id.lang or self.env.lang
        text = self.company_id._get_maintenance_text(lang)
        return {
            "display_type": "product",
            "name": text or lines[0].name,
            "quantity": 1.0,
            "price_unit": sum(line.price_unit * line.quantity for line in lines),
            "price_subtotal": sum(lines.mapped("price_subtotal")),
            "price_total": sum(lines.mapped("price_total")),
            "tax_ids": [Command.set(lines[0].tax_ids.ids)],
            "currency_id": self.currency_id.id,
        }
