from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import (
    expects,
    is_amount,
    is_id,
    parse_ids,
    parse_text,
)
from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.context import QUIET, with_own_context
from ...tools.dates import parse_date


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
    """Cancellation of re-invoiced rows: ticked rows go on one credit memo, and may be
    corrected and re-invoiced in the same step.

    ``options``: ``posting_date``, ``vat_date`` (may be empty), ``free`` (the rows may
    be re-invoiced again, else they are closed) and ``reason`` (may be empty).
    ``corrections``: ``{row: values of its permission line}``, net amounts in the
    invoice's currency."""

    _inherit = "account.move"

    @expects(
        one=True,
        row_ids=parse_ids,
        posting_date=parse_date,
        vat_date=parse_date,
        free=parse_free,
        reason=parse_text,
    )
    def action_maintenance_cancel(
        self,
        row_ids=None,
        posting_date=None,
        vat_date=None,
        free=True,
        reason=None,
        corrections=None,
    ):
        """Credit rows of a posted maintenance invoice and open the credit memo.

        Without ``posting_date`` the dialog is returned. ``row_ids`` are ids of the
        invoice's re-invoiced rows; ``free``: they may be re-invoiced again.

        :param corrections: pairs of a row's id and its right net amount, with the id
            of another payer as a third (False: the permission's customer). These rows
            are credited, too, and re-invoiced at once by the same kind of invoice;
            an amount of zero is not re-invoiced. All or nothing
        :raise UserError: everything that is wrong, at once
        """
        self._check_may_cancel()
        self._check_maintenance_cancel()
        corrections = self._parse_corrections(corrections)
        rows = self._browse_rows_to_credit(row_ids, corrections)
        if not posting_date:
            return self._get_maintenance_cancel_dialog(rows or None, corrections)
        options = {
            "posting_date": posting_date,
            "vat_date": vat_date,
            "free": free,
            "reason": reason,
        }
        # all or nothing, whoever catches an error
        with self.env.cr.savepoint():
            moves = self._cancel_maintenance_rows(rows, options, corrections)
        return moves._get_maintenance_open_action()

    def _check_may_cancel(self):
        self.check_access("write")
        self.env["maintenance.permission"]._check_group("group_maintenance_reinvoice")

    def _get_maintenance_cancel_dialog(self, rows=None, corrections=None):
        """The dialog with every row of the invoices that is still to be credited.

        :param rows: rows that are ticked; all without it
        :param corrections: what is proposed instead, as for the action
        """
        if not isinstance(corrections, dict):
            corrections = self._parse_corrections(corrections)
        return self.env["maintenance.reinvoice.cancel"]._open(
            self._get_rows_to_credit(), rows, corrections
        )

    def _get_rows_to_credit(self):
        """Rows of posted invoices that nobody has credited yet."""
        posted = self.filtered(lambda move: move.state == "posted")
        return posted.maintenance_row_ids.filtered(lambda row: not row.credit_move_id)

    # -- what is wrong ----------------------------------------------------------

    def _check_maintenance_cancel(self):
        """Only posted maintenance invoices have rows to credit."""
        self.ensure_one()
        if (
            self.service_invoice_type != "maintenance"
            or self.state != "posted"
            or self.move_type not in ("out_invoice", "out_refund")
            or not self.maintenance_row_ids
        ):
            raise UserError(
                self.env._(
                    "%s is not a posted maintenance invoice with re-invoiced rows.",
                    self.display_name,
                )
            )

    def _check_rows_to_credit(self, rows):
        """All that is wrong with the ticked rows, at once."""
        if not rows:
            raise UserError(self.env._("Tick the rows to credit."))
        raise_together(self._get_row_errors(rows))

    def _get_row_errors(self, rows):
        """A sentence per ticked row that cannot be credited on this invoice."""
        if missing := rows - rows.exists():
            return [
                self.env._(
                    "These rows do not exist (any more): %s",
                    ", ".join(str(row.id) for row in missing),
                )
            ]
        errors = [
            self.env._(
                "%(line)s is not on invoice %(invoice)s.",
                line=row.line_id.display_name,
                invoice=self.name,
            )
            for row in rows
            if row.move_id != self
        ]
        return errors + [
            self.env._(
                "%(line)s is already credited by %(credit)s.",
                line=row.line_id.display_name,
                credit=row.credit_move_id.display_name,
            )
            for row in rows
            if row.credit_move_id
        ]

    # -- credit -----------------------------------------------------------------

    def _cancel_maintenance_rows(self, rows, options, corrections=None):
        """Credit ``rows``; those with corrections are re-invoiced. Returns the credit
        memo and the new invoices."""
        corrections = corrections or {}
        self._lock_rows_to_credit(rows)
        self._check_rows_to_credit(rows)
        self = self.with_company(self.company_id)
        lines = self.env["maintenance.permission.line"]
        date = lines._get_open_posting_date(self.company_id, options["posting_date"])
        vat_date = lines._get_open_vat_date(self.company_id, options["vat_date"])
        raise_together(self._get_credit_date_errors(date))
        options = {**options, "posting_date": date, "vat_date": vat_date}
        credit = self._credit_maintenance_rows(rows, options)
        corrected = rows.filtered(lambda row: row in corrections)
        self._release_credited_rows(corrected, credit, {**options, "free": True})
        self._release_credited_rows(rows - corrected, credit, options)
        invoices = self._reinvoice_corrected(corrections, credit, options)
        return credit + invoices

    def _lock_rows_to_credit(self, rows):
        """Nobody else credits the same rows at the same time."""
        rows = rows.exists()
        if rows.sudo().try_lock_for_update() != rows:
            raise UserError(
                self.env._("These rows are being credited by somebody else right now.")
            )
        rows.invalidate_recordset()

    def _credit_maintenance_rows(self, rows, options):
        """Post one credit memo of ``rows`` and reverse their redistribution. Returns
        it, matched with the invoice as far as that is open."""
        self.check_access("create")
        parts = self._get_credit_parts(rows)
        customer = self.with_context(lang=self.partner_id.lang or self.env.lang)
        vals = customer._prepare_credit_vals(parts, options)
        # our marks on moves can only be written by the superuser
        credit = with_own_context(self.sudo(), **QUIET).create(vals)
        Memo = self.env["service.credit.memo"]
        Memo._use_receivable_of(credit, self)
        finished = self._get_lines_finished_by(rows)
        Memo._take_rest(credit, self, finished, self._get_maintenance_credits())
        credit = credit.with_env(self.env)
        credit._post(soft=False)
        if self.maintenance_redistribution_id:
            credit._redistribute()
        (self._get_settling_documents() | self | credit)._match_receivables()
        return credit

    def _release_credited_rows(self, rows, credit, options):
        """Free or close credited rows, and say so on the lines' permissions."""
        if not rows:
            return
        rows.sudo().write({"credit_move_id": credit.id, "freed": options["free"]})
        if options["free"]:
            # the garage may have credited meanwhile: no more than what is bought
            rows.line_id.sudo()._lower_to_bought()
        self._log_maintenance_credit(rows, credit, options)

    def _log_maintenance_credit(self, rows, credit, options):
        """Say on the invoice and on each permission line what became of it."""
        body = self.env._("Credited by %s.", credit.name)
        if options.get("reason"):
            body += " " + self.env._("Reason: %s", options["reason"])
        after = (
            self.env._("It may be re-invoiced again.")
            if options["free"]
            else self.env._("It is closed.")
        )
        lines = rows.line_id
        self._message_log(body=body)
        lines._message_log_batch(bodies=dict.fromkeys(lines.ids, f"{body} {after}"))

    def _get_settling_documents(self):
        """What was credited of the same lines, here and on invoices that corrected
        them: an invoice of a compensation is settled by what is credited later."""
        invoices = self.maintenance_row_ids.line_id.row_ids.move_id
        return invoices._get_maintenance_credits()

    def _match_receivables(self):
        """Match what these documents leave open on the same customer account."""
        items = self.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
            and item.parent_state == "posted"
            and not item.reconciled
        )
        groups = items.grouped(lambda a: (a.account_id, a.currency_id, a.partner_id))
        for group in groups.values():
            if len({item.balance > 0 for item in group}) > 1:
                group.reconcile()

    # What a cancellation is asked for, as a remote client may ask it.

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
