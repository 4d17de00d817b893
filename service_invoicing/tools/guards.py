"""Checks that hold below the buttons, whoever calls."""

from math import isfinite

from odoo.exceptions import AccessError, UserError

# Prices, amounts and numbers of units beyond it are slips
LARGEST_NUMBER = 1e12


def get_context_defaults(env):
    """Values that a caller's context gives to new records, by field name.

    ``default_*`` keys fill what ``vals`` leaves out, so guards must look at both.
    """
    prefix = "default_"
    return {
        key.removeprefix(prefix): value
        for key, value in env.context.items()
        if key.startswith(prefix)
    }


def get_changed_names(record, vals, names):
    """Which of the fields ``names`` ``vals`` gives another value on one record.

    :param dict vals: values of ``write``
    :param set names: names of fields that are stored on the record itself
    :return: list of names, in alphabetical order
    """
    record.ensure_one()
    return [
        name
        for name in sorted(names & vals.keys())
        if record._fields[name].convert_to_cache(vals[name], record)
        != record._fields[name].convert_to_cache(record[name], record)
    ]


def changes_values(record, vals, names):
    """Whether ``vals`` changes one of the fields ``names`` of one record."""
    return bool(get_changed_names(record, vals, names))


def get_field_labels(model, names):
    """What a person calls these fields, in one text."""
    labels = [model._fields[name]._description_string(model.env) for name in names]
    return ", ".join(labels)


def refuse_protected(model, protected, vals):
    """Refuse values that only the add-on's own methods may set.

    Form, list, import and RPC all arrive here with the user's environment; the
    methods that own these fields write them with ``sudo()`` after their checks.

    :param model: recordset or model whose ``create`` or ``write`` is running
    :param dict protected: field name → value that is harmless, usually the default
    :param dict vals: values of ``create`` or ``write``
    :raise AccessError: naming the fields
    """
    if model.env.su:
        return
    touched = [
        name
        for name, harmless in protected.items()
        if name in vals and (vals[name] or False) != harmless
    ]
    if touched:
        raise AccessError(
            model.env._(
                "%(document)s: %(fields)s cannot be set by hand. Use the buttons of "
                "the document.",
                document=model.display_name if len(model) == 1 else model._description,
                fields=get_field_labels(model, touched),
            )
        )


def refuse_protected_at_creation(model, protected, vals):
    """The same for ``create``, where the caller's context gives values, too."""
    given = get_context_defaults(model.env) | vals
    refuse_protected(model.browse(), protected, given)


def refuse_implausible(records, names, vals, title=None):
    """Refuse numbers that are none (NaN, infinity) or that nobody can mean.

    To be called before the values are rounded, which fails without naming the field.

    :param records: records to be written, or their empty model at creation
    :param names: names of float and monetary fields
    :param dict vals: values of ``create`` or ``write``
    :param str title: what a record that is created will be called
    :raise UserError: naming the record and each field
    """
    given = vals if records else get_context_defaults(records.env) | vals
    document = title or ", ".join(records.mapped("display_name"))
    raise_together(
        [
            records.env._(
                "%(document)s, %(field)s: %(value)s is not a number that can be "
                "billed. Correct it.",
                document=document or records._description,
                field=records._fields[name]._description_string(records.env),
                value=given[name],
            )
            for name in names
            if not _is_plausible(given.get(name) or 0.0)
        ]
    )


def _is_plausible(value):
    try:
        number = float(value)
    except (ValueError, TypeError):
        return False
    return isfinite(number) and abs(number) <= LARGEST_NUMBER


def refuse_without_group(env, xmlid):
    """Refuse who is not in the group, in the group's own words.

    :raise AccessError: naming the group that is needed
    """
    if not env.su and not env.user.has_group(xmlid):
        raise AccessError(
            env._(
                "This needs the right “%s”. Ask an administrator for it.",
                env.ref(xmlid).sudo().full_name,
            )
        )


def raise_together(errors):
    """Raise all sentences of ``errors`` at once, so that nobody mends one per click.

    :raise UserError: with one sentence per line, when there is any
    """
    if errors:
        raise UserError("\n".join(errors))


NO_LIMIT = float("inf")
