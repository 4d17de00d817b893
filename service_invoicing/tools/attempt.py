import logging
from contextlib import contextmanager
from functools import partial

from psycopg2 import InterfaceError, OperationalError

from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


def attempt(records, work, logged=True):
    """Do ``work`` for the records; if it fails it is undone.

    :param work: function without arguments
    :param bool logged: whether what nobody expected is logged
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
        if logged:
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


def attempt_each(parts, work, results=None):
    """Do ``work`` for all parts together; where that fails for each half of them, and
    so on, so that the failing one is named and stops nobody else, and the others are
    done together all the same.

    :param parts: records, or a list of records that belong together
    :param work: function of some of the parts
    :param list results: gets what the work returned where it went well
    :return: dict part → what went wrong; empty when all is well
    """
    if not parts:
        return {}
    made, records = [], parts[0].union(*parts)
    # of many it is told by the one that fails alone
    error = attempt(records, lambda: made.append(work(parts)), len(parts) == 1)
    if not error:
        if results is not None:
            results += made
        return {}
    if len(parts) == 1:
        return {parts[0]: error}
    middle = len(parts) // 2
    failed = attempt_each(parts[:middle], work, results)
    return failed | attempt_each(parts[middle:], work, results)


def name_error(label, error):
    """The sentence of an error, with the document that it is about."""
    return error if label in error else f"{label}: {error}"
