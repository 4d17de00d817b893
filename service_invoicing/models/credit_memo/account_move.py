from functools import partial

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import expects, parse_amounts, parse_day, parse_flag, parse_text
from ...tools.choices import TEXT_LINES
from ...tools.groups import AUTHORIZER, BILLING
from ...tools.guards import (
    get_context_defaults,
    raise_together,
    refuse_protected,
    refuse_without_group,
)
from ...tools.locks import claim_rows


class AccountMove(models.Model):
    """The button “Credit Memo”."""

    _inherit = "account.move"

    @expects(reason=parse_text, date=parse_day, line_ids=parse_amounts, free=parse_flag)
    def action_service_credit(self, reason=None, date=None, line_ids=None, free=None):
        """Credit authorized invoices, whole or in part.

        A billing clerk prepares the credit memo; who may authorize also authorizes
        it. Adjustments that are in its way are undone, newest first; receipts stay
        matched, and what the payer has paid too much stays open as his credit. Several
        invoices are credited whole; one that fails stops no other.

        :param str reason: printed on the credit memo and kept in all histories;
            without it the dialog that asks for everything is returned
        :param date: of the credit memo; today by default
        :param list line_ids: ids of invoice lines, or pairs of such an id and an
            amount before tax in the invoice's currency, with the sign of the line; by
            default all that has not been credited yet
        :param bool free: what is credited is billed again (default for a whole
            credit) or closed, that is, billed to nobody (default for lines)
        :return: action that opens the credit memos
        :raise UserError: naming what cannot be credited
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        if not reason:
            raise_together([e for move in self for e in move._get_uncreditable()])
            return self.env["service.credit.wizard"]._open(self)
        date = date or fields.Date.context_today(self)
        WorkOrder = self.env["service.work.order"]
        if len(self) == 1:
            credit = self._credit_service_invoice(reason, date, line_ids, free)
            return WorkOrder._open_invoices(credit)
        if line_ids is not None:
            raise UserError(
                self.env._("Lines can be chosen of one invoice only, not of several.")
            )
        return WorkOrder._bill_each(
            [
                (move, partial(move._credit_service_invoice, reason, date, None, free))
                for move in self
            ],
            title=self.env._("Not everything was credited"),
        )

    def _credit_service_invoice(self, reason, date, line_ids, free):
        """Credit memo of one invoice, authorized if this user may do that."""
        self.ensure_one()
        self._lock_for_credit()
        raise_together(self._get_uncreditable())
        periods = self.env["service.closed.period"]
        open_date = periods._get_open_credit_date(self, date)
        if line_ids is None:
            amounts = self._get_creditable_amounts()
        else:
            amounts = self._choose_credit_amounts(line_ids)
        if free is None:
            free = line_ids is None
        effect = "free" if free else "closed"
        credit = self._create_service_credit(
            amounts, reason, open_date, service_credit_effect=effect
        )
        periods._log_other_credit_date(credit, date)
        credit._authorize_if_allowed()
        if credit.state == "draft":
            self._log_prepared_credit(credit)
        return credit

    def _log_prepared_credit(self, credit):
        self._message_log(
            body=self.env._(
                "Credit memo %(credit)s was prepared and waits for its authorization: "
                "%(reason)s",
                credit=credit._get_service_label(),
                reason=credit.service_credit_reason,
            )
        )

    def _get_creditable_statuses(self):
        """Billing statuses in which an invoice can be credited."""
        return ("authorized", "partially_adjusted", "adjusted")

    def _get_uncreditable(self):
        """Why this document cannot be credited: what is found first.

        :return: list of translated sentences
        """
        self.ensure_one()
        for name in self._get_uncreditable_checks():
            if errors := getattr(self, name)():
                return errors
        return []

    def _get_uncreditable_checks(self):
        """Names of the methods that find why a document cannot be credited, each a
        list of translated sentences."""
        return ["_get_credit_status_errors", "_get_used_up_errors"]

    def _get_credit_status_errors(self):
        """No invoice, not authorized, or credited already."""
        label = self._get_service_label()
        if not self.service_has_life_cycle or self.move_type != "out_invoice":
            return [
                self.env._(
                    "%s is no invoice of service billing: only these are "
                    "credited here.",
                    label,
                )
            ]
        if self.service_status == "reversed":
            return [self.env._("%s has been credited already.", label)]
        if self.service_status not in self._get_creditable_statuses():
            return [
                self.env._(
                    "%s is not authorized: nothing can be credited. Change, return or "
                    "delete it instead.",
                    label,
                )
            ]
        if not self._get_creditable_amounts():
            pending = self.reversal_move_ids.filtered(lambda m: m.state == "draft")
            return [
                self.env._(
                    "%(number)s: nothing is left to be credited. Credit memos that "
                    "wait for their authorization: %(credits)s.",
                    number=label,
                    credits=", ".join(m._get_service_label() for m in pending) or "–",
                )
            ]
        return []

    def _get_creditable_amounts(self):
        """What no credit memo takes back yet, drafts of them included.

        :return: dict invoice line id → amount before tax in the document's currency;
            empty when nothing is left
        """
        self.ensure_one()
        lines = self._get_billed_lines()
        credited = lines._get_credited_amounts()
        is_begun = bool(self.reversal_move_ids.filtered(lambda m: m.state != "cancel"))
        amounts = {}
        for line in lines:
            left = self.currency_id.round(line.price_subtotal - credited[line])
            # what costs nothing is on the credit memo of the whole invoice alone
            if left or not is_begun:
                amounts[line.id] = left
        return amounts

    def _choose_credit_amounts(self, line_ids):
        """The amounts to credit that were asked for.

        Lines by which the customer pays the tax of an insurer's share are credited
        with all the rest only.

        :param list line_ids: see ``action_service_credit``
        :raise UserError: all that is wrong with the lines and amounts
        """
        self.ensure_one()
        left = self._get_creditable_amounts()
        pairs = {
            line.id for line in self.invoice_line_ids.filtered("service_tax_claim_id")
        }
        chosen, errors = {}, []
        for key, amount in line_ids:
            most = 0.0 if key in pairs or key in chosen else left.get(key, 0.0)
            error = self._get_credit_amount_error(key, most, amount)
            if error:
                errors.append(error)
            else:
                amount = most if amount is None else amount
                chosen[key] = self.currency_id.round(amount)
        total = sum(chosen.values())
        if not errors and self.currency_id.compare_amounts(total, 0.0) <= 0:
            errors.append(
                self.env._(
                    "%s: choose lines and amounts that are more than zero together.",
                    self._get_service_label(),
                )
            )
        raise_together(errors)
        rest = {k: amount for k, amount in left.items() if amount and k not in pairs}
        return left if chosen == rest else chosen

    def _get_credit_amount_error(self, key, most, amount):
        """Why an amount of a line cannot be credited, ``None`` when it can.

        :param float most: what is left of the line
        :param amount: what is asked for, ``None`` for all
        """
        if most:
            if amount is None:
                return None
            amount = self.currency_id.round(amount)
            if amount and 0 < amount / most <= 1:
                return None
        line = self.invoice_line_ids.filtered(lambda line: line.id == key)
        return self.env._(
            "%(number)s, “%(line)s”: %(amount)s cannot be credited; what can be "
            "credited is %(open)s.",
            number=self._get_service_label(),
            line=line.name or self.env._("line %s", key),
            amount=self.currency_id.format(amount or 0.0),
            open=self.currency_id.format(most),
        )

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
        for name in self._get_service_reversal_checks():
            getattr(self, name)()
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
            refunds[move]._link_service_reversal()
        if cancel:
            for move in typed:
                refunds[move]._post_service_reversal(move)
        return self.browse().concat(*(refunds[move] for move in self))

    def _get_service_reversal_checks(self):
        """Names of what keeps documents from being reversed, in this order."""
        return ["_check_adjustment_entries_kept"]

    def _link_service_reversal(self):
        """A credit memo belongs to the work orders of the invoice it credits."""
        self.ensure_one()
        invoice = self.sudo().reversed_entry_id
        self.sudo().write(
            {"work_order_ids": invoice.work_order_ids.ids}
            | self._get_reversal_answers()
        )

    def _get_reversal_answers(self):
        """What was answered in core's dialog, by field of the credit memo."""
        answers = self.env.context.get("service_reversal_answers") or {}
        names = ("service_credit_effect", "service_credit_reason")
        return {name: answers[name] for name in names if answers.get(name)}

    def _post_service_reversal(self, invoice):
        # taxes on payment are made for what was received, and for nothing else
        is_clean = not invoice._has_matched_money()
        self.with_context(move_reverse_cancel=is_clean)._post(soft=False)

    def _authorize_if_allowed(self):
        """Authorize what this user may authorize; the rest waits for somebody else."""
        authorization = self.env["service.authorization"]
        if self.env.user.has_group(AUTHORIZER) and not any(
            authorization._get_errors(move) for move in self
        ):
            self.env["service.life.cycle"]._authorize(self)

    # The one way to make a credit memo of an invoice or of parts of it.

    def _lock_for_credit(self):
        """Let nobody else credit these invoices before this transaction ends.

        As with the billing of work orders the rows are changed, so that who did not
        see our credit memo fails and starts again.

        :raise UserError: naming what somebody else is crediting now
        """
        if self.sudo().work_order_ids:
            self.sudo().work_order_ids._lock_for_billing()
        for move in self - self.try_lock_for_update():
            raise UserError(
                self.env._(
                    "%s is being changed by somebody else right now. Look at it again "
                    "in a moment.",
                    move._get_service_label(),
                )
            )
        claim_rows(self)

    def _create_service_credit(self, amounts, reason, date, **values):
        """Credit memo of parts of this invoice, saved for authorization.

        :param dict amounts: invoice line id → amount to credit, before tax
        :param values: what differs from ``_prepare_service_credit_vals``
        """
        self.ensure_one()
        move = self.with_context(lang=self.partner_id.lang or self.env.lang)
        vals = move._prepare_service_credit_vals(amounts, reason, date) | values
        # protected links: see the creation of invoices by the work order
        credit = self.with_company(self.company_id).sudo().create(vals)
        Memo = self.env["service.credit.memo"]
        Memo._use_receivable_of(credit, self)
        Memo._take_rest_of_invoice(credit)
        credit = credit.sudo(self.env.su)
        credit.action_service_save()
        return credit

    def _prepare_service_credit_vals(self, amounts, reason, date):
        """Values of the credit memo: in storno companies core's own reversal would mix
        signs, hence a document of its own with positive lines.

        :param dict amounts: invoice line id → amount to credit, before tax
        """
        self.ensure_one()
        is_whole = self._is_whole_credit(amounts)
        borne = self.env["service.credit.memo"]._get_borne_taxes(self)
        lines = self.invoice_line_ids.filtered(
            lambda line: line.id in amounts
            or (is_whole and line.display_type in TEXT_LINES)
        )
        return {
            "move_type": "out_refund",
            "reversed_entry_id": self.id,
            "service_invoice_type": self.service_invoice_type,
            "service_credit_reason": reason,
            "work_order_ids": [Command.set(self.work_order_ids.ids)],
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "currency_id": self.currency_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            "invoice_payment_term_id": self._get_credit_payment_term().id,
            "invoice_cash_rounding_id": is_whole and self.invoice_cash_rounding_id.id,
            "invoice_date": date,
            "invoice_origin": self.invoice_origin,
            "invoice_user_id": self.invoice_user_id.id,
            # the customer's own; the payer's system looks for it
            "ref": self.ref,
            "invoice_line_ids": [
                Command.create(
                    line._prepare_service_credit_line_with_taxes(
                        amounts.get(line.id, 0.0), borne
                    )
                )
                for line in lines
            ],
        }

    def _get_credit_payment_term(self):
        """Terms of the credit memo: none, as in core, unless they change the taxes."""
        term = self.invoice_payment_term_id
        is_mixed = term.early_pay_discount_computation == "mixed"
        return term if is_mixed else term.browse()

    def _is_whole_credit(self, amounts):
        """Whether ``amounts`` are the whole invoice, line for line."""
        self.ensure_one()
        return all(
            line.id in amounts
            and not self.currency_id.compare_amounts(
                amounts[line.id], line.price_subtotal
            )
            for line in self._get_billed_lines()
        )

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
        if not invoice._get_rounding_lines():
            return super()._recompute_cash_rounding_lines()
        Memo = self.env["service.credit.memo"]
        others = invoice._get_live_credits() - self
        is_last = Memo._finishes(self, invoice, others)
        if self.invoice_cash_rounding_id and not is_last:
            # somebody wants this part rounded by itself
            return super()._recompute_cash_rounding_lines()
        Memo._take_rounding(self, invoice, others, is_last)
