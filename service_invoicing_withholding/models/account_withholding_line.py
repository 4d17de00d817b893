from odoo import fields, models

# What core's dialog calculates from, in the currency of the invoice and of the company
SOURCE_AMOUNTS = (
    "source_base_amount_currency",
    "source_base_amount",
    "source_tax_amount_currency",
    "source_tax_amount",
)


class AccountWithholdingLine(models.AbstractModel):
    """Which invoice a withheld amount belongs to."""

    _inherit = "account.withholding.line"

    service_move_id = fields.Many2one(
        "account.move",
        string="Withheld on Invoice",
        readonly=True,
        help="The service invoice on whose work this amount is withheld. Its later "
        "payments withhold only the rest.",
    )

    def _get_amounts_withheld_on(self, move):
        """What this line withholds, as core's dialog counts it.

        :param move: the invoice, which says the currency
        :return: dict of the ``SOURCE_AMOUNTS``, unrounded
        """
        self.ensure_one()
        if self.source_currency_id != move.currency_id:
            return self._convert_amounts_withheld_on(move)
        shares = {
            "base": self._get_share(self.base_amount, self.original_base_amount),
            "tax": self._get_share(self.amount, self.original_tax_amount),
        }
        return {
            name: self[name] * shares["base" if "base" in name else "tax"]
            for name in SOURCE_AMOUNTS
        }

    def _get_share(self, part, whole):
        return part / whole if whole else 0.0

    def _convert_amounts_withheld_on(self, move):
        """The same of a line that was entered by hand, at the rate of its payment."""
        amounts = {}
        for kind, amount in (("base", self.base_amount), ("tax", self.amount)):
            for suffix, currency in (
                ("_currency", move.currency_id),
                ("", move.company_currency_id),
            ):
                amounts[f"source_{kind}_amount{suffix}"] = (
                    self.comodel_currency_id._convert(
                        amount, currency, move.company_id, self.comodel_date, False
                    )
                )
        return amounts
