from odoo import models

from ..tools.month import overlap


class ServiceAgreementLine(models.Model):
    _inherit = "service.agreement.line"

    def _read_odometer(self, logs, first, last):
        """Keep the first reading, where there is none, and that of some days."""
        self.ensure_one()
        if not logs:
            return
        readings = self._get_readings()
        if not readings.filtered(lambda r: r.date <= first or r.kind == "initial"):
            self._keep_log(logs.filtered(lambda log: log.date <= first), "initial")
        typed = readings.filtered(
            lambda r: not r.automatic
            and overlap(r.date, r.date, first, last)
            and r.kind == "reading"
        )
        if not typed:
            # of the days after the exchange, if the meter was exchanged
            known = self._get_readings().filtered(
                lambda r: r.kind != "reading" and r.date <= last
            )[-1:]
            self._keep_log(
                logs.filtered(
                    lambda log: first <= log.date <= last
                    and (not known or log.date > known.date)
                ),
                "reading",
                replaces=readings.filtered(
                    lambda r: r.automatic
                    and r.kind == "reading"
                    and first <= r.date <= last
                ),
            )

    def _keep_log(self, logs, kind, replaces=None):
        """The last entry of a log as a reading of the line.

        :param logs: entries of the odometer's log, the oldest first
        :param replaces: reading of an earlier run, which the log may have overtaken
        """
        self.ensure_one()
        if not logs:
            return
        vals = {"date": logs[-1].date, "value": logs[-1].value}
        if replaces:
            replaces[-1].sudo().write(vals)
            return
        self.env["service.agreement.reading"].sudo().create(
            {**vals, "line_id": self.id, "kind": kind, "automatic": True}
        )
