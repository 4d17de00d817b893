from odoo import Command, models
from odoo.exceptions import UserError

from ...tools.choices import DIFFERENCES
from ...tools.guards import raise_together
from ...tools.shares import OpenShare, Payer


class ServiceCorrection(models.AbstractModel):
    """One payer's invoice is corrected without touching the others': by a new release
    and a new invoice in its place before it is authorized, by credit memo and new
    invoice after it."""

    _name = "service.correction"
    _description = "Correction of One Payer's Invoice"

    def _check(self, move):
        """:raise UserError: when this is no invoice of a work order's release, or
        nothing of it is left to be billed"""
        if (
            move.move_type != "out_invoice"
            or not move.sudo().service_order_release_ids
            or move.service_status in ("deleted", "reversed")
        ):
            raise UserError(
                self.env._(
                    "%s: only invoices of work orders that were not deleted or "
                    "credited can be corrected.",
                    move._get_service_label(),
                )
            )

    def _get_parts(self, move):
        """Lines that can be billed at another amount.

        :return: dict invoice line id → ``SharePart`` with what no credit memo has taken
        """
        move.ensure_one()
        parts = self.env["service.payer.change"]._get_parts(move)
        return {key: part for key, part in parts.items() if part.release_line}

    def _correct(self, move, amounts, difference, texts, reason, date):
        """Bill lines of an invoice at other amounts or with other texts.

        :param list amounts: pairs of invoice line id and amount before tax
        :param str difference: who bears it, one of ``DIFFERENCES``
        :param list texts: pairs of invoice line id and text
        :param date: of the credit memo, where one is needed
        :return: the new invoices
        :raise UserError: all that is wrong with the answers
        """
        corrected = self._choose_corrected_parts(move, amounts, difference, texts)
        if move.state == "posted":
            return self._correct_authorized(move, corrected, difference, reason, date)
        return self._correct_unauthorized(move, corrected, difference, reason)

    def _choose_corrected_parts(self, move, amounts, difference, texts):
        """The parts as they are billed from now on.

        :return: dict invoice line id → pair of ``SharePart``, before and after
        :raise UserError: all that is wrong with the answers
        """
        parts = self._get_parts(move)
        errors = self._get_difference_errors(move, difference)
        errors += self._get_paid_tax_errors(move, parts, amounts)
        corrected = {}
        for key, amount in amounts:
            part = parts.get(key)
            if not part:
                errors.append(
                    self.env._(
                        "%(number)s: line %(line)s cannot be corrected. Choose lines "
                        "of the work order.",
                        number=move._get_service_label(),
                        line=key,
                    )
                )
                continue
            amount = move.currency_id.round(amount or 0.0)
            errors += self._get_amount_errors(move, part, amount, difference)
            if move.currency_id.compare_amounts(amount, part.amount):
                after = self._correct_part(move, part, amount, difference)
                corrected[key] = part, after
        for key, text in texts:
            if key in parts and text.strip() not in ("", parts[key].name):
                before, after = corrected.get(key, (parts[key], parts[key]))
                corrected[key] = before, after._replace(name=text.strip())
        if not errors and not corrected:
            errors.append(
                self.env._(
                    "%s: no amount and no text was changed.", move._get_service_label()
                )
            )
        raise_together(errors)
        return corrected

    def _get_difference_errors(self, move, difference):
        """Whether somebody can bear the difference.

        :return: list of translated sentences
        """
        choices = dict(DIFFERENCES)
        if difference not in choices:
            return [
                self.env._(
                    "“%(key)s” is no choice for the difference. Choose one of "
                    "%(keys)s.",
                    key=difference,
                    keys=", ".join(choices),
                )
            ]
        customers = move.sudo().work_order_ids.partner_id
        if difference == "customer" and move.partner_id in customers:
            return [
                self.env._(
                    "%s is the customer's own invoice: the difference is the "
                    "workshop's, or nobody's.",
                    move._get_service_label(),
                )
            ]
        return []

    def _get_paid_tax_errors(self, move, parts, amounts):
        """Shares whose tax the customer pays on his own invoice, which would stay what
        it is.

        :return: list of translated sentences
        """
        chosen = [parts[key] for key, __ in amounts if key in parts]
        claims = self.env["service.insurance.claim"].union(
            *(part.order_line.claim_id for part in chosen)
        )
        return [
            self.env._(
                "%(number)s: the customer pays the tax of claim %(claim)s on his own "
                "invoice. Credit both invoices, and correct the order.",
                number=move._get_service_label(),
                claim=claim.name,
            )
            for claim in claims.sudo()
            if claim._is_tax_paid_by_customer()
        ]

    def _get_amount_errors(self, move, part, amount, difference):
        """:return: list of translated sentences"""
        names = {
            "number": move._get_service_label(),
            "line": part.name.split("\n")[0],
            "amount": move.currency_id.format(amount),
            "billed": move.currency_id.format(part.amount),
        }
        if amount and (amount < 0) != (part.amount < 0):
            return [
                self.env._(
                    "%(number)s, “%(line)s”: %(amount)s is no amount for what is "
                    "billed at %(billed)s.",
                    **names,
                )
            ]
        if difference != "nobody" and abs(amount) > abs(part.amount):
            return [
                self.env._(
                    "%(number)s, “%(line)s”: %(amount)s is more than the %(billed)s "
                    "before, so that there is nothing for others to bear.",
                    **names,
                )
            ]
        return []

    def _correct_part(self, move, part, amount, difference):
        """A part at another amount: what nobody else is billed stays used up, with its
        pieces."""
        less = part.amount - amount
        text = part.order_line.with_context(lang=move.partner_id.lang or self.env.lang)
        corrected = part._replace(amount=amount, share=part.get_share(), is_whole=False)
        if difference == "customer":
            corrected = part.take(amount)
        if not part.is_deductible:
            name = text._describe_billed_share(amount, corrected.get_share())
            corrected = corrected._replace(name=name)
        if difference == "own":
            corrected = corrected._replace(own_cost=part.own_cost + less)
        return corrected

    def _correct_unauthorized(self, move, corrected, difference, reason):
        """Replace this invoice, its releases anew.

        :param dict corrected: see ``_choose_corrected_parts``
        :return: the new invoices
        """
        releases = move.sudo().service_order_release_ids.sudo(self.env.su)
        by_line = {
            before.release_line: (before, after) for before, after in corrected.values()
        }
        kept = self._prepare_kept_vals(move)
        move.action_service_delete(reason=reason)
        moves = move.browse()
        for release in releases:
            pairs = [by_line[line] for line in release.line_ids if line in by_line]
            if pairs:
                share = release._get_open_share()
                after = {part.release_line: part for __, part in pairs}
                parts = [after.get(part.release_line, part) for part in share.parts]
                release._cancel(reason)
                new = release._release_again(share._replace(parts=parts), reason=reason)
                moves |= new._create_invoice()
                for rest in self._release_difference(
                    release, pairs, difference, reason
                ):
                    moves |= rest._create_invoice()
            else:
                moves |= release._create_invoice()
        self._take_over_draft(moves[:1], kept)
        return moves

    def _prepare_kept_vals(self, move):
        """What was typed on this draft, which its replacement takes over."""
        move.ensure_one()
        typed = move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_release_id
            and not line.service_tcd_id
            and not line.service_prepayment_id
        )
        vals_list = typed.copy_data({"move_id": False})
        for vals in vals_list:
            vals.pop("move_id", None)
        return {
            "ref": move.ref,
            "narration": move.narration,
            "invoice_date": move.invoice_date,
            "invoice_line_ids": [Command.create(vals) for vals in vals_list],
        }

    def _take_over_draft(self, move, vals):
        """:param dict vals: see ``_prepare_kept_vals``"""
        names = ("ref", "narration", "invoice_date")
        if vals["invoice_line_ids"] or any(move[name] != vals[name] for name in names):
            move.write(vals)
            move.action_service_save()

    def _correct_authorized(self, move, corrected, difference, reason, date):
        """Credit the lines of this invoice, and bill them as they should be.

        :param dict corrected: see ``_choose_corrected_parts``
        :return: the new invoices
        """
        corrected = self._get_credited_pairs(move, corrected)
        parts = {key: before for key, (before, __) in corrected.items()}
        freed = self._get_freed_deductions(move, parts)
        Crediting = self.env["service.crediting"]
        credit = Crediting._create_of_parts(move, parts, reason, date, freed)
        made = []
        for release, pairs in self._group_pairs_by_release(corrected).items():
            after = [pair[1] for pair in pairs]
            share = OpenShare(release._get_payer(), after, False, release.browse())
            new = release._release_again(
                share, credit_move_id=credit.id, is_supplement=True, reason=reason
            )
            made.append(new)
            made += self._release_difference(release, pairs, difference, reason, credit)
        Crediting._authorize_if_allowed(credit)
        return move.browse().union(*(release._create_invoice() for release in made))

    def _get_credited_pairs(self, move, corrected):
        """What is credited and billed anew: all of the invoice where own risk, another
        negative line or a deducted prepayment leaves less to credit than these lines,
        since a credit memo takes back no more than is billed.

        :param dict corrected: see ``_choose_corrected_parts``
        """
        parts = self._get_parts(move)
        before = {key: part for key, (part, __) in corrected.items()}
        is_small = all(part.amount >= 0 for part in parts.values())
        if is_small and not self._get_freed_deductions(move, before):
            return corrected
        return {key: (part, part) for key, part in parts.items()} | corrected

    def _get_freed_deductions(self, move, parts):
        """Prepayments that are freed when parts are credited which come to more than
        the payer had to pay besides; the new invoice deducts them again.

        :param dict parts: invoice line id → ``SharePart``
        :return: dict id of the line that deducts → amount before tax
        """
        deductions = move.invoice_line_ids.filtered("service_prepayment_id")
        if not deductions:
            return {}
        left = move.amount_total - sum(move._get_live_credits().mapped("amount_total"))
        for line in move.invoice_line_ids.browse(parts):
            left -= line.price_total * parts[line.id].amount / line.price_subtotal
        if move.currency_id.compare_amounts(left, 0.0) >= 0:
            return {}
        amounts = self.env["service.crediting"]._get_amounts(move)
        return {line.id: amounts[line.id] for line in deductions if line.id in amounts}

    def _group_pairs_by_release(self, corrected):
        by_release = {}
        for before, after in corrected.values():
            release = before.release_line.release_id.sudo(self.env.su)
            by_release.setdefault(release, []).append((before, after))
        return by_release

    def _release_difference(self, release, pairs, difference, reason, credit=None):
        """Release to the customer what the payer does not bear any more.

        :param list pairs: of ``SharePart`` before and after
        :return: list of ``service.release``
        """
        if difference != "customer":
            return []
        parts = [
            before.take(before.amount - after.amount)._replace(
                share=before.get_share() - after.get_share(),
                name=before.order_line.name,
            )
            for before, after in pairs
            if before.amount != after.amount
        ]
        order = release.work_order_id
        target = Payer("service", order.partner_id)
        return [order._release_to(target, release, parts, reason, credit)]
