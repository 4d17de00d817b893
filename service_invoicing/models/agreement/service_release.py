from odoo import fields, models

from ...tools.guards import raise_together


class ServiceRelease(models.Model):
    """The release of one month of an agreement."""

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

    def _bill_months_again(self, vals):
        """One release bills a month: where it does so again, its copy gives it up."""
        if vals.get("state") == "invoiced":
            again = self.filtered(lambda r: r.agreement_id and r.state == "reprocessed")
            for copy in again.copy_ids:
                credit = copy.credit_move_id.display_name
                copy._cancel_unbilled(
                    self.env._("Credit memo %s was taken back", credit)
                )
            again._check_month_free()
        if "state" in vals:
            self.flush_model(["state", "is_supplement"])

    def _check_month_free(self):
        """Refuse to bill months again that were released anew since.

        :raise UserError: naming each release and the one that bills its month now
        """
        raise_together(
            [
                self.env._(
                    "%(release)s cannot bill %(month)s of %(agreement)s again: "
                    "%(other)s bills it now. Cancel or credit %(other)s first, or "
                    "leave the credit memo authorized.",
                    release=release.name,
                    month=release.agreement_id._format_month(release.period_from),
                    agreement=release.agreement_id.name,
                    other=other.name,
                )
                for release in self
                if not release.is_supplement
                and (
                    other := release.agreement_id._get_month_release(
                        release.period_from
                    )
                )
            ]
        )
