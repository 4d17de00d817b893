from odoo import api, models
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


def parse_payer_id(value):
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


class AccountMove(models.Model):
    """What a cancellation is asked for, as a remote client may ask it."""

    _inherit = "account.move"

    @api.model
    def _parse_corrections(self, corrections):
        """``{row: values of its permission line}`` of pairs or triples from outside.

        :raise UserError: naming each that cannot be read
        """
        if not corrections and corrections in (None, False, [], ()):
            return {}
        if not isinstance(corrections, list | tuple):
            raise UserError(self._get_correction_error(corrections))
        parsed, errors = {}, []
        for correction in corrections:
            try:
                row_id, vals = self._parse_correction(correction)
            except ValueError:
                errors.append(self._get_correction_error(correction))
                continue
            if row_id in parsed:
                errors.append(
                    self.env._("There are two corrections of row %s.", row_id)
                )
            parsed[row_id] = vals
        raise_together(errors or self._get_payer_errors(parsed.values()))
        rows = self.env["maintenance.reinvoice.row"]
        return {rows.browse(row_id): vals for row_id, vals in parsed.items()}

    @api.model
    def _parse_correction(self, correction):
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
            vals["reinvoice_partner_id"] = parse_payer_id(partner[0])
        return row_id, vals

    @api.model
    def _get_correction_error(self, correction):
        return self.env._(
            "“%s” is not a correction: give a row, its right net amount and, if "
            "another is to pay, the id of that partner.",
            correction,
        )

    @api.model
    def _get_payer_errors(self, vals_list):
        """A sentence about payers that there are not."""
        ids = [vals.get("reinvoice_partner_id") for vals in vals_list]
        partners = self.env["res.partner"].browse(dict.fromkeys(filter(None, ids)))
        missing = partners - partners.exists()
        if not missing:
            return []
        return [
            self.env._(
                "These payers do not exist (any more): %s",
                ", ".join(map(str, missing.ids)),
            )
        ]

    @api.model
    def _browse_rows_to_credit(self, row_ids, corrections):
        """The rows asked for, together with those that are corrected."""
        ids = [*(row_ids or ()), *(row.id for row in corrections)]
        return self.env["maintenance.reinvoice.row"].browse(dict.fromkeys(ids))

    def _get_credit_date_errors(self, date):
        """Nothing is taken back before it was charged.

        :param date: date that the credit memo will carry
        """
        self.ensure_one()
        if not self.invoice_date or date >= self.invoice_date:
            return []
        format_date = self.env["ir.qweb.field.date"].value_to_html
        return [
            self.env._(
                "The credit memo of %(date)s would be dated before invoice "
                "%(invoice)s of %(invoice_date)s. Choose a later date.",
                date=format_date(date, {}),
                invoice=self.name,
                invoice_date=format_date(self.invoice_date, {}),
            )
        ]
