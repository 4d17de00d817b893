"""Who may set a mark-up, and which: the same for contracts and customers."""

from odoo.exceptions import AccessError, UserError

from odoo.addons.service_invoicing.tools.guards import get_context_defaults

from .groups import MANAGER

# above it, somebody typed an amount
LARGEST_MARKUP = 1000.0


def refuse_markup(records, name, vals):
    """Refuse another mark-up by others than managers, and senseless ones.

    To be called by ``create`` and ``write``, so that form, list, import and remote
    calls get the same answer.

    :param records: records to be written, or their empty model at creation
    :param str name: field with the mark-up in per cent
    :param dict vals: values of ``create`` or ``write``
    :raise AccessError: when the user is no manager
    :raise UserError: when the percentage is negative, too large or none at all
    """
    given = vals if records else get_context_defaults(records.env) | vals
    if name not in given:
        return
    percent = _parse_percent(records.env, given[name])
    present = records.mapped(name) if records else [0.0]
    if all(value == percent for value in present):
        return
    env = records.env
    if not env.su and not env.user.has_group(MANAGER):
        raise AccessError(env._("Only a manager may set a mark-up."))
    # a number that is none fails every comparison
    if not 0.0 <= percent <= LARGEST_MARKUP:
        documents = ", ".join(records.mapped("display_name")) or records._description
        raise UserError(
            env._(
                "%(document)s: a mark-up of %(percent)s %% cannot be meant. Enter 0 to "
                "%(largest).0f.",
                document=documents,
                percent=percent,
                largest=LARGEST_MARKUP,
            )
        )


def _parse_percent(env, value):
    """:raise UserError: when it is no number"""
    try:
        return float(value or 0.0)
    except (ValueError, TypeError):
        raise UserError(env._("“%s” is not a percentage.", value)) from None
