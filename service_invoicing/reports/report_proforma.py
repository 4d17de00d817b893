from contextlib import closing

from markupsafe import Markup

from odoo import api, models
from odoo.tools import is_html_empty

# Nothing is told to anybody about an invoice that will never have been there
SILENT = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
}


class ReportProforma(models.AbstractModel):
    """The invoices of work orders before there are any, one document per payer.

    The drafts are made as the button would make them, printed, and taken back: every
    figure is that of the later invoice, and nothing is left in the database.
    """

    _name = "report.service_invoicing.report_proforma"
    _description = "Proforma Invoices of Work Orders"

    @api.model
    def _get_report_values(self, docids, data=None):
        orders = self.env["service.work.order"].browse(docids)
        report_type = (data or {}).get("report_type")
        return {
            "doc_ids": docids,
            "doc_model": orders._name,
            "docs": orders,
            "bodies": self._render_proformas(orders, report_type),
        }

    def _render_proformas(self, orders, report_type=None):
        """Documents of all payers without an invoice, order by order.

        Whoever may read the orders may print them, with or without a right on
        invoices.

        :param str report_type: html or pdf
        :return: list of markup
        :raise UserError: naming the orders that have nothing left to invoice
        """
        orders.check_access("read")
        orders._check_proforma()
        orders = orders.sudo().with_context(**SILENT)
        with closing(self.env.cr.savepoint()):
            return [
                self._render_proforma(move, report_type)
                for order in orders
                for move in order._create_proformas()
            ]

    def _render_proforma(self, move, report_type):
        """One document in the payer's language, by the template of his invoice."""
        lang = move.partner_id.lang or self.env.lang
        Report = self.env["ir.actions.report"].with_context(lang=lang)
        values = {
            "o": move.with_context(service_proforma=True),
            "lang": lang,
            "proforma": True,
            "service_proforma": True,
            "report_type": report_type,
            "is_html_empty": is_html_empty,
        }
        template = move._get_name_invoice_report()
        return Markup(Report._render_template(template, values).decode())
