from odoo import models

from ..tools.shares import SharePart


class ServiceInsuranceClaim(models.Model):
    """The lines of the invoices that only a claim brings about."""

    _inherit = "service.insurance.claim"

    def _is_tax_paid_by_customer(self):
        """Whether the insurer pays these claims net; ``False`` without a claim."""
        return self.vat_payer == "customer"

    def _get_insured_taxes(self, taxes):
        """Taxes of what the insurer bears.

        :param taxes: the product's taxes
        :return: the same, or, where the customer pays them, the company's tax of what
            is not taxed; what the payer withholds stays
        """
        if not self._is_tax_paid_by_customer():
            return taxes
        return self.company_id.service_untaxed_tax_id | taxes._filter_withheld()

    def _get_deductible_parts(self, invoice_type):
        """Lines that move the deductible from the insurer to the customer.

        Positive for the customer, the same amount negative for the insurer, with the
        same category and account.

        :return: list of ``SharePart``
        """
        self.ensure_one()
        groups = self._group_insured_lines()
        sign = 1 if invoice_type == "service" else -1
        name = self.env._("Deductible (own risk), claim %s", self.name)
        return [
            groups[key][0]
            ._get_additional_part(name, invoice_type, sign * amount)
            ._replace(is_deductible=True)
            for key, amount in self._split_deductible().items()
        ]

    def _get_tax_parts(self):
        """Lines by which the customer pays the tax on the insurer's share.

        In pairs that add up to zero: the share as it is taxed, and the same amount
        taken off because the insurer pays it.

        :return: list of ``SharePart``
        """
        self.ensure_one()
        deductible = self._split_deductible()
        parts = []
        for key, lines in self._group_insured_lines().items():
            net = sum(lines.mapped("amount_insurance")) - deductible.get(key, 0.0)
            if not self.currency_id.is_zero(net):
                pieces = sum(line._get_share_pieces("insurance") for line in lines)
                parts += self._get_tax_pair(lines[0], net, pieces)
        return parts

    def _get_tax_pair(self, line, net, pieces):
        """The two lines for one category, account and tax set.

        :param line: order line that stands for its group
        :param float net: what the insurer bears, before tax in the order's currency
        :param float pieces: what of their quantities the insurer bears
        """
        names = {
            "insurer": self.insurer_id.display_name,
            "claim": self.name,
        }
        taxed = line._get_additional_part(
            self.env._("Tax on the share of %(insurer)s, claim %(claim)s", **names),
            "service",
            net,
            pieces,
        )
        paid = self.env._("Paid by %(insurer)s, claim %(claim)s", **names)
        return [
            taxed._replace(
                taxes=line.tax_ids - line.tax_ids._filter_withheld(),
                tax_claim=self,
            ),
            SharePart(
                order_line=line,
                name=paid,
                category=line.cost_category,
                account=line._get_income_account(),
                taxes=self.company_id.service_untaxed_tax_id,
                amount=-net,
                tax_claim=self,
            ),
        ]
