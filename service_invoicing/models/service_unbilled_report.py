from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.invoice_type import INVOICE_TYPES

# The work has begun, and somebody still has to be invoiced for it
UNBILLED_STATES = ("in_progress", "checking", "to_invoice")
# From the shortest wait to the longest; keys sort in this order
BUCKETS = [
    ("00_07", "0–7 days"),
    ("08_30", "8–30 days"),
    ("31_60", "31–60 days"),
    ("61_more", "Over 60 days"),
]


class ServiceUnbilledReport(models.Model):
    """Work that is done and not yet billed, by age: one row per work order.

    Archived orders are in it too, because their work is not billed either.
    """

    _name = "service.unbilled.report"
    _description = "Work Not Yet Billed"
    _auto = False
    _rec_name = "order_id"
    _order = "reference_date, id"

    order_id = fields.Many2one("service.work.order", string="Work Order", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    advisor_id = fields.Many2one("res.users", string="Service Advisor", readonly=True)
    vehicle_id = fields.Many2one("fleet.vehicle", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", readonly=True, help="The company's currency."
    )
    state = fields.Selection(
        selection=lambda self: self.env["service.work.order"]
        ._fields["state"]
        ._description_selection(self.env),
        string="Status",
        readonly=True,
    )
    next_invoice_type = fields.Selection(
        selection=INVOICE_TYPES, string="Next Invoice", readonly=True
    )
    order_date = fields.Date(readonly=True)
    checked_date = fields.Date(string="Ready For Billing", readonly=True)
    reference_date = fields.Date(
        string="Waiting Since",
        readonly=True,
        help="When the order became ready for billing; before that its order date.",
    )
    days = fields.Integer(string="Days Waiting", readonly=True, aggregator="max")
    bucket = fields.Selection(selection=BUCKETS, string="Age", readonly=True)
    amount = fields.Monetary(
        readonly=True,
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
        "res.company": ["currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["currency_id", "company_id", "name", "rate"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    @api.model
    def _select(self) -> SQL:
        """Columns of the report, one per stored field."""
        return SQL(
            """
            SELECT
                work_order.id,
                work_order.id AS order_id,
                work_order.partner_id,
                work_order.advisor_id,
                work_order.vehicle_id,
                work_order.company_id,
                company.currency_id,
                work_order.state,
                work_order.next_invoice_type,
                work_order.order_date,
                work_order.checked_date,
                COALESCE(work_order.checked_date, work_order.order_date)
                    AS reference_date,
                age.days,
                CASE
                    WHEN age.days <= 7 THEN '00_07'
                    WHEN age.days <= 30 THEN '08_30'
                    WHEN age.days <= 60 THEN '31_60'
                    ELSE '61_more'
                END AS bucket,
                ROUND(%s, currency.decimal_places) AS amount
            """,
            self._select_amount(),
        )

    @api.model
    def _select_amount(self) -> SQL:
        """What is not billed, in the company's currency, not yet rounded."""
        return SQL(
            """
            (
                CASE WHEN work_order.state = 'to_invoice'
                    THEN work_order.amount_to_invoice
                    ELSE work_order.amount_untaxed - work_order.amount_own_cost
                END
                * %(company_rate)s / %(order_rate)s
            )::numeric
            """,
            company_rate=self._select_rate(SQL("company.currency_id")),
            order_rate=self._select_rate(SQL("work_order.currency_id")),
        )

    @api.model
    def _select_rate(self, currency: SQL) -> SQL:
        """Today's rate of a currency as ``res.currency`` finds it: the last one, else
        the first one, of the company before those of all companies."""
        rates = SQL(
            """
            SELECT rate.rate FROM res_currency_rate rate
            WHERE rate.currency_id = %s
                AND (
                    rate.company_id IS NULL
                    OR rate.company_id = SPLIT_PART(company.parent_path, '/', 1)::int
                )
            """,
            currency,
        )
        return SQL(
            """
            COALESCE(
                (%(rates)s AND rate.name <= %(today)s
                    ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                (%(rates)s ORDER BY rate.company_id, rate.name LIMIT 1),
                1.0
            )
            """,
            rates=rates,
            today=fields.Date.context_today(self),
        )

    @api.model
    def _from(self) -> SQL:
        return SQL(
            """
            FROM service_work_order work_order
                JOIN res_company company ON company.id = work_order.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
                CROSS JOIN LATERAL (
                    SELECT GREATEST(
                        %s::date
                        - COALESCE(work_order.checked_date, work_order.order_date),
                        0
                    ) AS days
                ) age
            """,
            fields.Date.context_today(self),
        )

    @api.model
    def _where(self) -> SQL:
        return SQL("WHERE work_order.state IN %s", UNBILLED_STATES)

    def action_open_order(self):
        """Open the work order of the row."""
        self.ensure_one()
        self.order_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.work.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
            "target": "current",
        }
