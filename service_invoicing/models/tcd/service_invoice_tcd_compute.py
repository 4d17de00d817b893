from odoo import models
from odoo.tools import float_round, format_date

from ...tools.split import split_amount
from ...tools.tcd import RowResult

QUANTITY_DIGITS = 6


class ServiceInvoiceTcd(models.Model):
    """What the rows of a document come to, on orders and invoices alike.

    Charges and discounts are found first, in the order of the rows; the taxes of tax
    rows are not part of what percentages count on.
    """

    _inherit = "service.invoice.tcd"

    def _compute_results(self, lines, map_tax):
        """What the charges and discounts among these rows of a document come to.

        :param list lines: ``ScopeLine`` for every line but those of T/C/D rows
        :param map_tax: from taxes of a code to those of the payer
        :return: dict row → ``RowResult``; tax rows have none
        """
        results = {}
        running = 0.0
        left = {id(line): line.amount for line in lines}
        for row in self._filter_complete():
            if row.tcd_type == "tax":
                continue
            scope = row._filter_scope(lines)
            before = row._get_base_before(running)
            base = sum(line.amount for line in scope) + before
            quantity = row._count_quantity(scope)
            amount = row._compute_tcd_amount(base, quantity)
            if row.tcd_type == "discount":
                amount = row._limit_discount(amount, before, scope, left)
            if row.tcd_type == "charge":
                parts = {self._get_charge_taxes(row, map_tax): amount}
            else:
                parts = self._split_discount(amount, scope, map_tax)
            running += amount if row.tcd_type == "charge" else -amount
            results[row] = RowResult(base, quantity, amount, parts)
        return results

    def _filter_complete(self):
        """Rows with a code: in an open form there may be others."""
        return self.filtered("tcd_id")

    def _filter_scope(self, lines):
        """The lines of the cost categories the row's code applies on."""
        self.ensure_one()
        categories = self.tcd_id._get_categories()
        return [line for line in lines if line.category in categories]

    def _get_base_before(self, running):
        """What a percentage counts on beside the lines, by the company's choice.

        :param float running: charges less discounts of the rows before this one
        """
        self.ensure_one()
        document = self.work_order_id or self.move_id
        on_total = document.company_id.service_tcd_base == "total"
        return running if on_total else 0.0

    def _count_quantity(self, scope):
        """Quantity of the work on lines, in the unit of the code.

        :param list scope: ``ScopeLine``
        """
        self.ensure_one()
        if self.basis != "unit_rate":
            return 0.0
        total = sum(self._convert_quantity(line) for line in scope)
        return float_round(total, precision_digits=QUANTITY_DIGITS)

    def _convert_quantity(self, line):
        """Quantity of one line in the unit of the code; zero if it has another kind.

        :param ScopeLine line: whose quantity counts
        """
        self.ensure_one()
        unit = self.tcd_id.uom_id
        if not unit or not line.uom or line.uom == unit:
            return line.quantity
        if not line.uom._has_common_reference(unit):
            return 0.0
        return line.uom._compute_quantity(line.quantity, unit, round=False)

    def _compute_tcd_amount(self, base, quantity=0.0):
        """Amount of the row.

        :param float base: what a percentage counts on, in the document's currency
        :param float quantity: what a unit rate counts on
        :return: amount before tax, rounded to the document's currency
        """
        self.ensure_one()
        amount = self.rate
        if self.basis == "percentage":
            amount = base * self.rate / 100.0
        elif self.basis == "unit_rate":
            amount = quantity * self.rate
        return self.currency_id.round(amount)

    def _limit_discount(self, amount, before, scope, left):
        """A discount is at most what others have left of what it applies to: more would
        make the base of its taxes negative.

        :param float amount: before tax in the document's currency, positive
        :param float before: what counts beside the lines, see ``_get_base_before``
        :param dict left: ``id`` of a line → amount that is left of it, changed here
        :return: the amount to give
        """
        whole = sum(left[id(line)] for line in scope)
        amount = min(amount, max(self.currency_id.round(whole + before), 0.0))
        if whole:
            for line in scope:
                left[id(line)] -= amount * left[id(line)] / whole
        return amount

    def _split_discount(self, amount, scope, map_tax):
        """A discount's lines: one per tax set, as core's global discount.

        Lines whose tax comes from a tax row and lines that had it before are kept
        apart, because the row may go away.

        :param float amount: discount before tax, positive
        :return: dict (all taxes, those of tax rows among them) → negative amount
        """
        nets = {}
        for line in scope:
            added = self._get_added_taxes(line.taxes, line.category, map_tax)
            # less money is no piece less
            key = (
                (line.taxes | added)._without_per_piece(),
                added._without_per_piece(),
            )
            nets[key] = nets.get(key, 0.0) + line.amount
        currency = self.currency_id[:1]
        parts = split_amount(amount, list(nets.values()), currency)
        return {
            key: -part
            for key, part in zip(nets, parts, strict=True)
            if not currency.is_zero(part)
        }

    def _get_charge_taxes(self, row, map_tax):
        """Taxes of a charge's line.

        A charge that is taxed also bears the tax rows on the whole document; one that
        is not, such as a stamp duty, stays untaxed.

        :return: (all taxes, those of tax rows among them)
        """
        own = row._get_taxes() or row.company_id.service_untaxed_tax_id
        taxes = map_tax(own)
        added = taxes.browse()
        if any(taxes.flatten_taxes_hierarchy().mapped("amount")):
            added = self._get_added_taxes(taxes, None, map_tax)
        return taxes | added, added

    def _get_added_taxes(self, own, category, map_tax):
        """Taxes that the tax rows put on a line which does not have them.

        :param own: the line's own taxes
        :param category: its cost category; ``None`` for a charge
        :return: ``account.tax``
        """
        rows = self._filter_complete().filtered(
            lambda row: row.tcd_type == "tax" and row._is_taxing(category)
        )
        added = own.browse()
        for row in rows:
            added |= map_tax(row._get_taxes())
        return added - own - own.flatten_taxes_hierarchy()

    def _is_taxing(self, category):
        """Whether this tax row applies to lines of a category.

        :param category: cost category; ``None`` for a charge
        """
        self.ensure_one()
        if category is None:
            return self.tcd_id.apply_on == "document"
        return category in self.tcd_id._get_categories()

    def _is_taxing_tcd_line(self, line, taxes):
        """Whether this tax row counts a charge or discount line that bears its taxes.

        It does where it put them, and those of its scope that had them before.

        :param taxes: the single taxes of the row, those of the payer
        """
        self.ensure_one()
        if line.service_tcd_tax_ids.flatten_taxes_hierarchy() & taxes:
            return True
        code = line.service_tcd_id
        scope = self.tcd_id.apply_on
        return scope == "document" or (
            code.tcd_type == "discount" and code.apply_on == scope
        )

    def _get_taxes(self):
        """Taxes of the code or its variant, before any fiscal position."""
        self.ensure_one()
        return (self.variant_id.tax_ids or self.tcd_id.tax_ids)._origin

    def _get_save_errors(self):
        """Why the document of these rows cannot be saved or confirmed.

        :return: list of translated sentences
        """
        return [
            error
            for row in self._filter_complete()
            for error in (*row._get_variant_errors(), *row._get_mapped_tax_errors())
        ]

    def _get_variant_errors(self):
        """A variant outside its dates, or none of a code that has some."""
        self.ensure_one()
        date = self._get_date()
        names = {
            "document": self._get_document_label(),
            "code": self.tcd_id.code,
            "date": format_date(self.env, date),
        }
        variant = self.variant_id
        if variant and not variant._is_valid(date):
            return [
                self.env._(
                    "%(document)s: variant %(variant)s of %(code)s is valid %(dates)s, "
                    "not on %(date)s. Choose another one.",
                    variant=variant.code,
                    dates=variant._format_dates(),
                    **names,
                )
            ]
        if not variant and self.tcd_id.variant_ids:
            return [
                self.env._(
                    "%(document)s: %(code)s needs a variant that is valid on %(date)s. "
                    "Choose one, or remove the row.",
                    **names,
                )
            ]
        return []

    def _get_mapped_tax_errors(self):
        """Taxes that the payer's fiscal position makes part of the price."""
        self.ensure_one()
        if self.tcd_type != "tax" or not self.move_id:
            return []
        taxes = self.move_id.fiscal_position_id._map_kept_taxes(self._get_taxes())
        return [
            f"{self._get_document_label()}, {error}"
            for error in self.tcd_id._get_tax_errors(taxes)
        ]
