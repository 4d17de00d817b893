from odoo.tools import SQL


def claim_rows(records):
    """Change the rows of records without changing what they say.

    A lock alone is not enough against billing twice: a transaction that began earlier
    does not see what this one makes, and gets the lock as soon as this one ends. As the
    rows are changed, it fails instead and starts again on what there is then.
    """
    if not records:
        return
    records.env.execute_query(
        SQL(
            "UPDATE %s SET write_date = now() AT TIME ZONE 'UTC' WHERE id IN %s "
            "RETURNING id",
            SQL.identifier(records._table),
            tuple(records.ids),
        )
    )
    records.invalidate_recordset()
