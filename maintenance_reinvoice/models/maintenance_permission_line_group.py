from odoo import models
from odoo.exceptions import UserError

from ..tools.dates import parse_date


class MaintenancePermissionLine(models.Model):
    """What lines of a mass run share with the others on their invoice: whether there
    will be one, and its dates."""

    _inherit = "maintenance.permission.line"

    def _get_group_obstacles(self, groups, options):
        """``{line: codes}`` of the lines that their whole group keeps off an invoice.

        :param dict groups: lines by any key, one group an invoice to be
        :param dict options: ``posting_date``; ``ignore_minimum``: small amounts, too
        """
        found = dict.fromkeys(self._get_zero_groups(groups), ["zero_group"])
        for lines in groups.values():
            if lines[:1] not in found and lines._is_below_minimum(options):
                found.update(dict.fromkeys(lines, ["below_minimum"]))
        return found

    def _is_below_minimum(self, options):
        """The lines of one invoice are worth less than the payer's minimum. What the
        customer gets back never waits."""
        if options.get("ignore_minimum"):
            return False
        company, currency = self.company_id, self.currency_id[:1]
        partner = self[:1]._get_reinvoice_partner()
        minimum = partner._get_maintenance_minimum(company)
        total = self._sum_to_reinvoice()
        if not minimum or currency.compare_amounts(total, 0.0) < 0:
            return False
        net = currency._convert(
            total, company.currency_id, company, options["posting_date"]
        )
        return company.currency_id.compare_amounts(net, minimum) < 0

    def _get_open_vat_date(self, company, vat_date):
        """``vat_date``, or what the company wants in its place when the VAT period is
        closed: an error, or the first open day. Empty stays empty."""
        date = parse_date(self.env, vat_date)
        if not date:
            return date
        open_date = company._get_maintenance_open_vat_date(date)
        if open_date != date and company.maintenance_closed_period == "refuse":
            format_date = self.env["ir.qweb.field.date"].value_to_html
            raise UserError(
                self.env._(
                    "VAT date %(date)s is in a closed VAT period of %(company)s. "
                    "Choose %(open)s or later, or open the period.",
                    date=format_date(date, {}),
                    company=company.name,
                    open=format_date(open_date, {}),
                )
            )
        return open_date
