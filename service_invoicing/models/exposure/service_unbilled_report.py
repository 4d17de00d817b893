from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.arguments import expects
from ...tools.invoice_type import select_share_types
from ...tools.states import WAITING_STATES


class ServiceUnbilledReport(models.Model):
    """Work that is done and not yet billed, by age: one row per work order.

    Archived orders are in it too, because their work is not billed either.
    """

    _name = "service.unbilled.report"
    _description = "Work Not Yet Billed"
    _inherit = ["service.age.mixin"]
    _auto = False
    _source_table = "service_work_order"
    _rec_name = "order_id"
    _order = "reference_date, id"

    order_id = fields.Many2one("service.work.order", string="Work Order", readonly=True)
    advisor_id = fields.Many2one("res.users", string="Service Advisor", readonly=True)
    vehicle_id = fields.Many2one("fleet.vehicle", readonly=True)
    state = fields.Selection(
        selection=lambda self: self.env["service.work.order"]
        ._fields["state"]
        ._description_selection(self.env),
        string="Status",
        readonly=True,
    )
    next_invoice_type = fields.Selection(
        selection=select_share_types, string="Next Invoice", readonly=True
    )
    order_date = fields.Date(readonly=True)
    checked_date = fields.Date(string="Ready For Billing", readonly=True)
    reference_date = fields.Date(
        help="When the order became ready for billing; before that its order date."
    )
    amount = fields.Monetary(
        help="Before tax in the company's currency at today's rate: what payers have "
        "no invoice for, of unchecked orders all but the workshop's own cost. Charges "
        "and discounts of the order are not counted.",
    )

    _depends = {
        "service.work.order": [
            "partner_id",
            "advisor_id",
            "vehicle_id",
            "company_id",
            "currency_id",
            "state",
            "next_invoice_type",
            "order_date",
            "checked_date",
            "amount_untaxed",
            "amount_own_cost",
            "amount_to_invoice",
        ],
        "service.release": ["work_order_id", "state"],
        "service.release.line": ["release_id", "share_amount"],
        "res.company": ["currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["currency_id", "company_id", "name", "rate"],
    }

    @api.model
    def _get_reference_date(self) -> SQL:
        return SQL("COALESCE(document.checked_date, document.order_date)")

    @api.model
    def _select(self) -> SQL:
        return SQL(
            """
            %s,
                document.id AS order_id,
                document.advisor_id,
                document.vehicle_id,
                document.state,
                document.next_invoice_type,
                document.order_date,
                document.checked_date
            """,
            super()._select(),
        )

    @api.model
    def _select_amount(self) -> SQL:
        return self._convert_at_today(
            SQL(
                """
                CASE WHEN document.state = 'to_invoice'
                    THEN document.amount_to_invoice
                    ELSE document.amount_untaxed - document.amount_own_cost - COALESCE(
                        (
                            SELECT SUM(line.share_amount)
                              FROM service_release_line line
                              JOIN service_release release
                                ON release.id = line.release_id
                             WHERE release.work_order_id = document.id
                               AND release.state = 'invoiced'
                        ),
                        0.0
                    )
                END
                """
            )
        )

    @api.model
    def _where(self) -> SQL:
        return SQL("WHERE document.state IN %s", WAITING_STATES)

    @expects(one=True)
    def action_open_order(self):
        """Open the work order of the row."""
        return self._open_document(self.order_id)
