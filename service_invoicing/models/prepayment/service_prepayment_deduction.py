from odoo import Command, models
from odoo.fields import Domain

from ...tools.advance import AdvancePart, take_gross
from ...tools.guards import raise_together

# deductions stand below everything else
LAST_SEQUENCE = 100_000


class ServicePrepaymentDeduction(models.AbstractModel):
    """What an invoice deducts of prepayments that bear tax, and the lines that do it:
    negative, with the same account and taxes.

    Drafts reserve nothing: what is there when the invoice is authorized counts.
    """

    _name = "service.prepayment.deduction"
    _description = "Deduction of Prepayments That Bear Tax"

    def _sync(self, moves):
        """Bring the deductions of drafts in line with what there is to deduct.

        Of several invoices the first one takes first. Saving twice changes nothing.
        """
        taken = {}
        candidates = self._find_prepayments(moves)
        for move in moves:
            plans = self._plan(move, candidates, taken)
            commands = self._prepare_commands(move, plans)
            commands += self._prepare_section_commands(move, [*plans][:1])
            if commands:
                # not the change of a person: sudo() leaves “saved by” alone
                move.sudo().write({"invoice_line_ids": commands})

    def _deduct(self, move, prepayment, gross=None):
        """Deduct a prepayment on a draft by hand, also a direct one.

        It stays at every Save, as far as it is still open then.

        :param float gross: no more than this, with tax; by default what there is
        :raise UserError: when it cannot be deducted
        """
        error = self._get_error(move, prepayment)
        raise_together([error] if error else [])
        old = move._get_deduction_lines().filtered(
            lambda line: line.service_prepayment_id == prepayment
        )
        left = self._get_total_to_deduct_from(move) - move._get_deducted_amount()
        left -= sum(old.mapped("price_total"))
        limits = [left, self.env["service.prepayment"]._get_adjustable(prepayment)]
        limits += [] if gross is None else [gross]
        parts = take_gross(
            self._get_open_advance_parts(prepayment),
            move.currency_id.round(min(limits)),
            move.currency_id,
        )
        commands = [Command.unlink(line.id) for line in old]
        commands += self._prepare_line_commands(move, prepayment, parts, True)
        commands += self._prepare_section_commands(move, [prepayment])
        move.sudo().write({"invoice_line_ids": commands})

    def _plan(self, move, candidates, taken):
        """What this invoice deducts: first what was chosen by hand, then the oldest.

        :param candidates: see ``_find_prepayments``
        :param dict taken: prepayment → gross amount that invoices before this one
            take; is added to
        :return: dict prepayment → (dict (account, taxes) → ``AdvancePart``, by hand)
        """
        move.ensure_one()
        left = self._get_total_to_deduct_from(move)
        plans = {}
        for prepayment, limit in self._get_wanted(move, candidates).items():
            open_amount = self.env["service.prepayment"]._get_adjustable(prepayment)
            limits = [left, open_amount - taken.get(prepayment, 0.0)]
            limits += [] if limit is None else [limit]
            gross = move.currency_id.round(min(limits))
            if move.currency_id.compare_amounts(gross, 0.0) > 0:
                parts = take_gross(
                    self._get_open_advance_parts(prepayment), gross, move.currency_id
                )
                gross = sum(part.gross for part in parts.values())
                left -= gross
                taken[prepayment] = taken.get(prepayment, 0.0) + gross
                plans[prepayment] = (parts, limit is not None)
        return plans

    def _get_total_to_deduct_from(self, move):
        """What this document comes to without any deduction; its cash is rounded
        afterwards."""
        move.ensure_one()
        rounding = move.line_ids.filtered(lambda line: line.display_type == "rounding")
        total = move.amount_total + move._get_deducted_amount()
        total -= move.direction_sign * sum(rounding.mapped("amount_currency"))
        return move.currency_id.round(total)

    def _get_wanted(self, move, candidates):
        """Prepayments to deduct on this draft.

        :param candidates: see ``_find_prepayments``
        :return: dict prepayment → most of it by hand, ``None`` for what there is
        """
        move.ensure_one()
        wanted = {}
        for line in move._get_deduction_lines().filtered("service_deduction_manual"):
            prepayment = line.service_prepayment_id
            if self._get_error(move, prepayment):
                continue
            wanted[prepayment] = wanted.get(prepayment, 0.0) - line.price_total
        orders = move.sudo().work_order_ids
        for prepayment in candidates if move.service_auto_adjust else ():
            own = self._get_prepaid_orders(prepayment)
            if not own or own - orders:
                continue
            if not self._get_error(move, prepayment):
                wanted.setdefault(prepayment, None)
        return wanted

    def _find_prepayments(self, moves):
        """Prepayments that Save may deduct on one of these invoices, the oldest first;
        they are looked up for all at once."""
        moves = moves.filtered(lambda m: m.service_auto_adjust and m.work_order_ids)
        if not moves:
            return moves
        orders = moves.sudo().work_order_ids
        return moves.search(
            self._get_prepayments_domain(moves)
            & (
                Domain("work_order_ids", "in", orders.ids)
                | Domain("invoice_line_ids.service_work_order_id", "in", orders.ids)
            ),
            order="date, id",
        )

    def _find_by_hand(self, move):
        """Prepayments that can be deducted on this draft by hand, the oldest first."""
        if not move:
            return move
        domain = self._get_prepayments_domain(move)
        prepayments = move.search(domain, order="date, id")
        return prepayments.filtered(
            lambda prepayment: not self._get_error(move, prepayment)
        )

    def _get_prepayments_domain(self, moves):
        """Prepayments one of these invoices may deduct, of any order or of none.

        :return: ``Domain``; the final word has ``_get_error``
        """
        return Domain(
            [
                ("service_prepayment_mode", "=", "deduction"),
                ("service_prepayment_open", ">", 0),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "!=", "blocked"),
                ("company_id", "in", moves.company_id.ids),
                ("currency_id", "in", moves.currency_id.ids),
                ("commercial_partner_id", "in", moves.commercial_partner_id.ids),
            ]
        )

    def _get_error(self, move, prepayment):
        """Why this invoice cannot deduct a prepayment, ``None`` when it can."""
        move.ensure_one()
        orders = prepayment.sudo().work_order_ids
        if not prepayment.filtered_domain(self._get_prepayments_domain(move)):
            reason = move.env._(
                "it is no received prepayment of %(payer)s in %(currency)s that is "
                "deducted with its tax and still open.",
                payer=move.partner_id.display_name,
                currency=move.currency_id.name,
            )
        elif not orders <= move.sudo().work_order_ids:
            reason = move.env._("it was made for %s.", ", ".join(orders.mapped("name")))
        elif (
            prepayment._get_receivable_lines().account_id
            != move._get_receivable_lines().account_id
        ):
            reason = move.env._("it is on another receivable account.")
        else:
            return None
        return move.env._(
            "%(invoice)s cannot deduct %(prepayment)s: %(reason)s",
            invoice=move._get_service_label(),
            prepayment=prepayment._get_service_label(),
            reason=reason,
        )

    def _get_prepaid_orders(self, prepayment):
        """Work orders this prepayment was made for: of a direct one those that its
        lines name, where each line does."""
        prepayment.ensure_one()
        move = prepayment.sudo()
        lines = move._get_prepayment_lines()
        if all(line.service_work_order_id for line in lines):
            return move.work_order_ids or lines.service_work_order_id
        return move.work_order_ids

    def _get_open_advance_parts(self, prepayment):
        """What no invoice and no credit memo has taken of this prepayment.

        :return: dict (account, taxes) → ``AdvancePart``
        """
        prepayment.ensure_one()
        move = prepayment.sudo()
        Prepayment = self.env["service.prepayment"]
        deductions = Prepayment._get_deductions(prepayment)
        sources = [(move, move._get_prepayment_lines(), 1)]
        sources += [
            (credit, credit._get_prepayment_lines(), -1)
            for credit in Prepayment._get_credits(move)
        ]
        # the lines of invoices are negative, those of credit memos give back
        sources += [
            (document, lines, -1 if document.move_type == "out_refund" else 1)
            for document, lines in deductions.grouped("move_id").items()
        ]
        parts = {}
        for document, lines, sign in sources:
            self._add_advance_parts(document, parts, lines, sign)
        return parts

    def _add_advance_parts(self, document, parts, lines, sign):
        """Add lines of this document to the parts of an advance."""
        document.ensure_one()
        for base_line in document._get_rounded_base_and_tax_lines()[0]:
            line = base_line["record"]
            if line in lines:
                key = (line.account_id, line.tax_ids)
                part = parts.setdefault(key, AdvancePart())
                part.add_details(base_line["tax_details"], sign)

    def _prepare_commands(self, move, plans):
        """Commands that make the deductions what they should be; those of a
        prepayment that has not changed are left alone.

        :param dict plans: see ``_plan``
        :return: list of ``Command``, empty when nothing changes
        """
        move.ensure_one()
        commands = []
        found = move._get_deduction_lines().grouped("service_prepayment_id")
        for prepayment in [p for p in found if p not in plans]:
            commands += [Command.unlink(line.id) for line in found[prepayment]]
        for prepayment, (parts, is_manual) in plans.items():
            lines = found.get(prepayment, move.env["account.move.line"])
            if lines and lines._have_parts(parts):
                continue
            commands += [Command.unlink(line.id) for line in lines]
            commands += self._prepare_line_commands(move, prepayment, parts, is_manual)
        return commands

    def _prepare_line_commands(self, move, prepayment, parts, is_manual):
        """Commands of the lines that deduct one prepayment."""
        name = self._describe(move, prepayment)
        return [
            Command.create(
                self._prepare_line_vals(move, prepayment, account, taxes, part)
                | {
                    "name": name,
                    "sequence": LAST_SEQUENCE,
                    "service_deduction_manual": is_manual,
                }
            )
            for (account, taxes), part in parts.items()
        ]

    def _prepare_section_commands(self, move, prepayments):
        """Commands that keep one section above the deductions, or none without any.

        :param list prepayments: the first one deducted, which marks the section
        """
        sections = move.invoice_line_ids.filtered(
            lambda line: line.service_prepayment_id and line.display_type != "product"
        )
        if not prepayments:
            return [Command.unlink(line.id) for line in sections]
        if sections:
            return []
        env = move.with_context(lang=move.partner_id.lang or move.env.lang).env
        return [
            Command.create(
                {
                    "display_type": "line_section",
                    "name": env._("Prepayments"),
                    "sequence": LAST_SEQUENCE - 1,
                    "service_prepayment_id": prepayments[0].id,
                }
            )
        ]

    def _prepare_line_vals(self, move, prepayment, account, taxes, part):
        """Values of one deduction: the quantity is negative, as in core's deductions
        of down payments, because electronic invoices know no negative price.

        :param AdvancePart part: what is deducted of this account and these taxes
        """
        price = taxes._get_price_for_net(part.net, move.currency_id)
        return {
            "service_prepayment_id": prepayment.id,
            "quantity": -1.0,
            "price_unit": move.currency_id.round(price),
            "discount": 0.0,
            "account_id": account.id,
            "tax_ids": [Command.set(taxes.ids)],
            "analytic_distribution": False,
            "extra_tax_data": self._prepare_taxes(move, price, part),
        }

    def _prepare_taxes(self, move, price, part):
        """Core's ``extra_tax_data``: exactly the tax that the prepayment bore, so that
        the other lines bear that of the whole service."""
        return {
            "currency_id": move.currency_id.id,
            "price_unit": move.currency_id.round(price),
            "discount": 0.0,
            "quantity": -1.0,
            "rate": move.invoice_currency_rate,
            "manual_total_excluded_currency": -part.net,
            "manual_tax_amounts": {
                str(tax.id): {
                    "base_amount_currency": -base,
                    "tax_amount_currency": -amount,
                }
                for tax, (base, amount) in part.taxes.items()
            },
        }

    def _get_amount_errors(self, move, gross):
        """Why this cannot be deducted, ``None`` being what there is."""
        if gross is None or gross > 0:
            return []
        return [
            move.env._(
                "%(number)s: the amount to deduct has to be positive, not %(amount)s.",
                number=move._get_service_label(),
                amount=gross,
            )
        ]

    def _describe(self, move, prepayment):
        """What a deduction says, in the payer's language."""
        env = move.with_context(lang=move.partner_id.lang or move.env.lang).env
        return env._("Less prepayment %s", prepayment.name)

    # -- what posting and crediting do to deductions -------------------------------

    def _take(self, moves):
        """Deduct what there is now, and let nobody else take it meanwhile."""
        invoices = moves.filtered(lambda move: move._is_adjustable())
        prepayments = invoices._get_deduction_lines().service_prepayment_id
        prepayments |= self._find_prepayments(invoices)
        if prepayments:
            self.env["service.crediting"]._lock(prepayments)
            prepayments.invalidate_recordset()
        invoices._sync_service_deductions()

    def _free(self, credits):
        """Unmatch the deductions that these credit memos take back.

        :return: lines of the credited invoices, which are matched again with what is
            left of them
        """
        Effect = self.env["service.credit.effect"]
        lines = credits._get_deduction_lines().service_credited_line_id
        for invoice, deductions in lines.grouped("move_id").items():
            partials = deductions.matched_credit_ids.filtered(
                lambda partial: partial._is_deduction()
            )
            memos = credits.filtered(lambda m, i=invoice: m.reversed_entry_id == i)
            reason = Effect._describe_undo(memos)
            Effect._undo_adjustments(invoice, partials, reason)
        return lines

    def _get_advance_lines(self, moves):
        """Lines of the liability of prepayments, whichever side of it."""
        return moves._get_prepayment_lines() | moves._get_deduction_lines()

    def _plan_matching(self, credit):
        """Items of this credit memo and of its invoice that are matched.

        :return: list of journal items that are matched with each other
        """
        invoice = credit.reversed_entry_id
        receivables = (credit | invoice)._get_receivable_lines()
        groups = list(receivables.grouped("account_id").values())
        for line in self._get_advance_lines(credit):
            # a line that was typed takes back what there is
            credited = line.service_credited_line_id
            credited = credited or self._get_advance_lines(invoice)
            groups.append(
                line | credited.filtered(lambda c, x=line: c.account_id == x.account_id)
            )
        groups = [lines.filtered(lambda line: not line.reconciled) for lines in groups]
        return [lines for lines in groups if len(lines) > 1]

    def _describe_kept(self, move):
        """Why a deduction is not undone by itself."""
        return self.env._(
            "%s: the prepayment is deducted on the invoice itself. Credit the invoice "
            "to free it.",
            move._get_service_label(),
        )
