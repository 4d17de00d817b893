from odoo import models


class ServiceEinvoiceCheck(models.AbstractModel):
    """What could not be sent is refused before it is authorized, while it can still be
    mended. Credit memos follow what was authorized."""

    _name = "service.einvoice.check"
    _description = "Check of Electronic Invoices"

    def _get_errors(self, move):
        """Why this invoice could not be sent to its payer.

        :return: list of translated sentences
        """
        is_sent = move.partner_id._gets_einvoices(move.company_id)
        if move.move_type != "out_invoice" or not is_sent:
            return []
        return [*self._get_untaxed_errors(move), *self._get_taxable_errors(move)]

    def _get_untaxed_errors(self, move):
        """Lines without any tax have no VAT category. An advance without tax has one:
        see ``_check_edi_line_tax_required``."""
        lines = move._get_billed_lines().filtered(
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
                number=move._get_service_label(),
                payer=move.partner_id.display_name,
                lines=", ".join(f"“{line.name}”" for line in lines),
            )
        ]

    def _get_taxable_errors(self, move):
        """The tax of an electronic invoice is its rate on the lines' amounts; a taxable
        amount that was typed makes it another."""
        lines = move._get_billed_lines().filtered(
            lambda line: line._has_taxable_amount()
        )
        if not lines:
            return []
        return [
            self.env._(
                "%(number)s goes to %(payer)s electronically, where the tax is counted "
                "on the amounts of the lines. Empty the taxable amounts that were "
                "typed for: %(lines)s.",
                number=move._get_service_label(),
                payer=move.partner_id.display_name,
                lines=", ".join(f"“{line.name}”" for line in lines),
            )
        ]
