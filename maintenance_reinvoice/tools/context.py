from odoo.tools.misc import clean_context

# mass work logs one message of its own instead of a chatter trail per document
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}
# of documents that are in line with their taxes and instalments: core need not look
# through them again
IN_LINE = {"skip_invoice_sync": True}


def with_own_context(records, **own):
    """The records without the caller's defaults in the context, and with ``own``: what
    a caller wants of new records must not reach those that are made here."""
    context = {**clean_context(records.env.context), **own}
    return records.with_env(records.env(context=context))
