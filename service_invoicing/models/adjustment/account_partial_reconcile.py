from odoo import api, models

from ...tools.groups import AUTHORIZER
from ...tools.guards import raise_together, refuse_protected, refuse_without_group
from ...tools.split import group_by_fields


class AccountPartialReconcile(models.Model):
    """Where the adjustment log is written, so that nothing goes round it."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._log_adjustments()
        return partials

    @api.model
    def _get_matched_fields(self):
        """Fields that say what is matched with what, and how much."""
        return {
            "debit_move_id",
            "credit_move_id",
            "amount",
            "debit_amount_currency",
            "credit_amount_currency",
        }

    def write(self, vals):
        if vals.keys() & self._get_matched_fields() and self._get_adjustments():
            # the log says what was matched
            refuse_protected(self, dict.fromkeys(self._get_matched_fields()), vals)
        res = super().write(vals)
        if vals.get("exchange_move_id"):
            self._forget_exchange_differences(vals["exchange_move_id"])
        return res

    def _forget_exchange_differences(self, move_id):
        """Core says only after matching it that an entry is an exchange difference,
        and that is no adjustment."""
        rows = self.env["service.invoice.adjustment"].sudo()
        rows.search([("source_move_id", "=", move_id)]).unlink()

    def unlink(self):
        if not self:
            return super().unlink()
        self._check_undone_entries_kept()
        entries = self._get_adjustment_entries()
        # an adjustment entry is matched on both sides or on none
        lines = entries.line_ids
        partials = self | lines.matched_debit_ids | lines.matched_credit_ids
        if not self.env.su:
            partials._check_undo_allowed()
        rows = partials._get_adjustments()
        if rows:
            refuse_without_group(self.env, AUTHORIZER)
            rows._mark_undone(self.env.context.get("service_undo_reason"))
        res = super(AccountPartialReconcile, partials).unlink()
        self.env["service.adjustment.entry"]._reverse(entries)
        return res

    def _check_undo_allowed(self):
        """:raise UserError: naming the documents for which these matchings stay"""
        raise_together(self._get_kept_errors())

    def _get_kept_errors(self):
        """Why these matchings are not undone.

        :return: list of translated sentences
        """
        return []

    def _check_undone_entries_kept(self):
        """An entry that was undone stays settled by its reversal.

        :raise UserError: naming the entries
        """
        for partial in self.sudo():
            moves = (partial.debit_move_id | partial.credit_move_id).move_id
            if moves & moves.reversed_entry_id:
                moves.sudo(self.env.su)._check_adjustment_entries_kept()

    def _get_adjustments(self):
        """Rows of the log that stand for these matchings."""
        rows = self.env["service.invoice.adjustment"].sudo()
        typed = self.sudo().filtered("debit_move_id.move_id.service_invoice_type")
        return rows.search([("partial_id", "in", typed.ids)]) if typed else rows

    def _get_adjustment_entries(self):
        """Entries that moved a prepayment to an invoice by these matchings."""
        moves = (self.debit_move_id | self.credit_move_id).move_id.sudo()
        return moves.filtered(
            lambda move: move.service_adjusted_prepayment_id
            and not move.reversal_move_ids
        )

    def _log_adjustments(self):
        """Write a row for each matching that adjusts an invoice."""
        adjusting = self.sudo().filtered(lambda partial: partial._is_adjustment())
        if adjusting:
            adjusting._check_authorized()
            if not self.env.su:
                raise_together([e for p in adjusting for e in p._get_match_errors()])
            self.env["service.invoice.adjustment"].sudo().create(
                [partial._prepare_adjustment_vals() for partial in adjusting]
            )

    def _check_authorized(self):
        """Core matches drafts, too, and drops that without a word when they change.

        :raise UserError: naming the documents that are not authorized
        """
        moves = (self.debit_move_id | self.credit_move_id).move_id
        drafts = moves.filtered(
            lambda move: move.state != "posted" and move.is_invoice()
        )
        raise_together(
            [
                self.env._(
                    "%s is not authorized yet: nothing can be adjusted with it.",
                    move._get_service_label(),
                )
                for move in drafts
            ]
        )

    def _get_match_errors(self):
        """Why this matching is none that core or this add-on would make: journal items
        can be matched over RPC, too.

        :return: list of translated sentences
        """
        self.ensure_one()
        debit, credit = self.debit_move_id, self.credit_move_id
        currencies = debit.currency_id, credit.currency_id
        values = {
            "invoice": debit.move_id._get_service_label(),
            "document": credit.move_id._get_service_label(),
        }
        if debit.account_id != credit.account_id:
            return [
                self.env._(
                    "%(invoice)s and %(document)s are on different accounts and "
                    "cannot be matched.",
                    **values,
                )
            ]
        partners = (debit | credit).partner_id.commercial_partner_id
        if len(partners) > 1:
            return [
                self.env._(
                    "%(document)s is no credit of the payer of %(invoice)s.", **values
                )
            ]
        if (
            currencies[0].compare_amounts(debit.amount_residual_currency, 0.0) < 0
            or currencies[1].compare_amounts(credit.amount_residual_currency, 0.0) > 0
        ):
            return [
                self.env._(
                    "%(invoice)s cannot be adjusted with %(document)s by more than is "
                    "open.",
                    **values,
                )
            ]
        return []

    def _is_adjustment(self):
        """Whether this matching settles a service invoice with anything but money."""
        self.ensure_one()
        line = self.debit_move_id
        invoice = line.move_id
        return (
            line.display_type == "payment_term"
            and invoice.service_has_life_cycle
            and invoice.move_type == "out_invoice"
            and invoice._is_adjustment(self.credit_move_id.move_id)
            and not invoice.currency_id.is_zero(self._get_adjusted_amount())
        )

    def _get_adjusted_amount(self):
        """What this matching adjusts, in the currency of the invoice."""
        self.ensure_one()
        return self.debit_amount_currency

    def _get_adjustment_source(self):
        """The document that pays: behind an adjustment entry it is the prepayment."""
        self.ensure_one()
        document = self.credit_move_id.move_id
        return document.service_adjusted_prepayment_id or document

    def _prepare_adjustment_vals(self):
        """Values of the row of the log for this matching."""
        self.ensure_one()
        entry = self.credit_move_id.move_id
        source = self._get_adjustment_source()
        already_adjusted, pending = self._get_source_amounts(source)
        return {
            "move_id": self.debit_move_id.move_id.id,
            "source_move_id": source.id,
            "source_name": self._get_source_name(source),
            "entry_move_id": entry.id if entry != source else False,
            "source_currency_id": self.credit_currency_id.id,
            "date": self.max_date,
            "already_adjusted": already_adjusted,
            "amount": self._get_adjusted_amount(),
            "pending": pending,
            "partial_id": self.id,
            "user_id": self.env.uid,
        }

    def _get_source_name(self, source):
        """What the log calls the document that pays: its legal number and ours."""
        if source.state != "posted":
            return source._get_service_label()
        number = source.service_number
        if not number or number == source.name:
            return source.name
        return f"{source.name} ({number})"

    def _get_source_items(self, source):
        """Journal items of the document that pays by which it can adjust an invoice."""
        if source._is_service_prepayment():
            return source.invoice_line_ids.filtered(lambda line: line._is_prepaid())
        account = self.credit_move_id.account_id
        return source.line_ids.filtered(
            lambda item: item.account_id == account and item.balance < 0
        )

    def _get_source_amounts(self, source):
        """What was used of the source before this matching, and what was pending then.

        Several matchings may be made at once: the later ones count as still to come.

        :return: (used, pending) in the currency of the source
        """
        self.ensure_one()
        lines = self._get_source_items(source)
        later = lines.matched_debit_ids.filtered(lambda partial: partial.id > self.id)
        pending = self.credit_amount_currency
        pending += sum(later.mapped("credit_amount_currency"))
        pending -= sum(lines.mapped("amount_residual_currency"))
        total = -sum(lines.mapped("amount_currency"))
        currency = self.credit_currency_id
        return currency.round(total - pending), currency.round(pending)

    # Taxes that are due on payment, and lines on accounts that are reconciled.

    def _create_tax_cash_basis_moves(self):
        moves = super()._create_tax_cash_basis_moves()
        items = moves.filtered(
            lambda move: move.state == "posted"
            and move.tax_cash_basis_origin_move_id.service_invoice_type
        ).line_ids._filter_open_tax_bases()
        groups = group_by_fields(items, ["move_id", "account_id"])
        self.env["account.move.line"]._reconcile_plan(list(groups.values()))
        return moves


class AccountMoveLine(models.Model):
    """Open items that core's cash basis entries leave on clearing accounts."""

    _inherit = "account.move.line"

    def _filter_open_tax_bases(self):
        """Items of cash basis entries that repeat a line of their invoice, on its
        account."""
        return self.filtered(
            lambda item: item.account_id.reconcile
            and not item.reconciled
            and item.display_type != "tax"
            and item.account_id
            in item.move_id.tax_cash_basis_origin_move_id.invoice_line_ids.account_id
        )
