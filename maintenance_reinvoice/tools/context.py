from odoo.tools.misc import clean_context


def with_own_context(records, **own):
    """The records without the caller's defaults in the context, and with ``own``: what
    a caller wants of new records must not reach those that are made here."""
    context = {**clean_context(records.env.context), **own}
    return records.with_env(records.env(context=context))
