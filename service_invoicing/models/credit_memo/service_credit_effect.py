from odoo import models


class ServiceCreditEffect(models.AbstractModel):
    """What follows when credit memos are authorized, whoever made them.

    Adjustments in their way are undone, core reconciles them with their invoices, and
    the work orders bill again what they free.
    """

    _name = "service.credit.effect"
    _description = "What Credit Memos Bring About"

    def _prepare_posting(self, credits):
        """Credit memos take the rest, and the place of what had settled invoices.

        :return: dict credit memo → what was undone for it, see ``_undo_adjustments``
        """
        Memo = self.env["service.credit.memo"]
        for credit in credits.filtered(lambda move: move.state == "draft"):
            Memo._take_remaining_of_invoice(credit.sudo(), credits)
        self._decide(credits)
        return {
            moves[:1]: self._undo_newest_adjustments(
                invoice, sum(moves.mapped("amount_total")), self._describe_undo(moves)
            )
            for invoice, moves in credits.grouped("reversed_entry_id").items()
        }

    def _decide(self, credits):
        """What was not chosen when the credit memos were made is decided now.

        What another payer bears is neither billed again nor closed, and what a credit
        memo of a prepayment takes back was never billed.
        """
        shares = credits.filtered(lambda move: not move._is_prepayment_document())
        prepaid = (credits - shares).filtered("service_credit_effect")
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

    # -- what is in their way --------------------------------------------------

    def _undo_newest_adjustments(self, invoice, amount, reason):
        """Undo adjustments of an invoice, so that credit memos can be reconciled with
        it.

        The newest first, and no more than needed. Receipts are never touched: what they
        leave over of the credit memo stays open as the payer's credit. The invoice's
        own credit memos are not touched either.

        :param float amount: what they come to, in the currency of the invoice
        :param str reason: kept in the adjustment log
        :return: see ``_undo_adjustments``
        """
        invoice.ensure_one()
        lines = invoice._get_receivable_lines()
        missing = amount - sum(lines.mapped("amount_residual_currency"))
        partials = invoice.env["account.partial.reconcile"]
        for partial in lines.matched_credit_ids.sorted("id", reverse=True):
            if invoice.currency_id.compare_amounts(missing, 0.0) <= 0:
                break
            document = partial.credit_move_id.move_id
            is_own = document.reversed_entry_id == invoice
            if not is_own and invoice._is_adjustment(document):
                partials |= partial
                missing -= partial.debit_amount_currency
        return self._undo_adjustments(invoice, partials, reason)

    def _describe_undo(self, credits):
        """Why adjustments are undone for these credit memos."""
        numbers = ", ".join(move._get_service_label() for move in credits)
        return credits.env._("Credit memo %s", numbers)

    def _undo_adjustments(self, invoice, partials, reason):
        """Take adjustments of an invoice back; their documents are free again.

        :param partials: ``account.partial.reconcile`` of the invoice's receivables
        :param str reason: kept in the adjustment log
        :return: list of (document, amount in the invoice's currency)
        """
        invoice.ensure_one()
        # who may post a credit memo has been checked; the rows are read as superuser
        rows = partials._get_adjustments()
        su = invoice.env.su
        undone = [(row.source_move_id.sudo(su), row.amount) for row in rows]
        rows._undo(reason)
        return undone

    # -- what is told ----------------------------------------------------------

    def _log(self, credit, undone):
        """Tell the readers of all documents what was credited, why, and what follows.

        :param list undone: see ``_undo_adjustments``
        """
        credit.ensure_one()
        invoice = credit.reversed_entry_id
        sentences = [self._describe(credit), *self._describe_undone(credit, undone)]
        if credit.currency_id.compare_amounts(credit.amount_residual, 0.0) > 0:
            sentences.append(
                credit.env._(
                    "%(amount)s of %(credit)s is not matched, because money has been "
                    "received for the invoice: it stays open as a credit of %(payer)s.",
                    amount=credit.currency_id.format(credit.amount_residual),
                    credit=credit._get_service_label(),
                    payer=credit.partner_id.display_name,
                )
            )
        for document in (credit, invoice, *invoice.sudo().work_order_ids):
            document._message_log(body=" ".join(sentences))
        for document in credit.browse().union(*(document for document, __ in undone)):
            own = [item for item in undone if item[0] == document]
            document._message_log(body=" ".join(self._describe_undone(credit, own)))

    def _describe(self, credit):
        """One sentence: what was credited, why, and whether it is billed again."""
        values = {
            "credit": credit._get_service_label(),
            "invoice": credit.reversed_entry_id._get_service_label(),
            "net": credit.currency_id.format(credit.service_amount_untaxed),
            "total": credit.currency_id.format(credit.service_amount_total),
            "reason": credit.service_credit_reason or "–",
        }
        if credit._is_prepayment_document():
            return credit.env._(
                "Credit memo %(credit)s takes back %(total)s of the prepayment "
                "%(invoice)s: %(reason)s.",
                **values,
            )
        if credit.service_credit_effect == "free":
            return credit.env._(
                "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
                "%(invoice)s, which is to be billed again: %(reason)s.",
                **values,
            )
        freed = credit.sudo().service_freed_release_ids
        if freed and freed.partner_id == credit.partner_id:
            return credit.env._(
                "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
                "%(invoice)s, which is billed at other amounts: %(reason)s.",
                **values,
            )
        if not credit.service_credit_effect:
            return credit.env._(
                "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
                "%(invoice)s, which another payer bears: %(reason)s.",
                **values,
            )
        return credit.env._(
            "Credit memo %(credit)s takes back %(net)s before tax (%(total)s) of "
            "%(invoice)s, which is closed and billed to nobody: %(reason)s.",
            **values,
        )

    def _describe_undone(self, credit, undone):
        """A sentence per adjustment that was undone for this credit memo."""
        return [
            credit.env._(
                "The adjustment of %(invoice)s by %(amount)s from %(document)s was "
                "undone for it.",
                invoice=credit.reversed_entry_id._get_service_label(),
                amount=credit.currency_id.format(amount),
                document=document.display_name,
            )
            for document, amount in undone
        ]

    # -- what they free --------------------------------------------------------

    def _update_releases(self, releases):
        """Bring releases in line with their invoices and what was credited of them.

        :param releases: ``service.release``, as superuser
        """
        invoices = releases.move_id
        # a release that is billed after all needs its copy out of the way
        self._take_back_freed(invoices)
        releases._follow_invoice()
        self._release_freed(invoices)

    def _take_back_freed(self, invoices):
        """Cancel what was released for credit memos of these invoices that are not
        authorized any more; a moved share waits for its credit memo's authorization."""
        for credit in invoices.reversal_move_ids:
            releases = credit.service_freed_release_ids
            waits = credit._moves_share() and not credit._is_service_deleted()
            if releases and credit.state != "posted" and not waits:
                releases._cancel_unbilled(
                    credit.env._("Credit memo %s was taken back", credit.display_name)
                )
                # authorized anew, it frees anew
                releases.credit_move_id = False

    def _release_freed(self, invoices):
        """Release again what authorized credit memos of these invoices free."""
        for credit in invoices.reversal_move_ids:
            if credit.state == "posted" and credit.service_credit_effect == "free":
                # what somebody has cancelled since stays cancelled
                known = credit.service_freed_release_ids.origin_id
                for release in credit.reversed_entry_id.service_release_ids - known:
                    release._release_credited_lines(credit)

    def _get_own_credits(self, invoice):
        """Authorized credit memos of an invoice by which nothing was moved to another
        payer, oldest first."""
        credits = invoice.sudo().reversal_move_ids
        return credits.filtered(
            lambda move: move.state == "posted" and not move._moves_share()
        ).sorted("id")

    def _get_credited_releases(self, credits):
        """Releases of which these credit memos take something back."""
        lines = credits.sudo().invoice_line_ids
        typed = lines.filtered(
            lambda line: line.display_type == "product"
            and not line.service_credited_line_id
        )
        return (
            lines.service_credited_line_id.service_release_id
            | typed.move_id.reversed_entry_id.service_release_ids
        )
