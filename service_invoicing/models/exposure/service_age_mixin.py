from odoo import api, fields, models
from odoo.tools import SQL

# From the shortest wait to the longest; keys sort in this order
BUCKETS = [
    ("00_07", "0–7 days"),
    ("08_30", "8–30 days"),
    ("31_60", "31–60 days"),
    ("61_more", "Over 60 days"),
]


class ServiceAgeMixin(models.AbstractModel):
    """A report of what waits for somebody, by age: one row per document.

    A report names the table of its documents and adds its columns; what waits, since
    when and which documents it can say otherwise.
    """

    _name = "service.age.mixin"
    _description = "Report by Age"

    # table of the documents; in the query its alias is ``document``
    _source_table = ""

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", readonly=True, help="The company's currency."
    )
    reference_date = fields.Date(string="Waiting Since", readonly=True)
    days = fields.Integer(string="Days Waiting", readonly=True, aggregator="max")
    bucket = fields.Selection(selection=BUCKETS, string="Age", readonly=True)
    amount = fields.Monetary(readonly=True)

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    @api.model
    def _get_reference_date(self) -> SQL:
        """The day since which a document waits."""
        return SQL("document.date")

    @api.model
    def _select_amount(self) -> SQL:
        """What waits, in the company's currency, not yet rounded."""
        return self._convert_at_today(SQL("document.amount_untaxed"))

    @api.model
    def _where(self) -> SQL:
        """Condition of the documents that wait."""
        return SQL("")

    @api.model
    def _select(self) -> SQL:
        """Columns of the report, one per stored field."""
        return SQL(
            """
            SELECT
                document.id,
                document.partner_id,
                document.company_id,
                company.currency_id,
                since.reference_date,
                age.days,
                CASE
                    WHEN age.days <= 7 THEN '00_07'
                    WHEN age.days <= 30 THEN '08_30'
                    WHEN age.days <= 60 THEN '31_60'
                    ELSE '61_more'
                END AS bucket,
                ROUND((%s)::numeric, currency.decimal_places) AS amount
            """,
            self._select_amount(),
        )

    @api.model
    def _from(self) -> SQL:
        # OFFSET keeps the planner from looking for the day wherever it is used
        return SQL(
            """
            FROM %(table)s document
                JOIN res_company company ON company.id = document.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
                CROSS JOIN LATERAL (SELECT %(date)s AS reference_date OFFSET 0) since
                CROSS JOIN LATERAL (
                    SELECT GREATEST(%(today)s::date - since.reference_date, 0) AS days
                ) age
            """,
            table=SQL.identifier(self._source_table),
            today=fields.Date.context_today(self),
            date=self._get_reference_date(),
        )

    @api.model
    def _convert_at_today(self, amount: SQL) -> SQL:
        """Amount in the document's currency at today's rate in the company's; no rate
        is looked for where both are the same."""
        return SQL(
            """
            (%(amount)s) * CASE WHEN document.currency_id = company.currency_id
                THEN 1.0
                ELSE %(company_rate)s / %(document_rate)s
            END
            """,
            amount=amount,
            company_rate=self._select_rate(SQL("company.currency_id")),
            document_rate=self._select_rate(SQL("document.currency_id")),
        )

    @api.model
    def _select_rate(self, currency: SQL, date: SQL | None = None) -> SQL:
        """Rate of a currency on a date, today's by default, as ``res.currency`` finds
        it: the last one, else the first one, of the company before those of all
        companies."""
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
                (%(rates)s AND rate.name <= %(date)s
                    ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                (%(rates)s ORDER BY rate.company_id, rate.name LIMIT 1),
                1.0
            )
            """,
            rates=rates,
            date=date or SQL("%s::date", fields.Date.context_today(self)),
        )

    def _open_document(self, document):
        """Action that opens the document of the row.

        :raise AccessError: for who may not read it
        """
        self.ensure_one()
        document.check_access("read")
        return document._get_records_action(context={})
