import logging
from contextlib import contextmanager
from functools import partial

from psycopg2 import InterfaceError, OperationalError

from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


def attempt(records, work):
    """Do ``work`` for the records; if it fails it is undone.

    :param work: function without arguments
    :return: what went wrong, in the user's language; empty when all is well
    """
    try:
        with _undone_if_failing(records.env.cr):
            work()
    except (OperationalError, InterfaceError):
        # a conflict with another transaction: the whole call is retried; without a
        # connection there is nothing to keep the error on
        raise
    except UserError as error:
        return str(error)
    except Exception as error:
        _logger.exception("Failed for %s", records)
        return records.env._("Unexpected error: %s", error)
    return ""


@contextmanager
def _undone_if_failing(cr):
    """A savepoint. What is handed over to a web service core commits at once, and all
    savepoints end with that: of such work only what came later is undone."""
    savepoint = cr.savepoint()
    cr.postcommit.add(partial(setattr, savepoint, "closed", True))
    try:
        yield
    except BaseException:
        if savepoint.closed:
            cr.rollback()
        savepoint.close(rollback=True)
        raise
    savepoint.close(rollback=False)


def attempt_each(records, work):
    """Do ``work`` for all records together; if that fails, one by one, so that the
    failing one is named and stops nobody else.

    :param work: function of the records
    :return: dict record → what went wrong; empty when all is well
    """
    if len(records) > 1 and not attempt(records, lambda: work(records)):
        return {}
    errors = {record: attempt(record, lambda r=record: work(r)) for record in records}
    return {record: error for record, error in errors.items() if error}


def name_error(label, error):
    """The sentence of an error, with the document that it is about."""
    return error if label in error else f"{label}: {error}"
