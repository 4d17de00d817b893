from psycopg2 import OperationalError

from odoo.tools import SQL, mute_logger


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


def try_lock_anew(records, **options):
    """Lock the records that nobody else holds, in a transaction that has only read so
    far. Where somebody has changed one of them since it began, it begins anew.

    :param options: of ``try_lock_for_update``
    :return: those that are locked; what is known of them may be of before
    """
    try:
        # that somebody was faster is no error
        with mute_logger("odoo.sql_db"):
            return records.try_lock_for_update(**options)
    except OperationalError:
        if not records.env["account.move"]._can_commit():
            raise
        records.env.cr.rollback()
        return records.try_lock_for_update(**options)
