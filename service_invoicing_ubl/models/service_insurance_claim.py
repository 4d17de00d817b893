from odoo import models

from odoo.addons.service_invoicing.tools.guards import raise_together


class ServiceInsuranceClaim(models.Model):
    """Shares whose tax another pays need a VAT category where they go out
    electronically: it is asked for when the claim is approved, not when its invoice
    waits."""

    _inherit = "service.insurance.claim"

    def action_approve(self):
        raise_together([e for claim in self for e in claim._get_einvoice_errors()])
        return super().action_approve()

    def _get_einvoice_errors(self):
        """Why the invoices of this claim could not be sent.

        :return: list of translated sentences
        """
        self.ensure_one()
        if self.vat_payer != "customer" or self.company_id.service_untaxed_tax_id:
            return []
        payers = self.insurer_id | self.work_order_id.partner_id
        return [
            self.env._(
                "Claim %(claim)s: %(payer)s gets electronic invoices, where a share "
                "whose tax the customer pays needs a VAT category. Set “Tax of Untaxed "
                "Shares” in the settings of service billing first.",
                claim=self.name,
                payer=payer.display_name,
            )
            for payer in payers
            if payer._gets_einvoices(self.company_id)
        ]
