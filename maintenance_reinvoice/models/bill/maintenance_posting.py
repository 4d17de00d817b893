from contextlib import contextmanager

from odoo import models

from ...tools.bill_types import BILL_TYPES


class MaintenancePosting(models.AbstractModel):
    """What follows when bills and invoices of permissions are posted, and when bills
    are drafts again."""

    _name = "maintenance.posting"
    _description = "Posting of Documents of Re-invoicing"

    def _get_phases(self):
        """Names of the methods around core's posting, in the order in which they
        begin; the last one ends first. Each is a context manager, called with all
        documents that are posted together."""
        return ["_post_bills", "_post_rows"]

    @contextmanager
    def _post_bills(self, documents):
        """Differences become lines of the permissions. A garage's credit reaches the
        customer: his charge is lowered, or his credit is proposed if he has been
        invoiced, be it before or afterwards."""
        documents = documents.sudo().filtered(lambda m: m.move_type in BILL_TYPES)
        if not documents:
            yield
            return
        bills = documents.invoice_line_ids._filter_billing().move_id
        credits = documents.invoice_line_ids._filter_crediting().move_id
        self.env["maintenance.bill.check"]._check_documents(documents, bills, credits)
        (bills | credits).invoice_line_ids._create_maintenance_logs()
        self.env["maintenance.bill.sharing"]._share_costs(bills | credits)
        yield
        self.env["maintenance.bill.difference"]._create_lines(bills._filter_posted())
        lines = credits._filter_posted()._get_vendor_credit_lines()
        lines._lower_to_bought()
        lines.permission_id._update_credit_todos()

    def _take_bills_back(self, documents):
        """Drafts again have neither charged nor credited anything."""
        documents = documents.sudo().filtered(lambda m: m.move_type in BILL_TYPES)
        if not documents:
            return
        self.env["maintenance.bill.difference"]._drop_lines(documents)
        self.env["maintenance.bill.sharing"]._unshare_costs(documents)
        lines = documents._get_vendor_credit_lines()
        lines._undo_lowering()
        lines.permission_id._update_credit_todos()
