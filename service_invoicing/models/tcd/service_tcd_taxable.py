from odoo import Command, models
from odoo.exceptions import UserError

from ...tools.split import split_amount
from ...tools.tax_data import TAXABLE_KEY


class ServiceTcdTaxable(models.AbstractModel):
    """Tax rows: what their taxes yield, and taxable amounts that were typed.

    A typed amount goes where core keeps tax amounts that differ from its own
    computation, the ``extra_tax_data`` of the lines: base and tax of each tax, in the
    document's and the company's currency. Core forgets them when price, quantity,
    discount or currency of the line change; the next Save brings them again.
    """

    _name = "service.tcd.taxable"
    _description = "Taxable Amounts of Tax Rows"

    def _get_row_taxes(self, document, row):
        """The single taxes of a tax row, those of this document's payer."""
        taxes = document.fiscal_position_id._map_kept_taxes(row._get_taxes())
        return taxes.flatten_taxes_hierarchy()

    def _get_taxed_lines(self, document, row):
        """Lines a tax row applies to: those it put its taxes on, and those in its
        scope that had them before.

        A discount belongs to the row whose tax it follows.
        """
        document.ensure_one()
        taxes = self._get_row_taxes(document, row)
        lines = document.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and line.tax_ids.flatten_taxes_hierarchy() & taxes
        )
        sheet = self.env["service.tcd.sheet"]
        in_scope = sheet._get_lines_in_scope(document).filtered(
            lambda line: row._is_taxing(line._get_scope_category())
        )
        return lines.filtered(
            lambda line: line in in_scope
            or (line.service_tcd_id and row._is_taxing_tcd_line(line, taxes))
        )

    def _share_out_taxed_lines(self, document):
        """Which tax row counts which line; the first of two with the same tax does.

        :return: dict row → list of (line, single taxes)
        """
        document.ensure_one()
        counted = set()
        shared = {}
        for row in document.service_tcd_ids.filtered(lambda row: row.tcd_type == "tax"):
            shared[row] = []
            taxes = self._get_row_taxes(document, row)
            for line in self._get_taxed_lines(document, row):
                pairs = {(line, tax) for tax in taxes} - counted
                counted |= pairs
                free = taxes.browse().union(*(tax for __, tax in pairs))
                if free:
                    shared[row].append((line, free))
        return shared

    def _get_row_amounts(self, document):
        """What the taxes of the tax rows count on and yield, by the tax engine.

        :return: dict row → (base, tax) in the document's currency
        """
        document.ensure_one()
        shared = self._share_out_taxed_lines(document)
        if not shared:
            return {}
        base_lines, __ = document._get_rounded_base_and_tax_lines()
        details = {line["record"]: line["tax_details"] for line in base_lines}
        return {
            row: self._sum_row_taxes(
                document,
                [(details[line]["taxes_data"], taxes) for line, taxes in pairs],
            )
            for row, pairs in shared.items()
        }

    def _sum_row_taxes(self, document, pairs):
        """Base of the first tax of each line, and amount of all.

        :param list pairs: (the engine's data of a line's taxes, taxes that count)
        """
        base = amount = 0.0
        for taxes_data, taxes in pairs:
            chosen = [data for data in taxes_data if data["tax"] in taxes]
            amount += sum(data["tax_amount_currency"] for data in chosen)
            base += chosen[0]["base_amount_currency"] if chosen else 0.0
        return document.currency_id.round(base), document.currency_id.round(amount)

    def _sync(self, document):
        """Bring typed taxable amounts on the lines, and take back those that went."""
        document.ensure_one()
        base_lines = {}
        for row, pairs in self._share_out_taxed_lines(document).items():
            if row.taxable_manual:
                self._spread_taxable_amount(document, row, pairs, base_lines)
        Tax = document.env["account.tax"]
        self._write_tax_data(
            document,
            {
                line: Tax._export_base_line_extra_tax_data(base_line)
                for line, base_line in base_lines.items()
            },
        )

    def _spread_taxable_amount(self, document, row, pairs, base_lines):
        """Divide a typed taxable amount and its taxes over lines, to the smallest unit
        of both currencies and in proportion to what the engine finds by itself.

        :param list pairs: (line, single taxes of the row)
        :param dict base_lines: line → the engine's base line, which gets the amounts
        :raise UserError: when there is nothing to tax
        """
        chosen = {}
        for line, taxes in pairs:
            if line not in base_lines:
                base_lines[line] = self._prepare_natural_base_line(document, line, row)
            for data in base_lines[line]["tax_details"]["taxes_data"]:
                if data["tax"] in taxes and not data["is_reverse_charge"]:
                    chosen.setdefault(data["tax"], []).append((line, data))
        first = next(iter(chosen.values()), [])
        base = sum(data["raw_base_amount_currency"] for __, data in first)
        if document.currency_id.is_zero(base):
            raise UserError(
                document.env._(
                    "%(document)s, %(code)s: there is no line to divide the taxable "
                    "amount over. Empty it or remove the row.",
                    document=document._get_service_label(),
                    code=row.tcd_id.code,
                )
            )
        for tax, lines in chosen.items():
            for line, amounts in self._split_tax(
                document, lines, row.taxable_amount / base
            ):
                base_lines[line]["manual_tax_amounts"][str(tax.id)] = amounts

    def _prepare_natural_base_line(self, document, line, row):
        """Base line with what the engine finds by itself.

        It names all taxes of the line, or core would not take amounts for one of them.
        """
        base_line = document._prepare_product_base_line_for_taxes_computation(line)
        names = ("total_excluded_currency", "total_excluded", "tax_amounts")
        base_line.update({f"manual_{name}": None for name in names})
        base_line["computation_key"] = f"{TAXABLE_KEY}{row.id}"
        Tax = document.env["account.tax"]
        Tax._add_tax_details_in_base_line(base_line, document.company_id)
        taxes = base_line["tax_ids"].flatten_taxes_hierarchy()
        base_line["manual_tax_amounts"] = {str(tax.id): {} for tax in taxes}
        return base_line

    def _split_tax(self, document, lines, factor):
        """Base and amount of one tax on each line.

        :param list lines: (line, the engine's data of the tax on it)
        :param float factor: typed taxable amount ÷ what the engine finds
        :return: pairs of line and amounts in both currencies
        """
        currencies = {
            "_currency": document.currency_id,
            "": document.company_currency_id,
        }
        columns = {}
        for suffix, currency in currencies.items():
            for name in (f"base_amount{suffix}", f"tax_amount{suffix}"):
                raw = [data[f"raw_{name}"] for __, data in lines]
                total = currency.round(sum(raw) * factor)
                columns[name] = split_amount(total, raw, currency)
        return [
            (line, {name: column[index] for name, column in columns.items()})
            for index, (line, __) in enumerate(lines)
        ]

    def _write_tax_data(self, document, wanted):
        """Write the extra tax data of the lines where they change.

        Core counts the taxes again only when the taxes of a line change, so they are
        taken off and put back.

        :param dict wanted: line → extra tax data; other lines lose what we wrote
        """
        lines = document.invoice_line_ids.filtered(
            lambda line: line in wanted or line._has_taxable_amount()
        )
        wanted = {line: wanted.get(line) or line._get_net_tax_data() for line in lines}
        lines = lines.filtered(lambda line: line._has_other_tax_data(wanted[line]))
        if not lines:
            return
        taxes = {line: line.tax_ids.ids for line in lines}
        move = document.sudo()
        move.write(
            {
                "invoice_line_ids": [
                    Command.update(line.id, {"tax_ids": [Command.clear()]})
                    for line in lines
                ]
            }
        )
        move.write(
            {
                "invoice_line_ids": [
                    Command.update(
                        line.id,
                        {
                            "tax_ids": [Command.set(taxes[line])],
                            "extra_tax_data": wanted[line],
                        },
                    )
                    for line in lines
                ]
            }
        )
