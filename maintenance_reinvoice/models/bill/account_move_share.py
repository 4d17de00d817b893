import json
from contextlib import contextmanager

from odoo import Command, fields, models
from odoo.tools import float_round

from odoo.addons.service_invoicing.tools.split import split_amount

# an amount of which rounding leaves the percentages alone
MUCH = 10.0**9


class AccountMove(models.Model):
    """What a garage charges or allows for its bill as a whole.

    Lines of no permission, such as the allowances and charges of an electronic bill,
    are borne by the permissions on it in proportion to what it charges for each;
    the largest takes what rounding leaves. In the ledger their contracts bear the same.
    """

    _inherit = "account.move"

    def _get_added_lines(self):
        """Lines that charge something and belong to no permission."""
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.maintenance_line_id
        )

    def _get_permission_bill_lines(self):
        """``{permission: what this bill charges for it}``, in a certain order."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered("maintenance_line_id")
        groups = lines.grouped(lambda line: line.maintenance_line_id.permission_id)
        return dict(sorted(groups.items(), key=lambda item: item[0].id))

    def _share_over_permissions(self, amount, currency):
        """``{permission: its part}`` of an amount of the bill as a whole."""
        groups = self._get_permission_bill_lines()
        parts = _share_by_value(amount, groups.values(), currency)
        return dict(zip(groups, parts, strict=True))

    def _share_added_costs(self):
        """Put what belongs to no permission on the analytic accounts of those that
        bear it, as far as nobody has chosen others."""
        documents = self._get_maintenance_bills()
        documents |= self._get_maintenance_vendor_credits()
        for document in documents:
            wanted = {
                line: line._get_shared_distribution()
                for line in document._get_added_lines()
                if not line.analytic_distribution
            }
            document._write_distributions(
                {line: found for line, found in wanted.items() if found}, shared=True
            )

    def _unshare_added_costs(self):
        """Documents that are drafts again are shared out anew when they are posted;
        what somebody has chosen since stays."""
        for document in self:
            shared = document.invoice_line_ids.filtered("maintenance_shared")
            document._write_distributions(
                {
                    line: False if line._is_shared_as_found() else None
                    for line in shared
                },
                shared=False,
            )

    def _write_distributions(self, wanted, shared):
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
            commands.append(fields.Command.update(line.id, vals))
        with self._keep_tax_amounts():
            self.write({"invoice_line_ids": commands})

    @contextmanager
    def _keep_tax_amounts(self):
        """The garage's tax stays to the cent, although core works taxes out anew when
        lines change. New amounts count, as long as the net total has moved."""
        net, before = self.amount_untaxed, self._get_tax_amounts()
        yield
        if self.currency_id.compare_amounts(net, self.amount_untaxed):
            return
        commands = []
        for part, lines in (
            self.line_ids.filtered("tax_repartition_line_id")
            .grouped("tax_repartition_line_id")
            .items()
        ):
            if part in before:
                commands += lines._prepare_tax_commands(*before[part])
        if commands:
            self.write({"line_ids": commands})

    def _get_tax_amounts(self):
        """``{tax repartition line: [amount in the bill's currency, balance]}``."""
        taxes = self.line_ids.filtered("tax_repartition_line_id")
        return {
            part: [sum(lines.mapped("amount_currency")), sum(lines.mapped("balance"))]
            for part, lines in taxes.grouped("tax_repartition_line_id").items()
        }


class AccountMoveLine(models.Model):
    """How a line of the bill as a whole is divided among permissions."""

    _inherit = "account.move.line"

    maintenance_shared = fields.Boolean(
        string="Shared by the contracts of the bill",
        readonly=True,
        copy=False,
        help="This line belongs to no permission: its cost is on the analytic accounts "
        "of all that the bill charges, by value.",
    )

    def _get_shared_parts(self, balance):
        """Who bears a line of no permission.

        :param float balance: of the line, or another amount to share out
        :return: list of analytic distributions and the parts of it they get
        """
        self.ensure_one()
        currency = self.company_currency_id
        move = self.move_id
        parts = []
        shares = move._share_over_permissions(balance, currency)
        for permission, lines in move._get_permission_bill_lines().items():
            groups = lines.grouped(
                lambda line: json.dumps(line.analytic_distribution or {})
            )
            amounts = _share_by_value(shares[permission], groups.values(), currency)
            parts += zip(map(json.loads, groups), amounts, strict=True)
        return parts

    def _get_shared_distribution(self):
        """The same as percentages of the line, as they can be stored."""
        self.ensure_one()
        raw = {}
        for distribution, amount in self._get_shared_parts(MUCH):
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

    def _is_shared_as_found(self):
        """Whether nobody has changed the distribution since it was worked out."""
        self.ensure_one()
        return (self.analytic_distribution or {}) == self._get_shared_distribution()

    def _prepare_analytic_lines(self):
        """Percentages have two decimals, contracts bear amounts to the cent."""
        vals_list = super()._prepare_analytic_lines()
        if not self.maintenance_shared or not self._is_shared_as_found():
            return vals_list
        amounts = {}
        for distribution, amount in self._get_shared_parts(self.balance):
            parts = _split_by_percentage(amount, distribution, self.company_currency_id)
            for key, part in parts.items():
                amounts[key] = amounts.get(key, 0.0) - part
        return [
            self._prepare_analytic_distribution_line(100.0, key, {}) | {"amount": part}
            for key, part in amounts.items()
            if not self.company_currency_id.is_zero(part)
        ]

    def _prepare_tax_commands(self, amount, balance):
        """Give tax lines of one tax back what they added up to, on the largest."""
        currency = self.currency_id[:1]
        difference = currency.round(amount - sum(self.mapped("amount_currency")))
        if currency.is_zero(difference):
            return []
        largest = max(self, key=lambda line: abs(line.amount_currency))
        rest = balance - sum((self - largest).mapped("balance"))
        return [
            Command.update(
                largest.id,
                {
                    "amount_currency": largest.amount_currency + difference,
                    "balance": largest.company_currency_id.round(rest),
                },
            )
        ]


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
