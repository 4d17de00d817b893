from odoo import api, models
from odoo.tools import format_date

from ...tools.guards import (
    changes_values,
    get_context_defaults,
    raise_together,
    refuse_implausible,
    refuse_protected,
    refuse_protected_at_creation,
)

# Fields that months are billed by
BILLED_FIELDS = {"line_id", "date", "kind", "value", "old_value"}
# Fields that follow from the line and the day, by which months find their readings
FOLLOWING_FIELDS = (
    "agreement_id",
    "meter_id",
    "company_id",
    "partner_id",
    "vehicle_id",
    "month",
)
NUMBERS = ("value", "old_value")


class ServiceAgreementReading(models.Model):
    """What has been billed keeps its readings, whoever writes them."""

    _inherit = "service.agreement.reading"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected_at_creation(self, {"automatic": False}, vals)
            line = self._get_given_line(vals)
            # the list of readings in the agreement's form names its agreement
            harmless = {"agreement_id": line.agreement_id.id}
            following = dict.fromkeys(FOLLOWING_FIELDS) | harmless
            refuse_protected(self.browse(), following, vals)
            refuse_implausible(self.browse(), NUMBERS, vals, line.display_name)
        readings = super().create(vals_list)
        readings._check_agreement_running()
        readings._check_not_released()
        readings.agreement_id._requeue()
        return readings

    def write(self, vals):
        protected = ("automatic", *FOLLOWING_FIELDS)
        refuse_protected(self, dict.fromkeys(protected), vals)
        refuse_implausible(self, NUMBERS, vals)
        names = vals.keys() & BILLED_FIELDS
        changed = self.filtered(lambda r: changes_values(r, vals, names))
        changed._check_not_released()
        if changed and not self.env.su:
            # what somebody corrects is not overwritten by the log
            changed.sudo().write({"automatic": False})
        res = super().write(vals)
        self._check_agreement_running()
        changed._check_not_released()
        self.agreement_id._requeue()
        return res

    @api.model
    def _get_given_line(self, vals):
        """The agreement line that a new reading is to be of, maybe none."""
        given = get_context_defaults(self.env) | vals
        return self.env["service.agreement.line"].browse(given.get("line_id") or ())

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        self._check_not_released()
        self.agreement_id._requeue()

    def _check_not_released(self):
        """Refuse to change what months have been billed by.

        :raise UserError: naming each reading and the release of its month
        """
        raise_together(
            [
                self.env._(
                    "%(line)s is released until %(until)s with %(release)s: the "
                    "reading of %(date)s cannot be changed. Cancel or credit the "
                    "release first.",
                    line=reading.line_id.display_name,
                    until=format_date(self.env, release.period_to),
                    release=release.name,
                    date=format_date(self.env, reading.date),
                )
                for reading in self
                if (release := reading._get_blocking_release())
            ]
        )

    def _get_blocking_release(self):
        """The release that bills what the reading says, or what came after it."""
        self.ensure_one()
        releases = self.line_id.sudo()._get_live_releases()
        if self.kind == "quantity":
            return releases.filtered(lambda r: r.period_from == self.month)[:1]
        return releases.filtered(lambda r: r.period_to >= self.date)[-1:]
