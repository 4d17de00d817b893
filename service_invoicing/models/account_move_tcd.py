from odoo import Command, fields, models

from ..tools.split import split_amount


class AccountMove(models.Model):
    """Charges and discounts: rows of the document, turned into lines at Save."""

    _inherit = "account.move"

    service_tcd_ids = fields.One2many(
        "service.invoice.tcd", "move_id", string="T/C/D", copy=True
    )

    def _sync_service_tcd(self):
        """Replace the charge and discount lines by what the rows say now.

        Credit memos keep the lines they credit.
        """
        for move in self.filtered(lambda move: move.move_type == "out_invoice"):
            old_lines = move.invoice_line_ids.filtered("service_tcd_id")
            vals_list = move._prepare_tcd_lines()
            if old_lines or vals_list:
                commands = [Command.unlink(line.id) for line in old_lines]
                commands += [Command.create(vals) for vals in vals_list]
                # not the change of a person: sudo() leaves “saved by” alone
                move.sudo().write({"invoice_line_ids": commands})

    def _prepare_tcd_lines(self):
        """Values of all charge and discount lines, under a section of their own.

        Finds the amount of every row on the way and keeps it on the row.
        """
        self.ensure_one()
        lines = []
        running = 0.0
        for row in self.service_tcd_ids:
            base = self._get_tcd_base(row.tcd_id, running)
            amount = row._compute_tcd_amount(base)
            row.sudo().write({"taxable_amount": base, "amount": amount})
            running += amount if row.tcd_type == "charge" else -amount
            if row.tcd_type == "charge":
                lines.append(self._prepare_charge_line_vals(row, amount))
            else:
                lines += self._prepare_discount_vals_list(row, amount)
        if lines:
            lines.insert(0, self._prepare_tcd_section_vals())
        start = max(self.invoice_line_ids.mapped("sequence"), default=0) + 1
        for sequence, vals in enumerate(lines, start):
            vals["sequence"] = sequence
        return lines

    def _get_tcd_lines_in_scope(self, tcd):
        """Lines of the cost categories a code applies on; a line without category
        counts as additional charge."""
        categories = tcd._get_categories()
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tcd_id
            # what the insurer pays is no work done for the customer
            and not line.service_tax_claim_id
            and (line.service_cost_category or "additional_charge") in categories
        )

    def _get_tcd_base(self, tcd, running):
        """What a percentage of a code counts on.

        :param float running: charges less discounts of the rows before this one
        :return: amount before tax in the document's currency: the categories, by the
            company's choice with the charges and discounts before it
        """
        self.ensure_one()
        base = sum(self._get_tcd_lines_in_scope(tcd).mapped("price_subtotal"))
        return base + (running if self.company_id.service_tcd_base == "total" else 0.0)

    def _prepare_tcd_section_vals(self):
        self.ensure_one()
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        return {
            "display_type": "line_section",
            "name": env._("Charges and Discounts"),
            "service_tcd_id": self.service_tcd_ids[:1].tcd_id.id,
        }

    def _prepare_charge_line_vals(self, row, amount):
        """Values of the one line of a charge, with the taxes of its code."""
        taxes = self.fiscal_position_id.map_tax(row.tcd_id.tax_ids)
        return self._prepare_tcd_line_vals(row, amount, taxes)

    def _prepare_discount_vals_list(self, row, amount):
        """Values of a discount's lines: one per tax set, as core's global discount.

        :param float amount: discount before tax, positive
        """
        nets = {}
        for line in self._get_tcd_lines_in_scope(row.tcd_id):
            nets[line.tax_ids] = nets.get(line.tax_ids, 0.0) + line.price_subtotal
        parts = split_amount(amount, list(nets.values()), self.currency_id)
        return [
            self._prepare_tcd_line_vals(row, -part, taxes)
            for taxes, part in zip(nets, parts, strict=True)
            if not self.currency_id.is_zero(part)
        ]

    def _prepare_tcd_line_vals(self, row, amount, taxes):
        """Values of one charge or discount line.

        :param float amount: before tax in the document's currency, signed
        :param taxes: taxes of this document's payer
        """
        tcd = row.tcd_id.with_context(lang=self.partner_id.lang or self.env.lang)
        account = self.fiscal_position_id.map_account(tcd.account_id)
        return {
            "name": tcd.name,
            "quantity": 1.0,
            "price_unit": taxes._get_price_for_net(amount, self.currency_id),
            "account_id": account.id,
            "tax_ids": [Command.set(taxes.ids)],
            "service_tcd_id": tcd.id,
        }
