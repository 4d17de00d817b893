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
        self._create_logs((bills | credits).invoice_line_ids)
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

    def _create_logs(self, lines):
        """The service log of the vehicles, made by us beforehand: core would make it
        in the user's name and ask a Fleet right of the accountant.

        Of credits core only looks for logs, with the same right; it finds what is
        looked up here."""
        if not lines:
            return
        lines.fetch(["vehicle_log_service_ids"])
        if not self.env.ref("account_fleet.data_fleet_service_type_vendor_bill", False):
            return
        lines = lines.filtered(
            lambda line: line.move_id.move_type == "in_invoice"
            and line.maintenance_line_id
            and line.vehicle_id
            and not line.vehicle_log_service_ids
        )
        self.env["fleet.vehicle.log.services"].sudo().create(
            [self._prepare_log_vals(line) for line in lines]
        )

    def _prepare_log_vals(self, line):
        """Values of the vehicle's service log of a garage's bill line."""
        vals = line._prepare_fleet_log_service()
        permission_line = line.maintenance_line_id
        return {
            **vals,
            "service_type_id": permission_line.service_type_id.id
            or vals["service_type_id"],
            "date": permission_line.permission_id.date,
        }
