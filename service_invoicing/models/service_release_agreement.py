from odoo import fields, models


class ServiceRelease(models.Model):
    _inherit = "service.release"

    _agreement_month_uniq = models.UniqueIndex(
        "(agreement_id, period_from) WHERE agreement_id IS NOT NULL"
        " AND state NOT IN ('cancelled', 'reprocessed') AND is_supplement IS NOT TRUE",
        "This month of the agreement has been released already.",
    )

    agreement_id = fields.Many2one(
        "service.agreement",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The agreement whose month is billed.",
    )

    def action_view_agreement(self):
        """The agreement of a monthly release."""
        self.ensure_one()
        return self.agreement_id._get_records_action()
