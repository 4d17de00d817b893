from odoo import models


class AnalyticMixin(models.AbstractModel):
    """Analytic accounts that were deleted are told from those there are."""

    _inherit = "analytic.mixin"

    def _filter_lost_analytic(self):
        """Those whose distribution names an analytic account that was deleted: what
        is posted with it would silently be on no account."""
        return self.filtered(lambda record: record._has_lost_analytic())

    def _has_lost_analytic(self):
        self.ensure_one()
        named = {
            int(account_id)
            for key in self.analytic_distribution or {}
            for account_id in key.split(",")
            if account_id.isdigit()
        }
        kept = self.with_context(active_test=False).distribution_analytic_account_ids
        return not named <= set(kept.ids)
