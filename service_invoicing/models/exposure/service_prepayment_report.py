from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.arguments import expects
from ...tools.invoice_type import PREPAYMENT_KEYS, PREPAYMENT_TYPES


class ServicePrepaymentReport(models.Model):
    """Prepayments that were received and not yet adjusted with an invoice, by age."""

    _name = "service.prepayment.report"
    _description = "Unadjusted Prepayment"
    _inherit = ["service.age.mixin"]
    _auto = False
    _source_table = "account_move"
    _rec_name = "move_id"
    _order = "reference_date, id"

    move_id = fields.Many2one("account.move", string="Prepayment", readonly=True)
    service_invoice_type = fields.Selection(
        selection=PREPAYMENT_TYPES, string="Billing Type", readonly=True
    )
    work_order_id = fields.Many2one("service.work.order", readonly=True)
    document_currency_id = fields.Many2one(
        "res.currency", string="Invoice Currency", readonly=True
    )
    open_amount = fields.Monetary(
        currency_field="document_currency_id",
        string="Open in Invoice Currency",
        readonly=True,
        aggregator=None,
    )
    partner_id = fields.Many2one(string="Bill To")
    reference_date = fields.Date(string="Invoice Date")
    amount = fields.Monetary(
        string="Not Adjusted",
        help="Received, and neither credited nor taken by an invoice; in the "
        "company's currency at the rate of the prepayment, as the liability stands in "
        "the books.",
    )

    _depends = {
        "account.move": [
            "partner_id",
            "company_id",
            "currency_id",
            "service_invoice_type",
            "service_prepayment_open",
            "state",
            "invoice_date",
            "amount_total",
            "amount_total_signed",
            "work_order_ids",
        ],
        "res.company": ["currency_id"],
        "res.currency": ["decimal_places"],
    }

    @api.model
    def _get_reference_date(self) -> SQL:
        return SQL("document.invoice_date")

    @api.model
    def _select(self) -> SQL:
        return SQL(
            """
            %s,
                document.id AS move_id,
                document.service_invoice_type,
                document.currency_id AS document_currency_id,
                document.service_prepayment_open AS open_amount,
                (
                    SELECT MIN(link.work_order_id)
                    FROM account_move_service_work_order_rel link
                    WHERE link.move_id = document.id
                ) AS work_order_id
            """,
            super()._select(),
        )

    @api.model
    def _select_amount(self) -> SQL:
        return SQL(
            "document.service_prepayment_open"
            " * ABS(document.amount_total_signed) / document.amount_total"
        )

    @api.model
    def _where(self) -> SQL:
        # by their type, which is indexed, they are found among all entries
        return SQL(
            """
            WHERE document.service_invoice_type IN %s
                AND document.service_prepayment_open > 0
                AND document.state = 'posted'
            """,
            tuple(PREPAYMENT_KEYS),
        )

    @expects(one=True)
    def action_open_prepayment(self):
        """Open the prepayment of the row."""
        return self._open_document(self.move_id)
