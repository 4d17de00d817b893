import json
from contextlib import contextmanager

from odoo import Command, models
from odoo.tools import float_round

from odoo.addons.service_invoicing.tools.split import split_amount

# an amount of which rounding leaves the percentages alone
MUCH = 10.0**9


class MaintenanceBillSharing(models.AbstractModel):
    """What a garage charges or allows for its bill as a whole.

    Lines of no permission, such as the allowances and charges of an electronic bill,
    are borne by the permissions on it in proportion to what it charges for each;
    the largest takes what rounding leaves. In the ledger their contracts bear the same.
    """

    _name = "maintenance.bill.sharing"
    _description = "Costs of a Vendor Bill as a Whole"

    def _share_amount(self, bill, amount, currency):
        """``{permission: its part}`` of an amount of the bill as a whole."""
        groups = self._group_lines(bill)
        parts = _share_by_value(amount, groups.values(), currency)
        return dict(zip(groups, parts, strict=True))

    def _group_lines(self, bill):
        """``{permission: what this bill charges for it}``, in a certain order."""
        lines = bill.invoice_line_ids.filtered("maintenance_line_id")
        groups = lines.grouped(lambda line: line.maintenance_line_id.permission_id)
        return dict(sorted(groups.items(), key=lambda item: item[0].id))

    def _share_costs(self, documents):
        """Put what belongs to no permission on the analytic accounts of those that
        bear it, as far as nobody has chosen others."""
        for document in documents:
            wanted = {
                line: self._get_distribution(line)
                for line in document.invoice_line_ids._filter_unlinked()
                if not line.analytic_distribution
            }
            self._write_distributions(
                document,
                {line: found for line, found in wanted.items() if found},
                shared=True,
            )

    def _unshare_costs(self, documents):
        """Documents that are drafts again are shared out anew when they are posted;
        what somebody has chosen since stays."""
        for document in documents:
            wanted = {
                line: False if self._is_as_found(line) else None
                for line in document.invoice_line_ids.filtered("maintenance_shared")
            }
            self._write_distributions(document, wanted, shared=False)

    def _write_distributions(self, document, wanted, shared):
        """:param dict wanted: line → its analytic distribution, ``None`` to keep it
        :param bool shared: what is noted on the lines
        """
        if not wanted:
            return
        commands = []
        for line, distribution in wanted.items():
            vals = {"maintenance_shared": shared}
            if distribution is not None:
                vals["analytic_distribution"] = distribution
            commands.append(Command.update(line.id, vals))
        with self._keep_tax_amounts(document):
            document.write({"invoice_line_ids": commands})

    # -- taxes ------------------------------------------------------------------

    @contextmanager
    def _keep_tax_amounts(self, document):
        """The garage's tax stays to the cent, although core works taxes out anew when
        lines change. New amounts count, as long as the net total has moved."""
        net = document.amount_untaxed
        before = {
            part: (sum(lines.mapped("amount_currency")), sum(lines.mapped("balance")))
            for part, lines in self._group_taxes(document).items()
        }
        yield
        if document.currency_id.compare_amounts(net, document.amount_untaxed):
            return
        commands = [
            command
            for part, lines in self._group_taxes(document).items()
            if part in before
            for command in self._prepare_tax_commands(lines, *before[part])
        ]
        if commands:
            document.write({"line_ids": commands})

    def _group_taxes(self, document):
        taxes = document.line_ids.filtered("tax_repartition_line_id")
        return taxes.grouped("tax_repartition_line_id")

    def _prepare_tax_commands(self, lines, amount, balance):
        """Give tax lines of one tax back what they added up to, on the largest."""
        currency = lines.currency_id[:1]
        difference = currency.round(amount - sum(lines.mapped("amount_currency")))
        if currency.is_zero(difference):
            return []
        largest = max(lines, key=lambda line: abs(line.amount_currency))
        rest = balance - sum((lines - largest).mapped("balance"))
        return [
            Command.update(
                largest.id,
                {
                    "amount_currency": largest.amount_currency + difference,
                    "balance": largest.company_currency_id.round(rest),
                },
            )
        ]

    # -- who bears a line -------------------------------------------------------

    def _get_parts(self, line, balance):
        """Who bears a line of no permission.

        :param float balance: of the line, or another amount to share out
        :return: list of analytic distributions and the parts of it they get
        """
        currency = line.company_currency_id
        parts = []
        shares = self._share_amount(line.move_id, balance, currency)
        for permission, lines in self._group_lines(line.move_id).items():
            groups = lines.grouped(
                lambda own: json.dumps(own.analytic_distribution or {})
            )
            amounts = _share_by_value(shares[permission], groups.values(), currency)
            parts += zip(map(json.loads, groups), amounts, strict=True)
        return parts

    def _get_distribution(self, line):
        """Parts as percentages of the line, as they can be stored."""
        raw = {}
        for distribution, amount in self._get_parts(line, MUCH):
            for key, percentage in distribution.items():
                raw[key] = raw.get(key, 0.0) + percentage * amount / MUCH
        digits = self.env["decimal.precision"].precision_get("Percentage Analytic")
        found = {key: float_round(share, digits) for key, share in raw.items()}
        if found:
            # a whole stays a whole
            rounded = max(found, key=lambda key: abs(found[key] - raw[key]))
            rest = sum(raw.values()) - sum(found.values())
            found[rounded] = float_round(found[rounded] + rest, digits)
        return found

    def _is_as_found(self, line):
        """Whether nobody has changed the distribution since it was worked out."""
        return (line.analytic_distribution or {}) == self._get_distribution(line)

    def _get_analytic_amounts(self, line):
        """``{analytic accounts: amount}`` of a line that is shared out."""
        amounts = {}
        for distribution, amount in self._get_parts(line, line.balance):
            parts = _split_by_percentage(amount, distribution, line.company_currency_id)
            for key, part in parts.items():
                amounts[key] = amounts.get(key, 0.0) - part
        return amounts


def _share_by_value(amount, groups, currency):
    """Parts of ``amount`` by what the lines of each group charge; where none charges
    anything the first one bears it all.

    :param groups: lines of bills
    """
    weights = [abs(sum(lines.mapped("price_subtotal"))) for lines in groups]
    if weights and not any(weights):
        weights[0] = 1.0
    return split_amount(amount, weights, currency)


def _split_by_percentage(amount, distribution, currency):
    """``{analytic accounts: part}`` of an amount; what a distribution leaves out is
    on no account."""
    percentages = list(distribution.values())
    total = currency.round(amount * sum(percentages) / 100.0)
    parts = split_amount(total, percentages, currency)
    return dict(zip(distribution, parts, strict=True))
