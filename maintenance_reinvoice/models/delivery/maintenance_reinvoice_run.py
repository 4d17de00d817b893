import io

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects


class MaintenanceReinvoiceRun(models.Model):
    """The run's buttons for the documents of all its invoices."""

    _inherit = "maintenance.reinvoice.run"

    print_when_done = fields.Boolean(
        readonly=True,
        copy=False,
        help="Execute and Print was too long for one request: the documents are made "
        "in the background, too, when the last invoice is posted.",
    )

    def action_execute_print(self):
        """Execute, then print the invoices that were posted.

        :return: the file; where not all is done, after a message that says so
        """
        result = self.action_execute()
        if self.state == "running":
            self.sudo().print_when_done = True
            return result
        if all(log.posting_state != "posted" for log in self.log_ids):
            return result
        params = result["params"]
        try:
            params["next"] = self.action_print_invoices()
        except UserError as error:
            # the invoices are posted all the same, and the form must say so
            params["message"] += f"\n{error}"
            params |= {"type": "warning", "sticky": True}
            return result
        return params["next"] if self.state == "done" else result

    def _print_finished(self):
        """Make the documents, if its user or its schedule wants them."""
        posted = self.log_ids.filtered(lambda log: log.posting_state == "posted")
        if self.print_when_done:
            posted._wait_for_scheduler("print_state")
            self.sudo().print_when_done = False
        if self.schedule_id.sudo().operation == "execute_print":
            posted._make_in_time(["invoice"])

    @expects(one=True)
    def action_print_invoices(self):
        """All posted invoices of the run in one file."""
        return self.log_ids.action_print_invoices()

    @expects(one=True)
    def action_print_attachments(self):
        """The attachments of all invoices of the run in one file."""
        return self.log_ids.action_print_attachments()

    @expects(one=True)
    def action_print_merged(self):
        """All posted invoices, each followed by its attachment, in one file."""
        return self.log_ids.action_print_merged()

    @expects(one=True)
    def action_download_zip(self):
        """The documents of all posted invoices as single files in a ZIP."""
        return self.log_ids.action_download_zip()

    @expects(one=True)
    def action_send(self):
        """Send all posted invoices that are not yet sent."""
        return self.log_ids.action_send()

    def action_view_invoices(self):
        """The invoices of the run."""
        return self.log_ids.move_id._get_maintenance_open_action()

    @expects(one=True)
    def action_export_xlsx(self):
        """The check report as an Excel workbook."""
        self.check_access("read")
        stream = io.BytesIO()
        self.env["report.maintenance_reinvoice.check_xlsx"]._write_workbook(
            self, stream
        )
        mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        name = self.env._("Check report %s.xlsx", self.name)
        return self.env["maintenance.reinvoice.file"]._download(
            name, stream.getvalue(), mimetype
        )
