"""What a cancellation is asked for, as a remote client may ask it."""

from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import is_amount, is_id
from odoo.addons.service_invoicing.tools.guards import raise_together


def parse_free(env, value):
    """Whether credited rows may be re-invoiced again."""
    if not isinstance(value, bool):
        raise UserError(
            env._(
                "“free” is True (the rows may be re-invoiced again) or False (they "
                "are closed), not: %s",
                repr(value),
            )
        )
    return value


def parse_corrections(env, value):
    """``{row: values of its permission line}`` of pairs or triples.

    :raise UserError: naming each that cannot be read
    """
    if not value and value in (None, False, [], ()):
        return {}
    parsed, errors = {}, []
    for correction in value if isinstance(value, list | tuple) else [value]:
        try:
            row_id, vals = _parse_correction(correction)
        except ValueError:
            errors.append(
                env._(
                    "“%s” is not a correction: give a row, its right net amount and, "
                    "if another is to pay, the id of that partner.",
                    correction,
                )
            )
            continue
        if row_id in parsed:
            errors.append(env._("There are two corrections of row %s.", row_id))
        parsed[row_id] = vals
    raise_together(errors or _get_payer_errors(env, parsed.values()))
    rows = env["maintenance.reinvoice.row"]
    return {rows.browse(row_id): vals for row_id, vals in parsed.items()}


def _parse_correction(correction):
    """Id of the row and values of its permission line.

    :raise ValueError: when it is no correction
    """
    if not isinstance(correction, list | tuple) or len(correction) not in (2, 3):
        raise ValueError(correction)
    row_id, amount, *partner = correction
    if not is_id(row_id) or not is_amount(amount):
        raise ValueError(correction)
    vals = {"amount_to_reinvoice": float(amount)}
    if partner and partner[0] is not None:
        vals["reinvoice_partner_id"] = _parse_payer_id(partner[0])
    return row_id, vals


def _parse_payer_id(value):
    """Id of a partner, or False for none; ``[id, name]`` as clients read it is fine.

    :raise ValueError: when it is something else
    """
    if isinstance(value, list | tuple) and len(value) == 2:
        value, name = value
        if not isinstance(name, str) or not is_id(value):
            raise ValueError(value)
    if value is not False and not is_id(value):
        raise ValueError(value)
    return value


def _get_payer_errors(env, vals_list):
    """A sentence about payers that there are not."""
    ids = [vals.get("reinvoice_partner_id") for vals in vals_list]
    partners = env["res.partner"].browse(dict.fromkeys(filter(None, ids)))
    missing = partners - partners.exists()
    if not missing:
        return []
    return [
        env._(
            "These payers do not exist (any more): %s",
            ", ".join(map(str, missing.ids)),
        )
    ]
