from odoo import fields, models


class ResCompany(models.Model):
    """Which day it is where the company is: a month is over when it is over there, not
    where the server or the user of a scheduled job happens to be."""

    _inherit = "res.company"

    def _get_time_zone(self):
        """Name of the company's time zone: that of its own contact, as core's stock
        takes it, of a branch without one that of the company above it; without any, the
        time zone of the user (of a scheduled job: its user), or UTC."""
        self.ensure_one()
        # the nearest first; contacts of companies above may be out of the user's reach
        zones = self.sudo().parent_ids[::-1].partner_id.mapped("tz")
        return next(filter(None, zones), self.env.tz.zone)

    def _with_local_time(self, records):
        """``records`` for which it is the day of the company, whatever they call."""
        return records.with_context(tz=self._get_time_zone())

    def _get_local_today(self):
        """The day it is now where the company is."""
        return fields.Date.context_today(self._with_local_time(self))
