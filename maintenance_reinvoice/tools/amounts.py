"""Limits and minima that people set."""

from odoo.addons.service_invoicing.tools.guards import (
    get_context_defaults,
    raise_together,
    refuse_implausible,
)


def refuse_negative(records, names, vals, title=None):
    """Refuse amounts that are no number or less than nothing.

    To be called by ``create`` and ``write``.

    :param records: records to be written, or their empty model at creation
    :param names: names of float and monetary fields
    :param dict vals: values of ``create`` or ``write``
    :param str title: what a record that is created will be called
    :raise UserError: naming the record and each field
    """
    given = vals if records else get_context_defaults(records.env) | vals
    if not given.keys() & set(names):
        return
    refuse_implausible(records, names, vals, title)
    document = title or ", ".join(records.mapped("display_name"))
    raise_together(
        [
            records.env._(
                "%(document)s, %(field)s: %(value)s must not be negative. Enter 0 or "
                "more.",
                document=document or records._description,
                field=records._fields[name]._description_string(records.env),
                value=given[name],
            )
            for name in names
            if float(given.get(name) or 0.0) < 0.0
        ]
    )
