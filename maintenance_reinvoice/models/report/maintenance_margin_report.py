from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_invoicing.tools.actions import open_menu
from odoo.addons.service_invoicing.tools.arguments import expects


class MaintenanceMarginReport(models.Model):
    """What maintenance costs and what it brings: one row per permission line, in the
    company's currency.

    What is posted counts as it was posted, to the cent; what is not yet posted counts
    at today's rate."""

    _name = "maintenance.margin.report"
    _description = "Maintenance Margins"
    _inherit = ["maintenance.line.report"]
    _auto = False
    _rec_name = "line_id"
    _order = "date desc, id desc"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", readonly=True, help="The company's currency."
    )
    date = fields.Date(
        string="Permission Date", readonly=True, help="Date of the permission."
    )
    bill_date = fields.Date(
        readonly=True, help="Accounting date of the garage's first posted bill."
    )
    invoice_date = fields.Date(
        readonly=True,
        help="Accounting date of the posted customer invoice that counts.",
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    reinvoice = fields.Boolean(string="Re-invoice", readonly=True)
    amount_bought = fields.Monetary(
        string="Bought",
        readonly=True,
        help="Net amount of the garage's posted bills less its posted credits.",
    )
    amount_agreed = fields.Monetary(
        string="Agreed, No Bill Yet",
        readonly=True,
        help="Net price agreed with the garage where no bill is posted yet.",
    )
    amount_to_reinvoice = fields.Monetary(
        string="To Re-invoice",
        readonly=True,
        help="Net amount the customer will be charged and has no posted invoice for.",
    )
    amount_reinvoiced = fields.Monetary(
        string="Re-invoiced",
        readonly=True,
        help="Net amount on the posted customer invoice that counts, also where a "
        "credit memo closed it; what was credited and freed is to re-invoice again.",
    )
    amount_kept = fields.Monetary(
        string="Kept",
        readonly=True,
        help="The part of what was bought or agreed that nobody is charged for: lines "
        "not to be re-invoiced, excessive wear, reductions, credits that closed a "
        "line.",
    )
    amount_billed = fields.Monetary(
        string="Billed",
        readonly=True,
        help="Net amount of the posted customer invoices less posted credit memos: "
        "what is re-invoiced, but for what a credit memo closed.",
    )
    margin = fields.Monetary(readonly=True, help="Billed less bought.")
    margin_expected = fields.Monetary(
        string="Expected Margin",
        readonly=True,
        help="The margin once everything agreed is bought and everything to "
        "re-invoice is billed.",
    )

    _depends = {
        "maintenance.permission.line": [
            "amount_billed",
            "amount_to_reinvoice",
            "bill_posted",
            "company_id",
            "contract_id",
            "currency_id",
            "difference",
            "difference_bill_id",
            "partner_id",
            "permission_id",
            "product_id",
            "purchase_price",
            "reinvoice",
            "reinvoice_method",
            "reinvoice_partner_id",
            "reinvoiced",
            "service_type_id",
            "vehicle_id",
        ],
        "maintenance.permission": [
            "date",
            "purchase_currency_id",
            "state",
            "vendor_id",
        ],
        "maintenance.reinvoice.row": [
            "amount",
            "contract_id",
            "credit_move_id",
            "line_id",
            "live",
            "move_id",
            "move_line_id",
        ],
        "account.move": ["date", "invoice_currency_rate", "move_type", "state"],
        "account.move.line": [
            "balance",
            "date",
            "display_type",
            "maintenance_contract_id",
            "maintenance_line_id",
            "move_id",
            "parent_state",
        ],
        "res.company": ["currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["currency_id", "company_id", "name", "rate"],
    }

    @property
    def _table_query(self) -> SQL:
        parts = [
            SQL("%s AS (%s)", SQL.identifier(name), query)
            for name, query in self._get_parts().items()
        ]
        return SQL("WITH %s %s %s", SQL(", ").join(parts), self._select(), self._from())

    # -- buttons ----------------------------------------------------------------

    @api.model
    def _get_action(self, field_name, record):
        """Action that shows the margins of one contract or vehicle.

        :param field_name: field of the report that names ``record``
        """
        xml_id = "maintenance_reinvoice.maintenance_margin_report_action"
        domain = [(field_name, "=", record.id)]
        action = open_menu(self.env, xml_id, domain, search_default_approved=1)
        title = self.env._("Margins of %s", record.display_name)
        return action | {"display_name": title}

    @expects(one=True)
    def action_open_line(self):
        """Open the permission line of the row.

        :raise AccessError: for who may not read it
        """
        self.line_id.check_access("read")
        return self.line_id.action_open_form()
