from odoo import api, models


class AccountTax(models.Model):
    """Whether an invoice with these taxes is owed to the customer."""

    _inherit = "account.tax"

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("maintenance.reinvoice.row", "tax_ids", "move_id"),
        ]

    @api.model
    def _is_owed_to_customer(self, parts, currency):
        """Whether a document of these parts gives more back than it charges, tax
        included: at different rates a net charge may be a credit with its taxes.

        :param parts: pairs of taxes and net amount in ``currency``
        """
        nets = [net for _taxes, net in parts]
        if min(nets) >= 0.0 or max(nets) <= 0.0:
            return currency.compare_amounts(sum(nets), 0.0) < 0
        return currency.compare_amounts(self._sum_parts(parts, currency), 0.0) < 0

    @api.model
    def _sum_parts(self, parts, currency):
        """The same parts with their taxes."""
        return sum(taxes._get_total_of_net(net, currency) for taxes, net in parts)

    def _get_total_of_net(self, net, currency):
        """``net`` with these taxes."""
        price = self._get_price_for_net(net, currency)
        return self.compute_all(price, currency=currency)["total_included"]
