from odoo import models


class AccountMove(models.Model):
    """What could not be sent is refused before it is authorized, while it can still be
    mended. Credit memos follow what was authorized."""

    _inherit = "account.move"

    def _get_service_post_checks(self):
        return [*super()._get_service_post_checks(), "_get_einvoice_errors"]

    def _get_einvoice_errors(self):
        """Why this invoice could not be sent to its payer.

        :return: list of translated sentences
        """
        self.ensure_one()
        is_sent = self.partner_id._gets_einvoices(self.company_id)
        if self.move_type != "out_invoice" or not is_sent:
            return []
        return [*self._get_untaxed_line_errors(), *self._get_taxable_amount_errors()]

    def _get_untaxed_line_errors(self):
        """Lines without any tax have no VAT category. An advance without tax has one:
        see ``_check_edi_line_tax_required``."""
        lines = self._get_billed_lines().filtered(
            lambda line: not line._has_einvoice_vat()
            and line._check_edi_line_tax_required()
        )
        if not lines:
            return []
        return [
            self.env._(
                "%(number)s goes to %(payer)s electronically, where every line needs a "
                "VAT category, and these have no tax: %(lines)s. Set “Tax of Untaxed "
                "Shares” in the settings of service billing, or put a tax of 0 %% on "
                "the lines.",
                number=self._get_service_label(),
                payer=self.partner_id.display_name,
                lines=", ".join(f"“{line.name}”" for line in lines),
            )
        ]

    def _get_taxable_amount_errors(self):
        """The tax of an electronic invoice is its rate on the lines' amounts; a taxable
        amount that was typed makes it another."""
        lines = self._get_billed_lines().filtered(
            lambda line: line._has_taxable_amount()
        )
        if not lines:
            return []
        return [
            self.env._(
                "%(number)s goes to %(payer)s electronically, where the tax is counted "
                "on the amounts of the lines. Empty the taxable amounts that were "
                "typed for: %(lines)s.",
                number=self._get_service_label(),
                payer=self.partner_id.display_name,
                lines=", ".join(f"“{line.name}”" for line in lines),
            )
        ]
