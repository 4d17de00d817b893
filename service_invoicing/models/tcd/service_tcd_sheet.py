from odoo import Command, models

from ...tools.guards import raise_together


class ServiceTcdSheet(models.AbstractModel):
    """Brings taxes, charges and discounts of a document on its lines, at Save.

    Charges and discounts become lines; tax rows put their taxes on the lines they
    apply to. Saving twice changes nothing.
    """

    _name = "service.tcd.sheet"
    _description = "Taxes, Charges and Discounts on the Lines"

    def _sync(self, moves):
        """Bring the lines of drafts in line with what the rows say now.

        Credit memos keep the lines they credit.

        :raise UserError: naming every row that cannot be used now
        """
        invoices = moves.filtered(lambda move: move.move_type == "out_invoice")
        raise_together(invoices.service_tcd_ids._get_save_errors())
        for move in invoices:
            results = move.service_tcd_ids._compute_results(
                move._get_tcd_scope_lines(), move.fiscal_position_id._map_kept_taxes
            )
            commands = self._prepare_tax_commands(move)
            commands += self._prepare_commands(move, self._prepare_lines(move, results))
            if commands:
                # not the change of a person: sudo() leaves “saved by” alone
                move.sudo().write({"invoice_line_ids": commands})
            self.env["service.tcd.taxable"]._sync(move)
            self._keep_results(move, results)

    def _keep_results(self, move, results):
        """Show on the rows what Save has found.

        :param dict results: row → ``RowResult`` of charges and discounts
        """
        for row, result in results.items():
            row._set_results(
                {
                    "taxable_amount": result.base,
                    "quantity": result.quantity,
                    "amount": result.amount,
                }
            )
        taxable = self.env["service.tcd.taxable"]._get_row_amounts(move)
        for row, (base, amount) in taxable.items():
            found = {"amount": amount}
            if not row.taxable_manual:
                found["taxable_amount"] = base
            row._set_results(found)

    def _get_lines_in_scope(self, move):
        """Lines that rows may count on: work, typed lines and own risk."""
        return move._get_billed_lines().filtered(
            lambda line: not line.service_tcd_id
            and not line.service_prepayment_id
            # what the insurer pays is no work done for the customer
            and not line.service_tax_claim_id
        )

    def _prepare_tax_commands(self, move):
        """Commands that put the taxes of the tax rows on the lines, and take off what
        they have put there before and no longer do.

        :return: list of ``Command``, empty when nothing changes
        """
        commands = []
        rows = move.service_tcd_ids
        map_tax = move.fiscal_position_id._map_kept_taxes
        for line in move._get_billed_lines().filtered(
            lambda line: not line.service_tcd_id and not line.service_prepayment_id
        ):
            own = line._get_taxes_without_rows()
            added = own.browse()
            if not line.service_tax_claim_id:
                category = line._get_scope_category()
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

    def _prepare_commands(self, move, vals_list):
        """Commands that make the charge and discount lines what they should be; a line
        that stays is changed and not made again.

        :param list vals_list: values of all lines, see ``_prepare_lines``
        """
        found = {}
        for line in move.invoice_line_ids.filtered("service_tcd_id").sorted("sequence"):
            key = line.service_tcd_id.id, line.display_type
            found.setdefault(key, []).append(line)
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

    def _prepare_lines(self, move, results):
        """Values of all charge and discount lines, under a section of their own.

        :param dict results: row → ``RowResult``
        """
        lines = []
        for row, result in results.items():
            for (taxes, added), amount in result.parts.items():
                vals = self._prepare_line_vals(move, row, amount, taxes)
                vals["service_tcd_tax_ids"] = [Command.set(added.ids)]
                lines.append(vals)
        if lines:
            first = lines[0]["service_tcd_id"]
            lines.insert(0, self._prepare_section_vals(move, first))
        others = move.invoice_line_ids.filtered(
            lambda line: not line.service_tcd_id and not line.service_prepayment_id
        )
        start = max(others.mapped("sequence"), default=0) + 1
        for sequence, vals in enumerate(lines, start):
            vals["sequence"] = sequence
        return lines

    def _prepare_section_vals(self, move, tcd_id):
        """Values of the section above the charge and discount lines.

        :param int tcd_id: code of the first of them, which marks the section
        """
        env = move.with_context(lang=move.partner_id.lang or move.env.lang).env
        return {
            "display_type": "line_section",
            "name": env._("Charges and Discounts"),
            "service_tcd_id": tcd_id,
        }

    def _prepare_line_vals(self, move, row, amount, taxes):
        """Values of one charge or discount line.

        :param float amount: before tax in the document's currency, signed
        :param taxes: taxes of this document's payer
        """
        tcd = row.tcd_id.with_context(lang=move.partner_id.lang or move.env.lang)
        account = move.fiscal_position_id.map_account(tcd.account_id)
        return {
            "name": tcd.name,
            "quantity": 1.0,
            "discount": 0.0,
            "price_unit": taxes._get_price_for_net(amount, move.currency_id),
            "account_id": account.id,
            "tax_ids": [Command.set(taxes.ids)],
            "service_tcd_id": tcd.id,
        }
