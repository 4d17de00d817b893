from contextlib import contextmanager

from odoo import models


class MaintenancePosting(models.AbstractModel):
    """Invoices of permissions are posted as they were made."""

    _inherit = "maintenance.posting"

    @contextmanager
    def _post_rows(self, documents):
        """What re-invoicing made is posted as it was made, on a day that is open; its
        mass dimension is shown on the customer's ledger items. A garage may have
        credited the work before it is invoiced."""
        self.env["maintenance.reinvoice.check"]._check_documents(documents)
        self.env["service.closed.period"]._leave(documents._filter_maintenance_sales())
        yield
        # ours to write: nobody sets it by hand
        posted = documents._filter_posted().sudo()
        name = "maintenance_mass_analytic_account_id"
        for account, moves in posted.filtered(name).grouped(name).items():
            moves._get_receivable_lines().write({name: account.id})
        lines = posted.maintenance_row_ids.line_id
        lines.filtered("amount_credited").permission_id._update_credit_todos()
