from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Contacts that are merged may be payers of one work order."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Core changes the partners by SQL, behind indexes and computed fields."""
        partners = src_partners | dst_partner
        orders = self.env["service.work.order"].sudo()._search_billed_to(partners)
        if not orders:
            return super()._update_foreign_keys(src_partners, dst_partner)
        orders._cancel_colliding_releases(partners)
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        orders._follow_merged_payers()
        return res
