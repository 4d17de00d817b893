from odoo import models


class ServiceClosedPeriod(models.AbstractModel):
    """Drafts of re-invoicing that somebody posts later keep to the company's choice,
    as the runs that made them did."""

    _inherit = "service.closed.period"

    def _filter_kept(self, moves):
        return super()._filter_kept(moves) | moves._filter_maintenance_sales()

    def _get_choice(self, move):
        if move._filter_maintenance_sales():
            return move.company_id.maintenance_closed_period
        return super()._get_choice(move)
