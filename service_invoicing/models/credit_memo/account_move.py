from contextlib import contextmanager
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_invoices
from ...tools.arguments import expects, parse_amounts, parse_day, parse_flag, parse_text
from ...tools.choices import CREDIT_EFFECTS
from ...tools.groups import BILLING
from ...tools.guards import (
    get_context_defaults,
    raise_together,
    refuse_protected,
    refuse_without_group,
)


class AccountMove(models.Model):
    """Credit memos: the button that makes them, what they credit, and what follows
    when they are authorized."""

    _inherit = "account.move"

    service_credit_effect = fields.Selection(
        selection=CREDIT_EFFECTS,
        string="What Is Credited Is",
        readonly=True,
        copy=False,
        help="Whether the work orders bill again what this credit memo takes back. "
        "Empty before authorization: billed again if all of the invoice is credited, "
        "else closed. Empty after it: another payer bears the share.",
    )
    service_credit_reason = fields.Char(
        string="Reason of the Credit", readonly=True, copy=False
    )
    service_freed_release_ids = fields.One2many(
        "service.release",
        "credit_move_id",
        string="Released Again",
        readonly=True,
        help="Releases that bill what this credit memo takes back, to the same payer "
        "or another one.",
    )

    @expects(reason=parse_text, date=parse_day, line_ids=parse_amounts, free=parse_flag)
    def action_service_credit(self, reason=None, date=None, line_ids=None, free=None):
        """Credit authorized invoices, whole or in part.

        A billing clerk prepares the credit memo; who may authorize also authorizes
        it. Adjustments that are in its way are undone, newest first; receipts stay
        matched, and what the payer has paid too much stays open as his credit. Several
        invoices are credited whole; one that fails stops no other. More than fifty are
        credited in the background.

        :param str reason: printed on the credit memo and kept in all histories;
            without it the dialog that asks for everything is returned
        :param date: of the credit memo; today by default
        :param list line_ids: ids of invoice lines, or pairs of such an id and an
            amount before tax in the invoice's currency, with the sign of the line; by
            default all that has not been credited yet
        :param bool free: what is credited is billed again (default for a whole
            credit) or closed, that is, billed to nobody (default for lines)
        :return: action that opens the credit memos, or the billing run that makes them
        :raise UserError: naming what cannot be credited
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        Crediting = self.env["service.crediting"]
        if not reason:
            raise_together([e for move in self for e in Crediting._get_errors(move)])
            return self.env["service.credit.wizard"]._open(self)
        date = date or fields.Date.context_today(self)
        if len(self) == 1:
            credit = Crediting._credit(self, reason, date, line_ids, free)
            return open_invoices(credit)
        if line_ids is not None:
            raise UserError(
                self.env._("Lines can be chosen of one invoice only, not of several.")
            )
        life_cycle = self.env["service.life.cycle"]
        effect = "closed" if free is False else "free"
        vals = {"credit_reason": reason, "credit_date": date, "credit_effect": effect}
        if run := life_cycle._bill_in_background("credits", self, **vals):
            return run
        jobs = [
            (move, partial(Crediting._credit, move, reason, date, None, free))
            for move in self
        ]
        title = self.env._("Not everything was credited")
        return life_cycle._bill_one_by_one(jobs, title)

    # Which invoice a credit memo credits: decided when it is made, and only then.

    def _follow_credited_invoice(self, vals):
        """A credit memo of a service invoice is one of service billing, with all its
        guards, whoever makes it and wherever.

        :return: values of ``create``
        :raise AccessError: when an invoice is made as if it were a credit memo, or of
            an invoice the user does not see
        """
        given = get_context_defaults(self.env) | vals
        invoice = self.browse(given.get("reversed_entry_id") or ())
        if self.env.su or not invoice.sudo().service_has_life_cycle:
            return vals
        invoice.check_access("read")
        if given.get("move_type") != "out_refund":
            refuse_protected(self.browse(), {"reversed_entry_id": False}, given)
        return vals | {"service_invoice_type": invoice.service_invoice_type}

    def _keep_credited_invoice(self, vals):
        if "reversed_entry_id" in vals and not self.env.su:
            invoice = self.sudo().browse(vals["reversed_entry_id"] or ())
            for move in self:
                old = move.sudo().reversed_entry_id
                if old != invoice and (old | invoice)._filter_service_life_cycle():
                    refuse_protected(
                        move, {"reversed_entry_id": None}, {"reversed_entry_id": True}
                    )

    # Core's own reversal of invoices that follow the billing life cycle.

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Core would unmatch everything, receipts included, before it cancels an
        invoice; here only the adjustments in the way are undone, when the credit memo
        is posted."""
        self._check_adjustment_entries_kept()
        typed = self._filter_service_life_cycle()
        if not typed:
            return super()._reverse_moves(default_values_list, cancel)
        values = default_values_list or [{} for __ in self]
        values = [
            {"ref": move.ref} | vals if move in typed else vals
            for move, vals in zip(self, values, strict=True)
        ]
        refunds = {}
        for moves, cancels in ((typed, False), (self - typed, cancel)):
            chosen = [v for m, v in zip(self, values, strict=True) if m in moves]
            if moves:
                reversed_moves = super(AccountMove, moves)._reverse_moves(
                    chosen, cancels
                )
                refunds |= dict(zip(moves, reversed_moves, strict=True))
        for move in typed:
            self.env["service.crediting"]._link_reversal(refunds[move])
        for move in typed if cancel else ():
            # taxes on payment are made for what was received, and for nothing else
            is_clean = not move._has_matched_money()
            refunds[move].with_context(move_reverse_cancel=is_clean)._post(soft=False)
        return self.browse().concat(*(refunds[move] for move in self))

    # Credit memos in a foreign currency take the rate of the invoice they credit.

    @api.depends("reversed_entry_id")
    def _compute_expected_currency_rate(self):
        return super()._compute_expected_currency_rate()

    @api.depends("reversed_entry_id")
    def _compute_invoice_currency_rate(self):
        return super()._compute_invoice_currency_rate()

    def _get_expected_currency_rate_at(self, date):
        invoice = self._get_credited_invoice()
        if invoice and invoice.currency_id == self.currency_id:
            return invoice.invoice_currency_rate
        return super()._get_expected_currency_rate_at(date)

    def _get_credited_invoice(self):
        """The invoice of ours that this credit memo credits, for its amounts."""
        is_typed = self.service_invoice_type and self.move_type == "out_refund"
        if not is_typed or not self.reversed_entry_id:
            return self.browse()
        return self.sudo().reversed_entry_id.filtered("service_invoice_type")

    def _get_live_credits(self):
        """Credit memos of these invoices, drafts among them."""
        return self.reversal_move_ids.filtered(lambda move: move.state != "cancel")

    def _recompute_cash_rounding_lines(self):
        invoice = self._get_credited_invoice()
        if not invoice or not invoice._get_rounding_lines():
            return super()._recompute_cash_rounding_lines()
        Memo = self.env["service.credit.memo"]
        others = invoice._get_live_credits() - self
        is_last = Memo._finishes(self, invoice, others)
        if self.invoice_cash_rounding_id and not is_last:
            # somebody wants this part rounded by itself
            return super()._recompute_cash_rounding_lines()
        Memo._take_rounding(self, invoice, others, is_last)

    # What follows a credit memo, see ``service.credit.effect``.

    def _filter_service_credits(self):
        """Credit memos of invoices that follow the billing life cycle."""
        return self.filtered(
            lambda move: move.move_type == "out_refund"
            and move.service_has_life_cycle
            and move.sudo().reversed_entry_id.service_has_life_cycle
        )

    def _moves_share(self):
        """Whether what this credit memo takes back was released when it was made: to
        another payer, or to the same one at other amounts."""
        self.ensure_one()
        is_decided = bool(self.service_credit_effect)
        return not is_decided and bool(self.sudo().service_freed_release_ids)

    def _get_overcredit_errors(self, batch):
        """Why this credit memo takes back more than is left of its invoice.

        :param batch: what is being authorized together with this document
        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if not self._filter_service_credits():
            return []
        return self.env["service.credit.memo"]._get_excess_errors(self, batch)

    @contextmanager
    def _post_credits(self):
        """Credit memos take the place of what had settled their invoices."""
        Effect = self.env["service.credit.effect"]
        credits = self._filter_service_credits()
        undone = Effect._prepare_posting(credits)
        yield
        for credit in credits._filter_posted():
            Effect._log(credit, undone.get(credit, []))

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Core pairs invoices and credit memos by their places, which go astray when
        one invoice has several credit memos among them."""
        if not reverse_moves._filter_service_credits():
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        for move in reverse_moves:
            super(AccountMove, move.reversed_entry_id)._reconcile_reversed_moves(
                move, move_reverse_cancel
            )
        return reverse_moves

    def _update_releases(self):
        """Bring releases in line with their invoices and what was credited of them;
        what is still billed of a work order decides its state."""
        moves = self.sudo()
        releases = (moves | moves.reversed_entry_id).service_release_ids
        if releases:
            self.env["service.credit.effect"]._update_releases(releases)
        moves.work_order_ids._update_billing_state()

    def _get_credit_reset_errors(self):
        """Why this credit memo cannot be taken back: what it credited or freed is
        billed again.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if self.move_type != "out_refund":
            return []
        freed = self.sudo().service_freed_release_ids
        # moved shares among them
        again = freed.move_id | freed.work_order_id._get_invoices_instead(freed)
        if not again:
            return []
        return [
            self.env._(
                "%(number)s cannot be taken back: what it credits is billed again by "
                "%(invoices)s. Delete or credit that first.",
                number=self._get_service_label(),
                invoices=", ".join(again.mapped("service_number")),
            )
        ]
