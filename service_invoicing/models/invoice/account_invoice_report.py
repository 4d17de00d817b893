from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.invoice_type import PREPAYMENT_KEYS


class AccountInvoiceReport(models.Model):
    """Core's invoice analysis, told apart by payer, program and insurance claim."""

    _inherit = "account.invoice.report"

    service_invoice_type = fields.Selection(
        selection=lambda self: self._get_move_selection("service_invoice_type"),
        string="Billing Type",
        readonly=True,
    )
    service_status = fields.Selection(
        selection=lambda self: self._get_move_selection("service_status"),
        string="Billing Status",
        readonly=True,
    )
    service_cost_category = fields.Selection(
        selection=lambda self: self.env["account.move.line"]
        ._fields["service_cost_category"]
        ._description_selection(self.env),
        string="Cost Category",
        readonly=True,
        help="Empty on order-level charges and discounts.",
    )
    service_program_id = fields.Many2one(
        "service.program",
        string="Program",
        readonly=True,
        help="Whose sponsor is billed; only on program invoices.",
    )
    service_sponsor_id = fields.Many2one(
        "res.partner",
        string="Sponsor",
        readonly=True,
        help="The payer of a program invoice.",
    )
    service_claim_id = fields.Many2one(
        "service.insurance.claim",
        string="Insurance Claim",
        readonly=True,
        help="Whose insurer is billed, less the deductible; only on insurance "
        "invoices.",
    )
    service_insurer_id = fields.Many2one(
        "res.partner",
        string="Insurer",
        readonly=True,
        help="The payer of an insurance invoice.",
    )
    service_work_order_id = fields.Many2one(
        "service.work.order", string="Work Order", readonly=True
    )

    _depends = {
        "account.move": ["service_invoice_type", "service_status"],
        "account.move.line": [
            "service_cost_category",
            "service_order_line_id",
            "service_prepayment_id",
        ],
        "service.work.order.line": ["order_id", "program_id", "claim_id"],
    }

    @api.model
    def _get_move_selection(self, name):
        """The values of a field of the invoice, those of other add-ons included."""
        field = self.env["account.move"]._fields[name]
        return field._description_selection(self.env)

    @api.model
    def _select(self) -> SQL:
        return SQL("%s, %s", super()._select(), self._select_service())

    @api.model
    def _select_service(self) -> SQL:
        """Columns of service billing. A line of no order line, such as a charge,
        belongs to the work order of its invoice, when there is but one."""
        return SQL(
            """
                move.service_invoice_type,
                move.service_status,
                line.service_cost_category,
                CASE WHEN move.service_invoice_type = 'program'
                    THEN service_line.program_id END AS service_program_id,
                CASE WHEN move.service_invoice_type = 'program'
                    THEN move.partner_id END AS service_sponsor_id,
                CASE WHEN move.service_invoice_type = 'insurance'
                    THEN service_line.claim_id END AS service_claim_id,
                CASE WHEN move.service_invoice_type = 'insurance'
                    THEN move.partner_id END AS service_insurer_id,
                COALESCE(
                    service_line.order_id,
                    (
                        SELECT MIN(rel.work_order_id)
                        FROM account_move_service_work_order_rel rel
                        WHERE rel.move_id = move.id
                            AND move.service_invoice_type IS NOT NULL
                        HAVING COUNT(*) = 1
                    )
                ) AS service_work_order_id
            """
        )

    @api.model
    def _where(self) -> SQL:
        """What is paid in advance is a liability and no sale: it would be counted
        again with the invoice of the work."""
        return SQL(
            """
            %s
                AND COALESCE(move.service_invoice_type, '') NOT IN %s
                AND line.service_prepayment_id IS NULL
            """,
            super()._where(),
            tuple(PREPAYMENT_KEYS),
        )

    @api.model
    def _from(self) -> SQL:
        return SQL(
            """
            %s
                LEFT JOIN service_work_order_line service_line
                    ON service_line.id = line.service_order_line_id
            """,
            super()._from(),
        )
