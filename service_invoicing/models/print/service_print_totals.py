from odoo import models
from odoo.tools import formatLang

# charges and discounts have a section of their own
TCD_KINDS = ("charge", "discount")
# The summary as it is printed below the cost categories, in rows that add up
PRINTED_AMOUNTS = [
    "service_amount_tax",
    "service_amount_charge",
    "service_amount_discount",
    "service_amount_total",
    "service_amount_withholding",
    "service_amount_before_adjustment",
    "service_amount_adjusted",
    "service_amount_net",
]
STRONG = {
    "service_amount_total",
    "service_amount_before_adjustment",
    "service_amount_net",
}
DEDUCTED = {
    "service_amount_discount",
    "service_amount_withholding",
    "service_amount_adjusted",
}


class ServicePrintTotals(models.AbstractModel):
    """What stands below the lines of a print, each figure once and in rows that add up:
    the net amount, taxes, the total, what is taken off it, and what is due.

    *Net* is before tax, *Total* with it, *Due* what is still to be paid: as on the
    form, in lists and in e-mails.
    """

    _name = "service.print.totals"
    _description = "Totals of a Print"

    def _get_totals(self, move, with_payments=True):
        """All that the print says of amounts.

        :param move: ``account.move`` of one of our types, readable with all it is about
        :param bool with_payments: whether this print lists payments and adjustments
        :return: dict: ``categories`` and ``deducted``, rows above and below the taxes,
            each with ``label``, ``amount`` and ``note``; ``tax_totals`` as core has
            them; ``due``; ``shows_due``, unless it repeats the total; ``in_words``; and
            what a QR code asks for, ``to_pay``
        """
        tax_totals = self._get_tax_totals(move)
        total = tax_totals["total_amount_currency"]
        due = self._get_due(move, with_payments)
        shows_due = bool(move.currency_id.compare_amounts(due, total))
        return {
            "categories": self._get_categories(move),
            "tax_totals": tax_totals,
            "deducted": self._get_deducted(move, with_payments),
            "due": due,
            "shows_due": shows_due,
            "in_words": self._choose_amount_in_words(move, total, due),
            "to_pay": self._get_amount_to_pay(move),
        }

    # -- above the taxes ----------------------------------------------------------

    def _get_categories(self, move):
        """What the net amount is made of; nothing where it is of one kind, or where the
        sections of the lines say so already."""
        kinds = [*move.env["product.template"]._get_cost_categories(), *TCD_KINDS]
        sums = dict.fromkeys(kinds, 0.0)
        for line, bucket in self._get_buckets(move):
            sums[bucket] += line.amount_currency * move.direction_sign
        names = {
            f"service_amount_{kind}": amount
            for kind, amount in sums.items()
            if not move.currency_id.is_zero(amount)
        }
        if len(names) < 2 or self._has_section_per_kind(move):
            return []
        labels = move.fields_get([*names], ["string"])
        return [
            self._prepare_row(labels[name]["string"], amount)
            for name, amount in names.items()
        ]

    def _get_buckets(self, move):
        """Pairs of a line and its cost category, or charge or discount."""
        for line in move.invoice_line_ids:
            if line.display_type == "product":
                amount = line.amount_currency * move.direction_sign
                bucket = line._get_service_bucket(amount)
                if bucket:
                    yield line, bucket

    def _has_section_per_kind(self, move):
        """Whether each section has the lines of one kind, and all of them."""
        kinds, sections = {}, {}
        buckets = dict(self._get_buckets(move))
        section = move.env["account.move.line"]
        for line in move.invoice_line_ids.sorted("sequence"):
            if line.display_type == "line_section":
                section = line
            elif line in buckets:
                kind = buckets[line]
                kind = "tcd" if kind in TCD_KINDS else kind
                kinds.setdefault(kind, set()).add(section)
                sections.setdefault(section, set()).add(kind)
        found = [*kinds.values(), *sections.values()]
        return move.env["account.move.line"] not in sections and all(
            len(members) == 1 for members in found
        )

    def _prepare_row(self, label, amount, note=""):
        return {"label": label, "amount": amount, "note": note}

    # -- net, taxes and total -----------------------------------------------------

    def _get_tax_totals(self, move):
        """Core's totals of the whole service: what is withheld, and prepayments that
        are deducted with their tax, come below the total."""
        if not self._differs_from_core(move):
            return move.tax_totals
        base_lines, __ = move._get_rounded_base_and_tax_lines()
        totals = move.env["account.tax"]._get_tax_totals_summary(
            base_lines=[
                self._leave_out_withheld(base_line)
                for base_line in base_lines
                if not base_line["record"].service_prepayment_id
            ],
            currency=move.currency_id,
            company=move.company_id,
            cash_rounding=move.invoice_cash_rounding_id,
        )
        self._settle_tax(move, totals)
        name = "display_in_company_currency"
        return self._name_net(move, totals | {name: move.tax_totals[name]})

    def _name_net(self, move, totals):
        """Core's *Untaxed Amount* is our *Net*; a subtotal of other taxes keeps the
        name that its tax group has."""
        plain = move.env["account.tax"]._get_tax_totals_summary(
            [], move.currency_id, move.company_id
        )
        untaxed = plain["subtotals"][0]["name"]
        subtotals = [
            sub | {"name": move.env._("Net")} if sub["name"] == untaxed else sub
            for sub in totals["subtotals"]
        ]
        return totals | {"subtotals": subtotals}

    def _leave_out_withheld(self, base_line):
        details = base_line["tax_details"]
        taxes = [d for d in details["taxes_data"] if not d["tax"].service_withholding]
        return base_line | {"tax_details": details | {"taxes_data": taxes}}

    def _settle_tax(self, move, totals):
        """A cent of rounding that went with a deduction belongs to the largest tax: the
        taxes are those of the summary."""
        groups = [g for sub in totals["subtotals"] for g in sub["tax_groups"]]
        tax = totals["tax_amount_currency"]
        residual = move.currency_id.round(move.service_amount_tax - tax)
        if groups and residual:
            largest = max(groups, key=lambda g: abs(g["tax_amount_currency"]))
            for amounts in (largest, totals):
                amounts["tax_amount_currency"] += residual
            totals["total_amount_currency"] += residual

    # -- below the total ----------------------------------------------------------

    def _get_deducted(self, move, with_payments):
        """What is withheld of the total, and the prepayments it deducts: their names
        say that they are taken off, so the amounts are positive, as those of payments.
        """
        rows = []
        withheld = self._get_withheld(move, with_payments)
        if not move.currency_id.is_zero(withheld):
            label = move.env._("Less withholding tax")
            rows.append(self._prepare_row(label, withheld))
        for line in move._get_deduction_lines():
            tax = abs(line.price_total - line.price_subtotal)
            rows.append(
                self._prepare_row(
                    line.name, -line.price_total, self._describe_tax(move, tax)
                )
            )
        # what other add-ons say more than the fields of the summary
        more = [row for row in move._get_service_print_summary() if "name" not in row]
        return [*rows, *({"note": ""} | row for row in more)]

    def _differs_from_core(self, move):
        """Whether something is taken off that core counts as a tax, or as a line."""
        withheld = move.line_ids.tax_line_id.filtered("service_withholding")
        return bool(withheld or move._get_deduction_lines())

    def _describe_tax(self, move, tax):
        """How much of a deduction is tax, which was billed with the prepayment."""
        if move.currency_id.is_zero(tax):
            return ""
        amount = formatLang(move.env, tax, currency_obj=move.currency_id)
        return move.env._("of which tax %s", amount)

    def _get_withheld(self, move, with_payments):
        """What is withheld on the document and still will be on payment: what was
        withheld on a payment is within what that has settled."""
        if not with_payments:
            return move.service_amount_withholding
        on_invoice = move.service_amount_withholding - move._get_payment_withholding()
        return on_invoice + move.amount_residual - move._get_service_due_amount()

    def _get_due(self, move, with_payments):
        """What is still to be paid; before all payments on a print that lists none."""
        if with_payments:
            return move._get_service_due_amount()
        return move.currency_id.round(
            move.service_amount_before_adjustment - move._get_deducted_amount()
        )

    def _get_amount_to_pay(self, move):
        """What a payer can pay now; nothing before the document is authorized."""
        if move.state != "posted" or move.move_type != "out_invoice":
            return 0.0
        return max(move._get_service_due_amount(), 0.0)

    def _choose_amount_in_words(self, move, total, due):
        """The amount that is printed in words: what is due; the total where nothing
        is, and of credit memos, which nobody is asked to pay."""
        is_due = move.move_type == "out_invoice" and move.state != "cancel"
        return due if is_due and move.currency_id.compare_amounts(due, 0) > 0 else total

    # -- the summary of other prints ----------------------------------------------

    def _get_summary(self, move):
        """See ``account.move._get_service_print_summary``."""
        categories = self.env["product.template"]._get_cost_categories()
        names = [f"service_amount_{key}" for key in categories] + PRINTED_AMOUNTS
        names = [name for name in names if self._is_in_summary(move, name)]
        labels = move.fields_get(names, ["string"])
        return [
            {
                "name": name,
                "label": labels[name]["string"],
                "amount": -move[name] if name in DEDUCTED else move[name],
                "strong": name in STRONG,
            }
            for name in names
        ]

    def _is_in_summary(self, move, name):
        """Totals are always printed, but for the one in the middle where it would
        only repeat them; the rest when it is not zero."""
        if name == "service_amount_before_adjustment":
            between = (move.service_amount_withholding, move.service_amount_adjusted)
            return not any(move.currency_id.is_zero(amount) for amount in between)
        return name in STRONG or not move.currency_id.is_zero(move[name])
