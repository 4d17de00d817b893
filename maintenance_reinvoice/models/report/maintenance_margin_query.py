from odoo import api, models
from odoo.tools import SQL

# balance of the posted bill lines of each permission line
BOUGHT = SQL(
    """
    SELECT item.maintenance_line_id AS line_id,
        SUM(item.balance) AS amount,
        MIN(item.date) FILTER (
            WHERE move.move_type = 'in_invoice'
            OR item.price_subtotal * line.purchase_price < 0
        ) AS date
    FROM account_move_line item
        JOIN account_move move ON move.id = item.move_id
        JOIN maintenance_permission_line line ON line.id = item.maintenance_line_id
    WHERE item.parent_state = 'posted'
        AND item.display_type = 'product'
    GROUP BY item.maintenance_line_id
    """
)
BILL = SQL(
    """
    SELECT item.move_id, line.permission_id,
        COALESCE(MIN(difference.id), MIN(line.id)) AS line_id,
        ABS(SUM(item.price_subtotal)) AS weight
    FROM account_move_line item
        JOIN maintenance_permission_line line ON line.id = item.maintenance_line_id
        LEFT JOIN maintenance_permission_line difference
            ON difference.difference_bill_id = item.move_id
            AND difference.permission_id = line.permission_id
    WHERE item.parent_state = 'posted'
    GROUP BY item.move_id, line.permission_id
    """
)
# each item is rounded, and the permission of the largest weight takes what is left
ADDED = SQL(
    """
    SELECT share.line_id, SUM(share.amount) AS amount
    FROM (
        SELECT part.line_id,
            part.amount + CASE WHEN part.place = 1
                THEN part.balance - SUM(part.amount) OVER (PARTITION BY part.item_id)
                ELSE 0 END AS amount
        FROM (
            SELECT item.id AS item_id, item.balance, bill.line_id,
                COALESCE(ROUND(
                    item.balance * bill.weight / NULLIF(
                        SUM(bill.weight) OVER (PARTITION BY item.id), 0
                    ),
                    currency.decimal_places
                ), 0) AS amount,
                ROW_NUMBER() OVER (
                    PARTITION BY item.id
                    ORDER BY bill.weight DESC, bill.permission_id
                ) AS place
            FROM bill
                JOIN account_move_line item ON item.move_id = bill.move_id
                JOIN res_company company ON company.id = item.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
            WHERE item.maintenance_line_id IS NULL
                AND item.display_type = 'product'
        ) part
    ) share
    GROUP BY share.line_id
    """
)
# balances of revenue are negative
CHARGED = SQL(
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
CREDITED = SQL(
    """
    SELECT part.id AS row_id, part.amount,
        (part.credit_move_id, part.move_line_id) AS part,
        memo.balance, move.invoice_currency_rate AS rate, part.company_id
    FROM maintenance_reinvoice_row part
        JOIN account_move move ON move.id = part.credit_move_id
        LEFT JOIN (
            SELECT item.move_id, item.service_credited_line_id,
                SUM(item.balance) AS balance
            FROM account_move_line item
            WHERE item.service_credited_line_id IS NOT NULL
                AND item.display_type = 'product'
            GROUP BY item.move_id, item.service_credited_line_id
        ) memo ON memo.move_id = part.credit_move_id
            AND memo.service_credited_line_id = part.move_line_id
    WHERE move.state = 'posted'
    """
)
# shares are differences of rounded running totals: their sum is the balance, to the
# cent; rows that add up to nothing are converted at the document's rate
SPLIT = """
    SELECT running.row_id,
        ROUND(running.until * running.factor, running.digits)
        - ROUND((running.until - running.amount) * running.factor, running.digits)
            AS amount
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
    """
SOLD = SQL(
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
KEPT = SQL(
    """
    CASE
        WHEN planned.passed = 0 THEN 1
        WHEN planned.cost = 0 THEN 0
        ELSE GREATEST(1 - planned.passed / planned.cost, 0)
    END
    """
)
COLUMNS = """
    SELECT
        line.id,
        line.id AS line_id,
        line.permission_id,
        line.company_id,
        company.currency_id,
        permission.date,
        COALESCE(bought.date, difference_bill.date) AS bill_date,
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
        ROUND((total.bought + total.agreed) * %s, currency.decimal_places)
            AS amount_kept,
        total.billed AS amount_billed,
        total.billed - total.bought AS margin,
        total.billed + total.to_reinvoice - total.bought - total.agreed
            AS margin_expected
    """
TABLES = """
    FROM maintenance_permission_line line
        JOIN maintenance_permission permission ON permission.id = line.permission_id
        JOIN res_company company ON company.id = line.company_id
        JOIN res_currency currency ON currency.id = company.currency_id
        LEFT JOIN bought ON bought.line_id = line.id
        LEFT JOIN account_move difference_bill
            ON difference_bill.id = line.difference_bill_id
        LEFT JOIN added ON added.line_id = line.id
        LEFT JOIN sold ON sold.line_id = line.id
        CROSS JOIN LATERAL (%s) planned
        CROSS JOIN LATERAL (%s) total
    """
PLANNED = """
    SELECT
        CASE WHEN line.bill_posted OR line.difference THEN 0
            ELSE COALESCE(line.purchase_price, 0) END AS agreed,
        waiting.amount AS waiting,
        waiting.amount + COALESCE(sold.passed, 0) AS passed,
        CASE WHEN line.bill_posted THEN COALESCE(line.amount_billed, 0)
            ELSE COALESCE(line.purchase_price, 0) END * %s AS cost
    FROM (
        SELECT CASE WHEN line.reinvoice AND line.reinvoiced IS NOT TRUE
            THEN COALESCE(line.amount_to_reinvoice, 0) ELSE 0 END AS amount
    ) waiting
    """
TOTAL = """
    SELECT
        COALESCE(bought.amount, 0) + COALESCE(added.amount, 0) AS bought,
        ROUND(planned.agreed * %s, currency.decimal_places) AS agreed,
        ROUND(planned.waiting * %s, currency.decimal_places) AS to_reinvoice,
        COALESCE(sold.billed, 0) AS billed
    """
CROSS_RATE = """
    CASE WHEN %(source)s = %(target)s THEN 1
        ELSE (%(target_rate)s / %(source_rate)s)::numeric END
    """
PURCHASE_CURRENCY = SQL("permission.purchase_currency_id")
SALE_CURRENCY = SQL("line.currency_id")
COMPANY_CURRENCY = SQL("company.currency_id")


class MaintenanceMarginReport(models.Model):
    """The query of the margins, in parts that another add-on can change."""

    _inherit = "maintenance.margin.report"

    @api.model
    def _get_parts(self):
        """Named queries that the rows are made from, in order: each may use those
        before it."""
        return {
            "bought": BOUGHT,
            "bill": self._with_bill(),
            "added": ADDED,
            "charged": self._with_charged(),
            "credited": self._with_credited(),
            "sold": self._with_sold(),
        }

    @api.model
    def _with_bill(self) -> SQL:
        """Posted bills, and for each permission on them the line that bears its part of
        what the garage added: the difference line, else its first line."""
        return BILL

    @api.model
    def _with_charged(self) -> SQL:
        """Row by row, what posted customer invoices charge."""
        return self._split(CHARGED)

    @api.model
    def _with_credited(self) -> SQL:
        """Row by row, what posted credit memos take back; a line of a credit memo has
        the rows of one invoice line."""
        return self._split(CREDITED)

    @api.model
    def _split(self, rows: SQL) -> SQL:
        """Share of each re-invoiced row in the balance of its document.

        :param rows: query with ``row_id``, ``amount``, ``part`` (what the balance is
            of), ``balance``, ``rate`` and ``company_id``
        """
        return SQL(SPLIT, rows)

    @api.model
    def _with_sold(self) -> SQL:
        """What each permission line was billed; ``passed`` is what the customer still
        bears of it, in the currency of the sale."""
        return SOLD

    @api.model
    def _select(self) -> SQL:
        """Columns of the report, one per field."""
        return SQL(COLUMNS, self._select_kept())

    @api.model
    def _select_kept(self) -> SQL:
        """Share of the cost that the customer does not bear, from 0 to 1. It is found
        in the currency of the sale, so that rates make no difference."""
        return KEPT

    @api.model
    def _from(self) -> SQL:
        return SQL(TABLES, self._from_planned(), self._from_total())

    @api.model
    def _from_planned(self) -> SQL:
        """Of one line, not yet rounded: ``agreed`` in the purchase currency, and in the
        currency of the sale ``waiting`` (still to be invoiced), ``passed`` (borne by
        the customer) and ``cost``, at the rate of the permission's date."""
        date = SQL("permission.date")
        return SQL(
            PLANNED, self._select_cross_rate(PURCHASE_CURRENCY, SALE_CURRENCY, date)
        )

    @api.model
    def _from_total(self) -> SQL:
        """Amounts of one line in the company's currency, rounded."""
        return SQL(
            TOTAL,
            self._select_cross_rate(PURCHASE_CURRENCY, COMPANY_CURRENCY),
            self._select_cross_rate(SALE_CURRENCY, COMPANY_CURRENCY),
        )

    @api.model
    def _select_cross_rate(self, source: SQL, target: SQL, date=None) -> SQL:
        """Units of currency ``target`` for one of ``source``, on a date (today)."""
        select_rate = self.env["service.age.mixin"]._select_rate
        return SQL(
            CROSS_RATE,
            source=source,
            target=target,
            source_rate=select_rate(source, date),
            target_rate=select_rate(target, date),
        )
