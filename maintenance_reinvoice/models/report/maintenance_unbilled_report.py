from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.service_invoicing.models.exposure.service_age_mixin import BUCKETS
from odoo.addons.service_invoicing.tools.arguments import expects

from ...tools.states import APPROVED_STATES


class MaintenanceUnbilledReport(models.Model):
    """Permission lines that customers are to pay and have no posted invoice for, by
    age. Their purchase is done: the garage's bill is posted, or there is nothing to
    buy."""

    _name = "maintenance.unbilled.report"
    _description = "Maintenance Not Yet Invoiced"
    _inherit = ["maintenance.line.report", "service.age.mixin"]
    _auto = False
    _source_table = "maintenance_permission_line"
    _rec_name = "line_id"
    _order = "reference_date, id"

    bill_posted = fields.Boolean(
        readonly=True, help="Not set: there is nothing to buy, only to invoice."
    )
    draft_invoice_id = fields.Many2one(
        "account.move", readonly=True, help="The draft invoice the line is on."
    )
    reference_date = fields.Date(
        help="Bill date of the garage's last posted bill; without a bill the "
        "date of the permission, or of a line that was added later."
    )
    # said once more: labels of another add-on are not translated with this one
    bucket = fields.Selection(selection=BUCKETS)
    amount = fields.Monetary(
        help="Net amount to re-invoice in the company's currency at today's rate."
    )

    _depends = {
        "maintenance.permission.line": [
            "amount_to_reinvoice",
            "bill_date",
            "bill_posted",
            "company_id",
            "contract_id",
            "create_date",
            "currency_id",
            "extra",
            "partner_id",
            "permission_id",
            "product_id",
            "purchase_price",
            "reinvoice",
            "reinvoice_method",
            "reinvoice_partner_id",
            "reinvoiced",
            "sale_invoice_id",
            "service_type_id",
            "vehicle_id",
        ],
        "maintenance.permission": ["date", "state", "vendor_id"],
        "res.company": ["currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["currency_id", "company_id", "name", "rate"],
    }

    @api.model
    def _get_reference_date(self) -> SQL:
        return SQL(
            """
            COALESCE(
                document.bill_date,
                (
                    SELECT CASE WHEN document.extra
                        THEN GREATEST(origin.date, document.create_date::date)
                        ELSE origin.date END
                    FROM maintenance_permission origin
                    WHERE origin.id = document.permission_id
                )
            )
            """
        )

    @api.model
    def _select(self) -> SQL:
        return SQL(
            """
            %s,
                document.id AS line_id,
                document.permission_id,
                document.contract_id,
                document.vehicle_id,
                COALESCE(document.reinvoice_partner_id, document.partner_id)
                    AS payer_id,
                permission.vendor_id,
                document.product_id,
                document.service_type_id,
                document.reinvoice_method,
                permission.state,
                document.bill_posted,
                document.sale_invoice_id AS draft_invoice_id
            """,
            super()._select(),
        )

    @api.model
    def _select_amount(self) -> SQL:
        return self._convert_at_today(SQL("document.amount_to_reinvoice"))

    @api.model
    def _from(self) -> SQL:
        # few lines wait: OFFSET keeps the planner from reading all permissions for them
        return SQL(
            """
            %s CROSS JOIN LATERAL (
                SELECT origin.state, origin.vendor_id
                FROM maintenance_permission origin
                WHERE origin.id = document.permission_id
                OFFSET 0
            ) permission
            """,
            super()._from(),
        )

    @api.model
    def _where(self) -> SQL:
        return SQL(
            """
            WHERE document.reinvoice IS TRUE
                AND document.amount_to_reinvoice <> 0
                AND document.reinvoiced IS NOT TRUE
                AND (document.bill_posted OR COALESCE(document.purchase_price, 0) = 0)
                AND permission.state IN %s
            """,
            APPROVED_STATES,
        )

    @expects(one=True)
    def action_open_line(self):
        """Open the permission line of the row."""
        return self._open_document(self.line_id)
