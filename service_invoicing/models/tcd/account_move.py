from functools import partial

from odoo import Command, api, fields, models

from ...tools.guards import raise_together
from ...tools.tcd import ScopeLine


class AccountMove(models.Model):
    """Taxes, charges and discounts: rows of the document, brought on its lines at Save.

    Charges and discounts become lines; tax rows put their taxes on the lines they
    apply to. Saving twice changes nothing.
    """

    _inherit = "account.move"

    service_tcd_ids = fields.One2many(
        "service.invoice.tcd", "move_id", string="T/C/D", copy=False
    )
    service_allow_taxable_amount = fields.Boolean(
        related="company_id.service_allow_taxable_amount"
    )
    service_amount_tcd = fields.Monetary(
        string="Total T/C/D",
        compute="_compute_service_amount_tcd",
        help="All taxes of the invoice without withholding, those of the products "
        "among them, + charges − discounts: what the total is above the cost "
        "categories. A positive amount is debited to the customer. Of the lines as "
        "they stand since the last Save.",
    )

    @api.depends(
        "service_amount_tax", "service_amount_charge", "service_amount_discount"
    )
    def _compute_service_amount_tcd(self):
        for move in self:
            move.service_amount_tcd = (
                move.service_amount_tax
                + move.service_amount_charge
                - move.service_amount_discount
            )

    def _add_automatic_tcd(self, vals_list):
        """Give new service invoices without a work order the codes of the company that
        add themselves; those of an order have come with the order's rows."""
        invoices = self.filtered(lambda move: move._gets_automatic_tcd())
        if not invoices:
            return
        codes = self.env["service.tcd"]._get_auto_codes(invoices.company_id)
        # the rows are the company's wish, whoever makes the invoice
        self.env["service.invoice.tcd"].sudo().create(
            [
                {"move_id": move.id, "tcd_id": code.id}
                for move in invoices
                for code in codes.get(move.company_id, ())
                if code not in move.service_tcd_ids.tcd_id
            ]
        )

    def _gets_automatic_tcd(self):
        """Whether it is a service invoice that bills no work order, nor replaces one
        that does."""
        self.ensure_one()
        return (
            self.service_invoice_type == "service"
            and self.move_type == "out_invoice"
            and not self.sudo().work_order_ids
            and not self.sudo().invoice_line_ids.service_order_line_id
        )

    def _recount_typed_taxes(self, vals):
        """An amount that was typed in another currency says nothing any more.

        :return: function that follows the change, ``None`` without any
        """
        if "currency_id" not in vals:
            return None
        recounted = self.filtered(lambda m: m.currency_id.id != vals["currency_id"])
        typed = recounted.service_tcd_ids.filtered("taxable_manual")
        return partial(typed._set_results, {"taxable_manual": False}) if typed else None

    def _accepts_service_tcd(self):
        """Whether rows may be added, changed and removed."""
        self.ensure_one()
        return (
            self.service_has_life_cycle
            and self.move_type == "out_invoice"
            and self.state == "draft"
        )

    def _sync_service_tcd(self):
        """Bring the lines in line with what the rows say now.

        Credit memos keep the lines they credit.

        :raise UserError: naming every row that cannot be used now
        """
        invoices = self.filtered(lambda move: move.move_type == "out_invoice")
        raise_together(invoices.service_tcd_ids._get_save_errors())
        for move in invoices:
            results = move.service_tcd_ids._compute_results(
                move._get_tcd_scope_lines(), move.fiscal_position_id._map_kept_taxes
            )
            commands = move._prepare_tax_row_commands()
            commands += move._prepare_tcd_commands(move._prepare_tcd_lines(results))
            if commands:
                # not the change of a person: sudo() leaves “saved by” alone
                move.sudo().write({"invoice_line_ids": commands})
            self.env["service.tcd.taxable"]._sync(move)
            move._keep_tcd_results(results)

    def _keep_tcd_results(self, results):
        """Show on the rows what Save has found.

        :param dict results: row → ``RowResult`` of charges and discounts
        """
        self.ensure_one()
        for row, result in results.items():
            row._set_results(
                {
                    "taxable_amount": result.base,
                    "quantity": result.quantity,
                    "amount": result.amount,
                }
            )
        for row, (base, amount) in (
            self.env["service.tcd.taxable"]._get_row_amounts(self).items()
        ):
            found = {"amount": amount}
            if not row.taxable_manual:
                found["taxable_amount"] = base
            row._set_results(found)

    def _get_tcd_lines_in_scope(self):
        """Lines that rows may count on: work, typed lines and own risk."""
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tcd_id
            and not line.service_prepayment_id
            # what the insurer pays is no work done for the customer
            and not line.service_tax_claim_id
        )

    def _get_tcd_scope_lines(self):
        """What the rows count on; a line without category counts as additional charge.

        :return: list of ``ScopeLine``
        """
        self.ensure_one()
        return [
            ScopeLine(
                category=line._get_scope_category(),
                taxes=line._get_taxes_without_rows(),
                amount=line.price_subtotal,
                quantity=line._get_work_quantity(),
                uom=line._get_work_uom(),
            )
            for line in self._get_tcd_lines_in_scope()
        ]

    def _prepare_tax_row_commands(self):
        """Commands that put the taxes of the tax rows on the lines, and take off what
        they have put there before and no longer do.

        :return: list of ``Command``, empty when nothing changes
        """
        self.ensure_one()
        commands = []
        rows = self.service_tcd_ids
        for line in self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tcd_id
            and not line.service_prepayment_id
        ):
            own = line._get_taxes_without_rows()
            added = own.browse()
            if not line.service_tax_claim_id:
                category = line._get_scope_category()
                map_tax = self.fiscal_position_id._map_kept_taxes
                added = rows._get_added_taxes(own, category, map_tax)
            vals = line._filter_tcd_changes(
                {
                    "tax_ids": [Command.set((own | added).ids)],
                    "service_tcd_tax_ids": [Command.set(added.ids)],
                }
            )
            if vals:
                commands.append(Command.update(line.id, vals))
        return commands

    def _prepare_tcd_commands(self, vals_list):
        """Commands that make the charge and discount lines what they should be; a line
        that stays is changed and not made again.

        :param list vals_list: values of all lines, see ``_prepare_tcd_lines``
        """
        self.ensure_one()
        found = {}
        for line in self.invoice_line_ids.filtered("service_tcd_id").sorted("sequence"):
            found.setdefault(self._get_tcd_line_key(line), []).append(line)
        commands = []
        for vals in vals_list:
            key = vals["service_tcd_id"], vals.get("display_type", "product")
            if lines := found.get(key):
                line = lines.pop(0)
                if changed := line._filter_tcd_changes(vals):
                    commands.append(Command.update(line.id, changed))
            else:
                commands.append(Command.create(vals))
        left = [line for lines in found.values() for line in lines]
        return [Command.unlink(line.id) for line in left] + commands

    @api.model
    def _get_tcd_line_key(self, line):
        """What a charge or discount line keeps from one Save to the next."""
        return line.service_tcd_id.id, line.display_type

    def _prepare_tcd_lines(self, results):
        """Values of all charge and discount lines, under a section of their own.

        :param dict results: row → ``RowResult``
        """
        self.ensure_one()
        lines = []
        for row, result in results.items():
            for (taxes, added), amount in result.parts.items():
                vals = self._prepare_tcd_line_vals(row, amount, taxes)
                vals["service_tcd_tax_ids"] = [Command.set(added.ids)]
                lines.append(vals)
        if lines:
            lines.insert(0, self._prepare_tcd_section_vals(lines[0]["service_tcd_id"]))
        others = self.invoice_line_ids.filtered(
            lambda line: not line.service_tcd_id and not line.service_prepayment_id
        )
        start = max(others.mapped("sequence"), default=0) + 1
        for sequence, vals in enumerate(lines, start):
            vals["sequence"] = sequence
        return lines

    def _prepare_tcd_section_vals(self, tcd_id):
        """Values of the section above the charge and discount lines.

        :param int tcd_id: code of the first of them, which marks the section
        """
        self.ensure_one()
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        return {
            "display_type": "line_section",
            "name": env._("Charges and Discounts"),
            "service_tcd_id": tcd_id,
        }

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
            "discount": 0.0,
            "price_unit": taxes._get_price_for_net(amount, self.currency_id),
            "account_id": account.id,
            "tax_ids": [Command.set(taxes.ids)],
            "service_tcd_id": tcd.id,
        }
