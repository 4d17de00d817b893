from odoo import api, fields, models
from odoo.tools import SQL

from .maintenance_permission import STATES
from .maintenance_permission_line import METHODS

APPROVED_STATES = ("approved", "closed", "reinvoiced")


class MaintenanceMarginReport(models.Model):
    """What maintenance costs and what it brings: one row per permission line, in the
    company's currency.

    What is posted counts as it was posted, to the cent; what is not yet posted counts
    at today's rate."""

    _name = "maintenance.margin.report"
    _description = "Maintenance Margins"
    _auto = False
    _rec_name = "line_id"
    _order = "date desc, id desc"

    line_id = fields.Many2one(
        "maintenance.permission.line", string="Permission line", readonly=True
    )
    permission_id = fields.Many2one("maintenance.permission", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", readonly=True, help="The company's currency."
    )
    date = fields.Date(
        string="Permission date", readonly=True, help="Date of the permission."
    )
    bill_date = fields.Date(
        readonly=True, help="Accounting date of the garage's first posted bill."
    )
    invoice_date = fields.Date(
        readonly=True,
        help="Accounting date of the posted customer invoice that counts.",
    )
    contract_id = fields.Many2one("maintenance.contract", readonly=True)
    vehicle_id = fields.Many2one("fleet.vehicle", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    payer_id = fields.Many2one(
        "res.partner",
        string="Payer",
        readonly=True,
        help="Who is invoiced: the customer, unless the line names somebody else.",
    )
    vendor_id = fields.Many2one("res.partner", string="Garage", readonly=True)
    product_id = fields.Many2one("product.product", string="Service", readonly=True)
    service_type_id = fields.Many2one("fleet.service.type", readonly=True)
    reinvoice = fields.Boolean(readonly=True)
    reinvoice_method = fields.Selection(METHODS, readonly=True)
    state = fields.Selection(STATES, string="Status", readonly=True)
    amount_bought = fields.Monetary(
        string="Bought",
        readonly=True,
        help="Net amount of the garage's posted bills less its posted credits.",
    )
    amount_agreed = fields.Monetary(
        string="Agreed, no bill yet",
        readonly=True,
        help="Net price agreed with the garage where no bill is posted yet.",
    )
    amount_to_reinvoice = fields.Monetary(
        string="To re-invoice",
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
        help="Net amount of the posted customer invoices less posted credit memos.",
    )
    margin = fields.Monetary(readonly=True, help="Billed less bought.")
    margin_expected = fields.Monetary(
        string="Expected margin",
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
        return SQL(
            """
            WITH bought AS (%(bought)s),
                bill AS (%(bill)s),
                added AS (%(added)s),
                charged AS (%(charged)s),
                credited AS (%(credited)s),
                sold AS (%(sold)s)
            %(select)s %(from)s
            """,
            bought=self._with_bought(),
            bill=self._with_bill(),
            added=self._with_added(),
            charged=self._with_charged(),
            credited=self._with_credited(),
            sold=self._with_sold(),
            select=self._select(),
            **{"from": self._from()},
        )

    # -- what was bought --------------------------------------------------------

    @api.model
    def _with_bought(self) -> SQL:
        """Balance of the posted bill lines of each permission line."""
        return SQL(
            """
            SELECT item.maintenance_line_id AS line_id,
                SUM(item.balance) AS amount,
                MIN(item.date) FILTER (WHERE move.move_type = 'in_invoice') AS date
            FROM account_move_line item
                JOIN account_move move ON move.id = item.move_id
            WHERE item.maintenance_line_id IS NOT NULL
                AND item.parent_state = 'posted'
                AND item.display_type = 'product'
            GROUP BY item.maintenance_line_id
            """
        )

    @api.model
    def _with_bill(self) -> SQL:
        """Posted bills of just one permission, and the permission line that bears what
        the garage added to them: the difference line, else the first one."""
        return SQL(
            """
            SELECT item.move_id,
                COALESCE(MIN(difference.id), MIN(line.id)) AS line_id
            FROM account_move_line item
                JOIN maintenance_permission_line line
                    ON line.id = item.maintenance_line_id
                LEFT JOIN maintenance_permission_line difference
                    ON difference.difference_bill_id = item.move_id
            WHERE item.parent_state = 'posted'
            GROUP BY item.move_id
            HAVING COUNT(DISTINCT line.permission_id) = 1
            """
        )

    @api.model
    def _with_added(self) -> SQL:
        """Balance of what garages added to bills of one permission."""
        return SQL(
            """
            SELECT bill.line_id, SUM(item.balance) AS amount
            FROM bill
                JOIN account_move_line item ON item.move_id = bill.move_id
            WHERE item.maintenance_line_id IS NULL
                AND item.display_type = 'product'
            GROUP BY bill.line_id
            """
        )

    # -- what was billed --------------------------------------------------------

    @api.model
    def _split(self, rows: SQL) -> SQL:
        """Share of each re-invoiced row in the balance of its document.

        Shares are differences of rounded running totals: their sum is the balance, to
        the cent. Rows that add up to nothing are converted at the document's rate.

        :param rows: query with ``row_id``, ``amount``, ``part`` (what the balance is
            of), ``balance``, ``rate`` and ``company_id``
        """
        return SQL(
            """
            SELECT running.row_id,
                ROUND(running.until * running.factor, running.digits)
                - ROUND((running.until - running.amount) * running.factor,
                    running.digits) AS amount
            FROM (
                SELECT source.row_id, source.amount,
                    SUM(source.amount) OVER (
                        PARTITION BY source.part ORDER BY source.row_id
                    ) AS until,
                    COALESCE(
                        source.balance / NULLIF(SUM(source.amount) OVER (
                            PARTITION BY source.part
                        ), 0),
                        1 / NULLIF(source.rate, 0)::numeric,
                        1
                    ) AS factor,
                    currency.decimal_places AS digits
                FROM (%s) source
                    JOIN res_company company ON company.id = source.company_id
                    JOIN res_currency currency ON currency.id = company.currency_id
            ) running
            """,
            rows,
        )

    @api.model
    def _with_charged(self) -> SQL:
        """Row by row, what posted customer invoices charge; balances of revenue are
        negative."""
        return self._split(
            SQL(
                """
                SELECT part.id AS row_id, part.amount, part.move_line_id AS part,
                    -item.balance AS balance, move.invoice_currency_rate AS rate,
                    part.company_id
                FROM maintenance_reinvoice_row part
                    JOIN account_move move ON move.id = part.move_id
                    JOIN account_move_line item ON item.id = part.move_line_id
                WHERE move.state = 'posted'
                """
            )
        )

    @api.model
    def _with_credited(self) -> SQL:
        """Row by row, what posted credit memos take back; a credit memo has the rows
        of several contracts, each contract on lines of its own."""
        return self._split(
            SQL(
                """
                SELECT part.id AS row_id, part.amount,
                    (part.credit_move_id, part.contract_id) AS part,
                    memo.balance, move.invoice_currency_rate AS rate, part.company_id
                FROM maintenance_reinvoice_row part
                    JOIN account_move move ON move.id = part.credit_move_id
                    LEFT JOIN (
                        SELECT item.move_id, item.maintenance_contract_id,
                            SUM(item.balance) AS balance
                        FROM account_move_line item
                        WHERE item.maintenance_contract_id IS NOT NULL
                            AND item.display_type = 'product'
                        GROUP BY item.move_id, item.maintenance_contract_id
                    ) memo ON memo.move_id = part.credit_move_id
                        AND memo.maintenance_contract_id = part.contract_id
                WHERE move.state = 'posted'
                """
            )
        )

    @api.model
    def _with_sold(self) -> SQL:
        """What each permission line was billed; ``passed`` is what the customer still
        bears of it, in the currency of the sale."""
        return SQL(
            """
            SELECT part.line_id,
                SUM(charged.amount) - SUM(COALESCE(credited.amount, 0)) AS billed,
                SUM(charged.amount) FILTER (WHERE part.live) AS reinvoiced,
                SUM(part.amount) FILTER (
                    WHERE part.live AND part.credit_move_id IS NULL
                ) AS passed,
                MAX(move.date) FILTER (WHERE part.live) AS date
            FROM maintenance_reinvoice_row part
                JOIN charged ON charged.row_id = part.id
                JOIN account_move move ON move.id = part.move_id
                LEFT JOIN credited ON credited.row_id = part.id
            GROUP BY part.line_id
            """
        )

    # -- the rows of the report -------------------------------------------------

    @api.model
    def _select(self) -> SQL:
        """Columns of the report, one per field."""
        return SQL(
            """
            SELECT
                line.id,
                line.id AS line_id,
                line.permission_id,
                line.company_id,
                company.currency_id,
                permission.date,
                bought.date AS bill_date,
                sold.date AS invoice_date,
                line.contract_id,
                line.vehicle_id,
                line.partner_id,
                COALESCE(line.reinvoice_partner_id, line.partner_id) AS payer_id,
                permission.vendor_id,
                line.product_id,
                line.service_type_id,
                line.reinvoice,
                line.reinvoice_method,
                permission.state,
                total.bought AS amount_bought,
                total.agreed AS amount_agreed,
                total.to_reinvoice AS amount_to_reinvoice,
                COALESCE(sold.reinvoiced, 0) AS amount_reinvoiced,
                ROUND(
                    (total.bought + total.agreed) * %(kept)s, currency.decimal_places
                ) AS amount_kept,
                total.billed AS amount_billed,
                total.billed - total.bought AS margin,
                total.billed + total.to_reinvoice - total.bought - total.agreed
                    AS margin_expected
            """,
            kept=self._select_kept(),
        )

    @api.model
    def _select_kept(self) -> SQL:
        """Share of the cost that the customer does not bear, from 0 to 1. It is found
        in the currency of the sale, so that rates make no difference."""
        return SQL(
            """
            CASE
                WHEN planned.passed = 0 THEN 1
                WHEN planned.cost = 0 THEN 0
                ELSE GREATEST(1 - planned.passed / planned.cost, 0)
            END
            """
        )

    @api.model
    def _from(self) -> SQL:
        return SQL(
            """
            FROM maintenance_permission_line line
                JOIN maintenance_permission permission
                    ON permission.id = line.permission_id
                JOIN res_company company ON company.id = line.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
                LEFT JOIN bought ON bought.line_id = line.id
                LEFT JOIN added ON added.line_id = line.id
                LEFT JOIN sold ON sold.line_id = line.id
                CROSS JOIN LATERAL (%(planned)s) planned
                CROSS JOIN LATERAL (%(total)s) total
            """,
            planned=self._from_planned(),
            total=self._from_total(),
        )

    @api.model
    def _from_planned(self) -> SQL:
        """Of one line, not yet rounded: ``agreed`` in the purchase currency, and in the
        currency of the sale ``waiting`` (still to be invoiced), ``passed`` (borne by
        the customer) and ``cost``, at the rate of the permission's date."""
        return SQL(
            """
            SELECT
                CASE WHEN line.bill_posted OR line.difference THEN 0
                    ELSE COALESCE(line.purchase_price, 0) END AS agreed,
                waiting.amount AS waiting,
                waiting.amount + COALESCE(sold.passed, 0) AS passed,
                CASE WHEN line.bill_posted THEN COALESCE(line.amount_billed, 0)
                    ELSE COALESCE(line.purchase_price, 0) END * %(rate)s AS cost
            FROM (
                SELECT CASE WHEN line.reinvoice AND NOT COALESCE(line.reinvoiced, FALSE)
                    THEN COALESCE(line.amount_to_reinvoice, 0) ELSE 0 END AS amount
            ) waiting
            """,
            rate=self._select_cross_rate(
                SQL("permission.purchase_currency_id"),
                SQL("line.currency_id"),
                SQL("permission.date"),
            ),
        )

    @api.model
    def _from_total(self) -> SQL:
        """Amounts of one line in the company's currency, rounded."""
        return SQL(
            """
            SELECT
                COALESCE(bought.amount, 0) + COALESCE(added.amount, 0) AS bought,
                ROUND(planned.agreed * %(purchase_rate)s, currency.decimal_places)
                    AS agreed,
                ROUND(planned.waiting * %(sale_rate)s, currency.decimal_places)
                    AS to_reinvoice,
                COALESCE(sold.billed, 0) AS billed
            """,
            purchase_rate=self._select_cross_rate(
                SQL("permission.purchase_currency_id"), SQL("company.currency_id")
            ),
            sale_rate=self._select_cross_rate(
                SQL("line.currency_id"), SQL("company.currency_id")
            ),
        )

    @api.model
    def _select_cross_rate(self, source: SQL, target: SQL, date=None) -> SQL:
        """Units of currency ``target`` for one of ``source``, on a date (today)."""
        ages = self.env["service.age.mixin"]
        return SQL(
            "CASE WHEN %(source)s = %(target)s THEN 1"
            " ELSE (%(target_rate)s / %(source_rate)s)::numeric END",
            source=source,
            target=target,
            target_rate=ages._select_rate(target, date),
            source_rate=ages._select_rate(source, date),
        )

    # -- buttons ----------------------------------------------------------------

    @api.model
    def _get_action(self, field_name, record):
        """Action that shows the margins of one contract or vehicle.

        :param field_name: field of the report that names ``record``
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "maintenance_reinvoice.maintenance_margin_report_action"
        )
        return {
            **action,
            "display_name": self.env._("Margins of %s", record.display_name),
            "domain": [(field_name, "=", record.id)],
            "context": {"search_default_approved": 1},
        }

    def action_open_line(self):
        """Open the permission line of the row.

        :raise AccessError: for who may not read it
        """
        self.ensure_one()
        self.line_id.check_access("read")
        return self.line_id.action_open_form()
