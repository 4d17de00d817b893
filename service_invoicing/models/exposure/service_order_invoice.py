from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.invoice_type import DOCUMENT_TYPES


class ServiceOrderInvoice(models.Model):
    """What somebody without a right on Invoicing may know of the invoices of work
    orders: payer, dates, total, what is due.

    Core gives ``account.move`` to accounting groups alone, and its form reads journals,
    items, taxes and payments, too. Rights on all these would open the ledger to every
    service advisor; so he gets these columns, one row per invoice with its id, and the
    print. Whoever may read all orders that an invoice bills may read its row.
    """

    _name = "service.order.invoice"
    _description = "Invoice of Work Orders"
    _auto = False
    _order = "invoice_date desc, id desc"

    name = fields.Char(string="Number", readonly=True)
    service_invoice_type = fields.Selection(
        selection=DOCUMENT_TYPES, string="Type", readonly=True
    )
    work_order_ids = fields.Many2many(
        "service.work.order",
        relation="account_move_service_work_order_rel",
        column1="move_id",
        column2="work_order_id",
        string="Work Orders",
        readonly=True,
        context={"active_test": False},
    )
    partner_id = fields.Many2one("res.partner", string="Payer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    invoice_date = fields.Date(readonly=True)
    invoice_date_due = fields.Date(string="Due Date", readonly=True)
    amount_total = fields.Monetary(
        string="Total",
        readonly=True,
        help="With tax; what a credit memo gives back is negative.",
    )
    amount_due = fields.Monetary(
        string="Due",
        readonly=True,
        help="What is still to be paid.",
    )
    payment_state = fields.Selection(
        selection=lambda self: self._select_as_on_invoices("payment_state"),
        string="Payment",
        readonly=True,
    )
    service_status = fields.Selection(
        selection=lambda self: self._select_as_on_invoices("service_status"),
        string="Billing Status",
        readonly=True,
    )
    is_authorized = fields.Boolean(readonly=True)

    _depends = {
        "account.move": [
            "company_id",
            "currency_id",
            "invoice_date",
            "invoice_date_due",
            "name",
            "partner_id",
            "payment_state",
            "service_amount_due_signed",
            "service_amount_total_signed",
            "service_invoice_type",
            "service_number",
            "service_status",
            "state",
            "work_order_ids",
        ],
    }

    @api.model
    def _select_as_on_invoices(self, name):
        return self.env["account.move"]._fields[name]._description_selection(self.env)

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT move.id,
                CASE WHEN move.state = 'posted' THEN move.name
                    ELSE move.service_number END AS name,
                move.service_invoice_type,
                move.partner_id,
                move.company_id,
                move.currency_id,
                move.invoice_date,
                move.invoice_date_due,
                move.service_amount_total_signed AS amount_total,
                move.service_amount_due_signed AS amount_due,
                CASE WHEN move.state = 'posted' THEN move.payment_state
                    END AS payment_state,
                move.service_status,
                move.state = 'posted' AS is_authorized
            FROM account_move move
            WHERE move.service_invoice_type IS NOT NULL
                AND move.state IN ('draft', 'posted')
                AND EXISTS (
                    SELECT 1 FROM account_move_service_work_order_rel link
                    WHERE link.move_id = move.id
                )
            """
        )

    @api.model
    def _get_readable_domain(self):
        """Invoices of which the user may read every order."""
        domain = self.env["ir.rule"]._compute_domain("service.work.order", "read")
        return ~Domain("work_order_ids", "any!", ~Domain(domain))

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_readable_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if refused or not self or self.env.su:
            return refused
        readable = self.sudo().filtered_domain(self._get_readable_domain())
        hidden = self - readable.with_env(self.env)
        return (hidden, hidden._make_hidden_error) if hidden else None

    def _make_hidden_error(self):
        return AccessError(
            self.env._(
                "These invoices bill work orders that you may not read. Ask an "
                "administrator for the right on them."
            )
        )
