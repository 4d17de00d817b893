from odoo import Command, models
from odoo.exceptions import UserError

from ...tools.choices import TEXT_LINES
from ...tools.groups import AUTHORIZER
from ...tools.guards import raise_together
from ...tools.locks import claim_rows

# billing statuses in which an invoice can be credited
CREDITABLE = ("authorized", "partially_adjusted", "adjusted")


class ServiceCrediting(models.AbstractModel):
    """An invoice is credited, whole or in part: whether it can be, what is left of it,
    and the one way to make a credit memo of it."""

    _name = "service.crediting"
    _description = "Crediting of Invoices"

    def _credit(self, move, reason, date, line_ids, free):
        """Credit memo of one invoice, authorized if this user may do that.

        :param list line_ids: see ``account.move.action_service_credit``, as are the
            other arguments
        """
        move.ensure_one()
        self._lock(move)
        raise_together(self._get_errors(move))
        if line_ids is None:
            amounts = self._get_amounts(move)
        else:
            amounts = self._choose_amounts(move, line_ids)
        if free is None:
            free = line_ids is None
        effect = "free" if free else "closed"
        credit = self._create(move, amounts, reason, date, service_credit_effect=effect)
        self._authorize_if_allowed(credit)
        if credit.state == "draft":
            move._message_log(
                body=move.env._(
                    "Credit memo %(credit)s was prepared and waits for its "
                    "authorization: %(reason)s",
                    credit=credit._get_service_label(),
                    reason=reason,
                )
            )
        return credit

    # -- whether it can be credited --------------------------------------------

    def _get_errors(self, move):
        """Why a document cannot be credited: what is found first.

        :return: list of translated sentences
        """
        move.ensure_one()
        errors = self._get_status_errors(move)
        for name in self._get_document_checks():
            errors = errors or getattr(move, name)()
        return errors

    def _get_document_checks(self):
        """Names of the document's methods that find why it cannot be credited although
        its status allows it, each a list of translated sentences."""
        return ["_get_used_up_errors"]

    def _get_status_errors(self, move):
        """No invoice, not authorized, or credited already."""
        label = move._get_service_label()
        if not move.service_has_life_cycle or move.move_type != "out_invoice":
            return [
                move.env._(
                    "%s is no invoice of service billing: only these are "
                    "credited here.",
                    label,
                )
            ]
        if move.service_status == "reversed":
            return [move.env._("%s has been credited already.", label)]
        if move.service_status not in CREDITABLE:
            return [
                move.env._(
                    "%s is not authorized: nothing can be credited. Change, return or "
                    "delete it instead.",
                    label,
                )
            ]
        if not self._get_amounts(move):
            pending = move.reversal_move_ids.filtered(lambda m: m.state == "draft")
            return [
                move.env._(
                    "%(number)s: nothing is left to be credited. Credit memos that "
                    "wait for their authorization: %(credits)s.",
                    number=label,
                    credits=", ".join(m._get_service_label() for m in pending) or "–",
                )
            ]
        return []

    def _lock(self, moves):
        """Let nobody else credit these invoices before this transaction ends.

        As with the billing of work orders the rows are changed, so that who did not
        see our credit memo fails and starts again.

        :raise UserError: naming what somebody else is crediting now
        """
        moves.sudo().work_order_ids._lock_for_billing()
        for move in moves - moves.try_lock_for_update():
            raise UserError(
                move.env._(
                    "%s is being changed by somebody else right now. Look at it again "
                    "in a moment.",
                    move._get_service_label(),
                )
            )
        claim_rows(moves)

    # -- what is credited ------------------------------------------------------

    def _get_amounts(self, move):
        """What no credit memo takes back yet, drafts of them included.

        :return: dict invoice line id → amount before tax in the document's currency;
            empty when nothing is left
        """
        move.ensure_one()
        lines = move._get_billed_lines()
        credited = lines._get_credited_amounts()
        is_begun = bool(move._get_live_credits())
        amounts = {}
        for line in lines:
            left = move.currency_id.round(line.price_subtotal - credited[line])
            # what costs nothing is on the credit memo of the whole invoice alone
            if left or not is_begun:
                amounts[line.id] = left
        return amounts

    def _choose_amounts(self, move, line_ids):
        """The amounts to credit that were asked for.

        Lines by which the customer pays the tax of an insurer's share are credited
        with all the rest only.

        :raise UserError: all that is wrong with the lines and amounts
        """
        move.ensure_one()
        left = self._get_amounts(move)
        pairs = {
            line.id for line in move.invoice_line_ids.filtered("service_tax_claim_id")
        }
        chosen, errors = {}, []
        for key, amount in line_ids:
            most = 0.0 if key in pairs or key in chosen else left.get(key, 0.0)
            error = self._get_amount_error(move, key, most, amount)
            if error:
                errors.append(error)
            else:
                amount = most if amount is None else amount
                chosen[key] = move.currency_id.round(amount)
        total = sum(chosen.values())
        if not errors and move.currency_id.compare_amounts(total, 0.0) <= 0:
            errors.append(
                move.env._(
                    "%s: choose lines and amounts that are more than zero together.",
                    move._get_service_label(),
                )
            )
        raise_together(errors)
        rest = {k: amount for k, amount in left.items() if amount and k not in pairs}
        return left if chosen == rest else chosen

    def _get_amount_error(self, move, key, most, amount):
        """Why an amount of a line cannot be credited, ``None`` when it can.

        :param float most: what is left of the line
        :param amount: what is asked for, ``None`` for all
        """
        if most:
            if amount is None:
                return None
            amount = move.currency_id.round(amount)
            if amount and 0 < amount / most <= 1:
                return None
        line = move.invoice_line_ids.filtered(lambda line: line.id == key)
        return move.env._(
            "%(number)s, “%(line)s”: %(amount)s cannot be credited; what can be "
            "credited is %(open)s.",
            number=move._get_service_label(),
            line=line.name or move.env._("line %s", key),
            amount=move.currency_id.format(amount or 0.0),
            open=move.currency_id.format(most),
        )

    # -- the credit memo -------------------------------------------------------

    def _create_of_parts(self, move, parts, reason, date, freed=None):
        """Credit memo of what is released to somebody else, or anew.

        :param dict parts: invoice line id → ``SharePart``
        :param dict freed: id of a line that deducts a prepayment → amount before tax
        """
        amounts = {key: part.amount for key, part in parts.items()} | (freed or {})
        self.env["service.credit.memo"]._check_left(move, amounts)
        return self._create(move, amounts, reason, date)

    def _create(self, move, amounts, reason, date, **values):
        """Credit memo of parts of an invoice, saved for authorization.

        :param dict amounts: invoice line id → amount to credit, before tax
        :param date: wanted; in a closed period the company's choice holds
        :param values: what differs from ``_prepare_vals``
        """
        move.ensure_one()
        periods = self.env["service.closed.period"]
        open_date = periods._choose_credit_date(move, date)
        speaking = move.with_context(lang=move.partner_id.lang or move.env.lang)
        vals = self._prepare_vals(speaking, amounts, reason, open_date) | values
        # protected links: see the creation of invoices by the work order
        credit = move.with_company(move.company_id).sudo().create(vals)
        Memo = self.env["service.credit.memo"]
        Memo._use_receivable_of(credit, move)
        Memo._take_remaining_of_invoice(credit)
        credit = credit.sudo(move.env.su)
        credit.action_service_save()
        periods._log_other_credit_date(credit, date)
        return credit

    def _prepare_vals(self, move, amounts, reason, date):
        """Values of the credit memo: in storno companies core's own reversal would mix
        signs, hence a document of its own with positive lines.

        :param move: the invoice, in the language of its payer
        :param dict amounts: invoice line id → amount to credit, before tax
        """
        is_whole = self._is_whole(move, amounts)
        Memo = self.env["service.credit.memo"]
        borne = Memo._get_borne_taxes(move)
        lines = move.invoice_line_ids.filtered(
            lambda line: line.id in amounts
            or (is_whole and line.display_type in TEXT_LINES)
        )
        return {
            "move_type": "out_refund",
            "reversed_entry_id": move.id,
            "service_invoice_type": move.service_invoice_type,
            "service_credit_reason": reason,
            "work_order_ids": [Command.set(move.work_order_ids.ids)],
            "company_id": move.company_id.id,
            "journal_id": move.journal_id.id,
            "partner_id": move.partner_id.id,
            "partner_shipping_id": move.partner_shipping_id.id,
            "currency_id": move.currency_id.id,
            "fiscal_position_id": move.fiscal_position_id.id,
            "invoice_payment_term_id": Memo._get_payment_term(move).id,
            "invoice_cash_rounding_id": is_whole and move.invoice_cash_rounding_id.id,
            "invoice_date": date,
            "invoice_origin": move.invoice_origin,
            "invoice_user_id": move.invoice_user_id.id,
            # the customer's own; the payer's system looks for it
            "ref": move.ref,
            "invoice_line_ids": [
                Command.create(
                    line._prepare_service_credit_line_with_taxes(
                        amounts.get(line.id, 0.0), borne
                    )
                )
                for line in lines
            ],
        }

    def _is_whole(self, move, amounts):
        """Whether ``amounts`` are the whole invoice, line for line."""
        return all(
            line.id in amounts
            and not move.currency_id.compare_amounts(
                amounts[line.id], line.price_subtotal
            )
            for line in move._get_billed_lines()
        )

    def _authorize_if_allowed(self, credit):
        """Authorize what this user may authorize; else it waits for somebody else."""
        may_authorize = credit.env.user.has_group(AUTHORIZER)
        if may_authorize and not self.env["service.authorization"]._get_errors(credit):
            self.env["service.life.cycle"]._authorize(credit)

    # -- core's own reversal ---------------------------------------------------

    def _link_reversal(self, credit):
        """A credit memo belongs to the work orders of the invoice it credits, and says
        what was answered in core's dialog."""
        credit = credit.sudo()
        answers = credit.env.context.get("service_reversal_answers") or {}
        names = ("service_credit_effect", "service_credit_reason")
        credit.write(
            {"work_order_ids": credit.reversed_entry_id.work_order_ids.ids}
            | {name: answers[name] for name in names if answers.get(name)}
        )
