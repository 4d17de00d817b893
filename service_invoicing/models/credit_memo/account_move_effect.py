from contextlib import contextmanager

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.choices import CREDIT_EFFECTS


class AccountMove(models.Model):
    """What happens when a credit memo is authorized, whoever made it.

    Adjustments in its way are undone, core reconciles it with its invoice, and the
    work orders bill again what it frees.
    """

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

    def _filter_service_credits(self):
        """Credit memos of invoices that follow the billing life cycle."""
        return self.filtered(
            lambda move: move.move_type == "out_refund"
            and move.service_has_life_cycle
            and move.sudo().reversed_entry_id.service_has_life_cycle
        )

    @contextmanager
    def _post_credits(self):
        """Credit memos take the rest, and the place of what had settled invoices."""
        credits = self._filter_service_credits()
        for credit in credits.filtered(lambda move: move.state == "draft"):
            self.env["service.credit.memo"]._take_rest_of_invoice(
                credit.sudo(), credits
            )
        credits._decide_credit_effects()
        undone = {
            moves[:1]: invoice._make_room_for_credit(
                sum(moves.mapped("amount_total")), moves._describe_undo()
            )
            for invoice, moves in credits.grouped("reversed_entry_id").items()
        }
        yield
        for credit in credits._filter_posted():
            credit._log_credit(undone.get(credit, []))

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

    def _make_room_for_credit(self, wanted, reason):
        """Undo adjustments of this invoice, so that credit memos can be reconciled
        with it.

        Newest first, and no more than needed. Receipts are never touched: what they
        leave over of the credit memo stays open as the payer's credit. The invoice's
        own credit memos are not touched either.

        :param float wanted: what they come to, in the currency of the invoice
        :param str reason: kept in the adjustment log
        :return: list of (document that is free again, amount in the currency of the
            invoice)
        """
        self.ensure_one()
        lines = self._get_receivable_lines()
        missing = wanted - sum(lines.mapped("amount_residual_currency"))
        partials = self.env["account.partial.reconcile"]
        for partial in lines.matched_credit_ids.sorted("id", reverse=True):
            if self.currency_id.compare_amounts(missing, 0.0) <= 0:
                break
            if self._is_undoable_adjustment(partial):
                partials |= partial
                missing -= partial.debit_amount_currency
        return self._undo_service_adjustments(partials, reason)

    def _describe_undo(self):
        """Why adjustments are undone for these credit memos."""
        return self.env._(
            "Credit memo %s", ", ".join(m._get_service_label() for m in self)
        )

    def _is_undoable_adjustment(self, partial):
        """Whether a credit memo may undo this adjustment of the invoice."""
        self.ensure_one()
        document = partial.credit_move_id.move_id
        return self._is_adjustment(document) and document.reversed_entry_id != self

    def _undo_service_adjustments(self, partials, reason):
        """Take adjustments of this invoice back; their documents are free again.

        :param partials: ``account.partial.reconcile`` of the invoice's receivables
        :param str reason: kept in the adjustment log
        :return: list of (document, amount in the invoice's currency)
        """
        self.ensure_one()
        # who may post a credit memo has been checked; the rows are read as superuser
        rows = partials._get_adjustments()
        su = self.env.su
        undone = [(row.source_move_id.sudo(su), row.amount) for row in rows]
        rows._undo(reason)
        return undone

    def _decide_credit_effects(self):
        """What was not chosen when the credit memos were made is decided now.

        What another payer bears is neither billed again nor closed, and what a credit
        memo of a prepayment takes back was never billed.
        """
        shares = self._filter_shares()
        prepaid = (self - shares).filtered("service_credit_effect")
        prepaid.sudo().service_credit_effect = False
        undecided = shares.filtered(
            lambda move: not move.service_credit_effect and not move._moves_share()
        )
        for credit in undecided:
            invoice = credit.reversed_entry_id
            others = (invoice.reversal_move_ids - credit).filtered(
                lambda m, c=credit: m.state == "posted" or (m in shares and m.id < c.id)
            )
            credited = (others | credit)._get_unrounded("amount_total")
            total = invoice._get_unrounded("amount_total")
            left = credit.currency_id.compare_amounts(total, credited)
            credit.sudo().service_credit_effect = "closed" if left > 0 else "free"

    def _filter_shares(self):
        """Documents among these that are no prepayments, which bill no share of their
        orders, nor do their credit memos."""
        return self.filtered(lambda move: not move._is_prepayment_document())

    def _log_credit(self, undone):
        """Tell the readers of all documents what was credited, why, and what follows.

        :param list undone: see ``_undo_service_adjustments``
        """
        self.ensure_one()
        invoice = self.reversed_entry_id
        sentences = [self._describe_credit(), *self._describe_undone(undone)]
        if self.currency_id.compare_amounts(self.amount_residual, 0.0) > 0:
            sentences.append(
                self.env._(
                    "%(amount)s of %(credit)s is not matched, because money has been "
                    "received for the invoice: it stays open as a credit of %(payer)s.",
                    amount=self.currency_id.format(self.amount_residual),
                    credit=self._get_service_label(),
                    payer=self.partner_id.display_name,
                )
            )
        for document in (self, invoice, *invoice.sudo().work_order_ids):
            document._message_log(body=" ".join(sentences))
        for document in self.browse().union(*(document for document, __ in undone)):
            own = [item for item in undone if item[0] == document]
            document._message_log(body=" ".join(self._describe_undone(own)))

    def _describe_credit(self):
        """One sentence: what was credited, why, and whether it is billed again."""
        self.ensure_one()
        values = {
            "credit": self._get_service_label(),
            "invoice": self.reversed_entry_id._get_service_label(),
            "net": self.currency_id.format(self.amount_untaxed),
            "total": self.currency_id.format(self.amount_total),
            "reason": self.service_credit_reason or "–",
        }
        if self._is_prepayment_document():
            return self.env._(
                "Credit memo %(credit)s takes back %(total)s of the prepayment "
                "%(invoice)s: %(reason)s.",
                **values,
            )
        if self.service_credit_effect == "free":
            return self.env._(
                "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
                "%(invoice)s, which is to be billed again: %(reason)s.",
                **values,
            )
        freed = self.sudo().service_freed_release_ids
        if freed and freed.partner_id == self.partner_id:
            return self.env._(
                "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
                "%(invoice)s, which is billed at other amounts: %(reason)s.",
                **values,
            )
        if not self.service_credit_effect:
            return self.env._(
                "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
                "%(invoice)s, which another payer bears: %(reason)s.",
                **values,
            )
        return self.env._(
            "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
            "%(invoice)s, which is closed and billed to nobody: %(reason)s.",
            **values,
        )

    def _describe_undone(self, undone):
        """A sentence per adjustment that was undone for this credit memo."""
        return [
            self.env._(
                "The adjustment of %(invoice)s by %(amount)s from %(document)s was "
                "undone for it.",
                invoice=self.reversed_entry_id._get_service_label(),
                amount=self.currency_id.format(amount),
                document=document.display_name,
            )
            for document, amount in undone
        ]

    def _get_own_credits(self):
        """Authorized credit memos of this invoice by which nothing was moved to another
        payer, oldest first."""
        self.ensure_one()
        credits = self.sudo().reversal_move_ids
        return credits.filtered(
            lambda move: move.state == "posted" and not move._moves_share()
        ).sorted("id")

    def _moves_share(self):
        """Whether what this credit memo takes back was released when it was made: to
        another payer, or to the same one at other amounts."""
        self.ensure_one()
        is_decided = bool(self.service_credit_effect)
        return not is_decided and bool(self.sudo().service_freed_release_ids)

    # What credit memos may take back: no more than the invoice, and only once.

    def _get_overcredit_errors(self, batch):
        """Why this credit memo takes back more than is left of its invoice.

        Amounts before tax and with it are compared: taxes of parts may differ by
        rounding, and so may prices that include them, by a smallest unit per document.

        :param batch: what is being authorized together with this document
        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        origin = self.sudo().reversed_entry_id
        if self.move_type != "out_refund" or not origin.service_has_life_cycle:
            return []
        others = (origin.reversal_move_ids - self).filtered(
            lambda move: move.state == "posted" or (move in batch and move.id < self.id)
        )
        documents = len(others) + 1
        taxes = len(origin.line_ids.tax_line_id | self.line_ids.tax_line_id)
        slack = {"amount_untaxed": documents, "amount_total": documents * (1 + taxes)}
        for name, units in slack.items():
            # cash is rounded on every document by itself
            left = origin._get_unrounded(name) - others._get_unrounded(name)
            most = left + units * self.currency_id.rounding
            wanted = self._get_unrounded(name)
            if self.currency_id.compare_amounts(wanted, most) > 0:
                sentence = self._describe_overcredit(name, left)
                return [origin._add_deduction_hint(sentence)]
        return []

    def _describe_overcredit(self, name, left):
        """:param name: ``amount_untaxed`` or ``amount_total``, which is too much
        :param float left: what of it has not been credited yet
        """
        values = {
            "number": self._get_service_label(),
            "amount": self.currency_id.format(self[name]),
            "invoice": self.sudo().reversed_entry_id.display_name,
            "left": self.currency_id.format(max(left, 0.0)),
        }
        if name == "amount_untaxed":
            return self.env._(
                "%(number)s takes back %(amount)s of %(invoice)s, but only %(left)s of "
                "it has not been credited yet (before tax). Change its lines or delete "
                "it.",
                **values,
            )
        return self.env._(
            "%(number)s takes back %(amount)s of %(invoice)s, but only %(left)s of it "
            "has not been credited yet (with tax). Change its taxes or delete it.",
            **values,
        )

    def _get_document_rounding(self, lines):
        """How far amounts of lines may be from what the document bears before tax.

        :param lines: whatever has as many items as there are lines
        :return: amount in the document's currency; zero where each line is rounded
        """
        method = self.company_id.tax_calculation_rounding_method
        if method != "round_globally":
            return 0.0
        return len(lines) * self.currency_id.rounding

    def _check_not_credited_twice(self, amounts):
        """:raise UserError: when other credit memos leave too little of the invoice"""
        credits = self.reversal_move_ids.filtered(lambda m: m.state != "cancel")
        left = self._get_unrounded("amount_untaxed")
        left -= credits._get_unrounded("amount_untaxed")
        wanted = sum(amounts.values())
        most = left + self._get_document_rounding(amounts)
        if self.currency_id.compare_amounts(wanted, most) > 0:
            sentence = self.env._(
                "%(number)s: %(wanted)s is to be credited, but only %(left)s has not "
                "been credited yet.",
                number=self._get_service_label(),
                wanted=self.currency_id.format(wanted),
                left=self.currency_id.format(left),
            )
            raise UserError(self._add_deduction_hint(sentence))

    def _get_credit_reset_errors(self):
        """Why this credit memo cannot be taken back: what it credited or freed is
        billed again.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if self.move_type != "out_refund":
            return []
        again = self._get_billed_again()
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

    def _get_billed_again(self):
        """Live invoices of what this credit memo freed, moved shares among them."""
        freed = self.sudo().service_freed_release_ids
        return freed.move_id | freed.work_order_id._get_invoices_instead(freed)

    # Credit memos and the releases they free.

    def _update_releases(self):
        """Bring releases in line with their invoices and what was credited of them."""
        invoices = self.sudo()
        releases = (invoices | invoices.reversed_entry_id).service_release_ids
        if releases:
            invoices = releases.move_id
            # a release that is billed after all needs its copy out of the way
            invoices._take_back_freed_releases()
            releases._follow_invoice()
            invoices._release_what_credits_free()

    def _get_credited_releases(self):
        """Releases of which these credit memos take something back."""
        origins = self.sudo().invoice_line_ids.service_credited_line_id
        lines = self.sudo().invoice_line_ids
        loose = lines.filtered(
            lambda line: line.display_type == "product"
            and not line.service_credited_line_id
        )
        return (
            origins.service_release_id
            | loose.move_id.reversed_entry_id.service_release_ids
        )

    def _take_back_freed_releases(self):
        """Cancel what was released for credit memos of these invoices that are not
        authorized any more; a moved share waits for its credit memo's authorization."""
        for credit in self.sudo().reversal_move_ids:
            releases = credit.service_freed_release_ids
            waits = credit._moves_share() and not credit._is_service_deleted()
            if releases and credit.state != "posted" and not waits:
                releases._cancel_unbilled(
                    self.env._("Credit memo %s was taken back", credit.display_name)
                )
                # authorized anew, it frees anew
                releases.credit_move_id = False

    def _release_what_credits_free(self):
        """Release again what authorized credit memos of these invoices free."""
        for credit in self.sudo().reversal_move_ids:
            if credit.state == "posted" and credit.service_credit_effect == "free":
                # what somebody has cancelled since stays cancelled
                known = credit.service_freed_release_ids.origin_id
                for release in credit.reversed_entry_id.service_release_ids - known:
                    release._release_credited_lines(credit)
