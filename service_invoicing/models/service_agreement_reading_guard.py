from odoo import api, models
from odoo.tools import format_date

from ..tools.guards import (
    changes_values,
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
)

# Fields that months are billed by
BILLED_FIELDS = {"line_id", "date", "kind", "value", "old_value"}


class ServiceAgreementReading(models.Model):
    _inherit = "service.agreement.reading"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected_at_creation(self, {"automatic": False}, vals)
        readings = super().create(vals_list)
        readings._check_not_released()
        readings.agreement_id._requeue()
        return readings

    def write(self, vals):
        refuse_protected(self, {"automatic": None}, vals)
        names = vals.keys() & BILLED_FIELDS
        changed = self.filtered(lambda r: changes_values(r, vals, names))
        changed._check_not_released()
        if changed and not self.env.su:
            # what somebody corrects is not overwritten by the log
            changed.sudo().write({"automatic": False})
        res = super().write(vals)
        changed._check_not_released()
        self.agreement_id._requeue()
        return res

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
