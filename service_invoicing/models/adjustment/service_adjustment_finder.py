from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.invoice_type import PREPAYMENT_KEYS


class ServiceAdjustmentFinder(models.AbstractModel):
    """What an invoice can be adjusted with, and why not: the same answer at
    authorization, in the dialog, and to who names credits himself."""

    _name = "service.adjustment.finder"
    _description = "Credits That Can Adjust an Invoice"

    def _adjust(self, invoices):
        """Adjust with credits of the same orders, the oldest first.

        The credits are looked up for all invoices at once; what one invoice takes,
        the next one finds used.
        """
        credits = self._find_order_credits(invoices)
        for invoice in invoices:
            for line in credits:
                if (
                    self._is_credit_of_orders(invoice, line)
                    and invoice.payment_state != "blocked"
                    and not self._get_credit_error(invoice, line)
                ):
                    self._adjust_with_credit(invoice, line)

    def _find_order_credits(self, invoices):
        """Open credits of the work orders of these invoices, the oldest first.

        Of one invoice those that adjust it; of several all that adjust one of them.
        """
        lines = invoices.env["account.move.line"]
        if not invoices.work_order_ids:
            return lines
        lines = lines.search(self._get_order_credits_domain(invoices), order="date, id")
        if len(invoices) > 1:
            return lines
        return lines.filtered(
            lambda line: self._is_credit_of_orders(invoices, line)
            and not self._get_credit_error(invoices, line)
        )

    def _find_credits(self, invoice):
        """Open credits that can adjust this invoice by hand, the oldest first."""
        invoice.ensure_one()
        lines = invoice.env["account.move.line"].search(
            self._get_credits_domain(invoice), order="date, id"
        )
        return lines.filtered(lambda line: not self._get_credit_error(invoice, line))

    def _propose_amounts(self, invoice, credits):
        """What each of some credits adjusts when they are taken one after the other.

        :return: dict credit → amount in the currency of the invoice
        """
        invoice.ensure_one()
        left = invoice.amount_residual
        amounts = {}
        for line in credits:
            amounts[line] = min(line._get_adjustable_amount(), max(left, 0.0))
            left -= amounts[line]
        return amounts

    def _get_credits_domain(self, invoices):
        """Journal items that may adjust one of these invoices, of any order.

        :return: ``Domain`` on journal items; the final word on each pair of invoice
            and item has ``_get_credit_error``
        """
        common = Domain(
            [
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("balance", "<", 0),
                ("company_id", "in", invoices.company_id.ids),
                ("currency_id", "in", invoices.currency_id.ids),
                (
                    "partner_id.commercial_partner_id",
                    "in",
                    invoices.commercial_partner_id.ids,
                ),
                ("move_id.payment_state", "!=", "blocked"),
                ("move_id.service_adjusted_prepayment_id", "=", False),
            ]
        )
        undone = "move_id.reversed_entry_id.service_adjusted_prepayment_id"
        common &= ~Domain(undone, "!=", False)
        return common & self._get_crediting_items_domain(invoices)

    def _get_crediting_items_domain(self, invoices):
        """Kinds of journal items that pay: open credits on the receivable account, and
        prepayments that were received."""
        accounts = invoices._get_receivable_lines().account_id
        return Domain("account_id", "in", accounts.ids) | self._get_prepaid_domain()

    def _get_prepaid_domain(self):
        """Liability lines of prepayments in mode entry."""
        return Domain(
            [
                ("move_id.service_invoice_type", "in", PREPAYMENT_KEYS),
                ("move_id.move_type", "=", "out_invoice"),
                ("move_id.service_prepayment_mode", "=", "entry"),
                ("move_id.service_prepayment_open", ">", 0),
                ("display_type", "=", "product"),
            ]
        )

    def _get_order_credits_domain(self, invoices):
        """Those of them that belong to the work orders of these invoices."""
        orders = invoices.sudo().work_order_ids.ids
        memos = Domain(
            [
                ("move_id.move_type", "=", "out_refund"),
                ("move_id.service_invoice_type", "!=", False),
                ("move_id.work_order_ids", "in", orders),
            ]
        )
        receipts = Domain("payment_id.service_work_order_id", "in", orders)
        prepaid = self._get_prepaid_domain() & (
            Domain("move_id.work_order_ids", "in", orders)
            | Domain("service_work_order_id", "in", orders)
        )
        kinds = memos | receipts | prepaid
        return self._get_credits_domain(invoices) & kinds

    def _is_credit_of_orders(self, invoice, line):
        """Whether a credit belongs to the orders of this invoice, and to no other."""
        invoice.ensure_one()
        orders = line._get_credited_orders()
        return bool(orders) and orders <= invoice.sudo().work_order_ids

    def _get_credit_error(self, invoice, line):
        """Why a journal item cannot adjust this invoice, ``None`` when it can."""
        invoice.ensure_one()
        error = line._get_adjusting_error() or self._get_foreign_credit_error(
            invoice, line
        )
        return error and invoice.env._(
            "%(invoice)s cannot be adjusted with %(document)s: %(error)s",
            invoice=invoice._get_service_label(),
            document=line.move_id.display_name,
            error=error,
        )

    def _get_foreign_credit_error(self, invoice, line):
        """Why a credit is not one of this invoice's payer and account."""
        if line.company_id != invoice.company_id:
            return invoice.env._("it belongs to another company.")
        if line.partner_id.commercial_partner_id != invoice.commercial_partner_id:
            return invoice.env._(
                "it is a credit of %(other)s, the invoice is paid by %(payer)s.",
                other=line.partner_id.display_name or "–",
                payer=invoice.partner_id.display_name,
            )
        accounts = invoice._get_receivable_lines().account_id
        if line._get_adjusting_account() not in accounts:
            return invoice.env._("it is on another receivable account.")
        if line.currency_id != invoice.currency_id:
            return invoice.env._("it is in %s.", line.currency_id.name)
        return None

    def _adjust_with_credit(self, invoice, line, amount=None):
        """Adjust this invoice with one credit.

        :param line: a journal item for which ``_get_credit_error`` finds nothing
        :param float amount: no more than this, in the currency of both
        :return: what was adjusted; never more than is open on either side
        """
        invoice.ensure_one()
        limits = [line._get_adjustable_amount(), invoice.amount_residual]
        limits += [] if amount is None else [amount]
        amount = invoice.currency_id.round(min(limits))
        if invoice.currency_id.compare_amounts(amount, 0.0) > 0:
            line._adjust_invoice(invoice, amount)
            return amount
        return 0.0

    def _adjust_with_chosen(self, invoice, chosen, amount):
        """Adjust with credits one after the other.

        :param list chosen: see ``_choose_credits``
        :param float amount: in all, ``None`` for what there is
        """
        for line, limit in chosen:
            limits = [value for value in (limit, amount) if value is not None]
            adjusted = self._adjust_with_credit(
                invoice, line, min(limits, default=None)
            )
            if amount is not None:
                amount -= adjusted

    def _choose_credits(self, invoice, line_ids):
        """The credits to adjust with.

        :return: list of (journal item, amount of its own or ``None``), in the order
            in which they were given
        """
        if line_ids is None:
            credits = self._find_order_credits(invoice)
            return [(line, None) for line in credits]
        Line = invoice.env["account.move.line"]
        lines = Line.browse(dict.fromkeys(key for key, __ in line_ids))
        known = Line.search([("id", "in", lines.ids)])
        if lines - known or len(line_ids) != len(lines):
            raise UserError(
                invoice.env._(
                    "%s: choose each credit once, from those that you see.",
                    invoice._get_service_label(),
                )
            )
        return [(Line.browse(key), limit) for key, limit in line_ids]

    def _get_chosen_errors(self, invoice, chosen, amount):
        """All that is wrong with the credits and amounts that were chosen.

        :param list chosen: see ``_choose_credits``
        :param float amount: to be adjusted in all, ``None`` for what there is
        """
        errors = [
            e for line, __ in chosen if (e := self._get_credit_error(invoice, line))
        ]
        errors = errors or self._get_nothing_chosen_errors(invoice, chosen)
        if errors:
            return errors
        available = 0.0
        for line, limit in chosen:
            left = line._get_adjustable_amount()
            available += left if limit is None else limit
            if limit is not None:
                errors += self._get_amount_errors(invoice, limit, left, line.move_id)
        if not errors:
            errors += self._get_typed_sum_errors(invoice, chosen)
        if amount is not None and not errors:
            most = min(available, invoice.amount_residual)
            errors += self._get_amount_errors(invoice, amount, most, invoice)
        return errors

    def _get_typed_sum_errors(self, invoice, chosen):
        """Why amounts that are fine one by one are too much together."""
        typed = [(line, limit) for line, limit in chosen if limit is not None]
        errors = []
        if typed:
            total = sum(limit for __, limit in typed)
            errors += self._get_amount_errors(
                invoice, total, invoice.amount_residual, invoice
            )
        # the lines of one prepayment share what was received for it
        for move in invoice.browse(
            {x.move_id.id for x, __ in typed if x._is_prepaid()}
        ):
            total = sum(limit for line, limit in typed if line.move_id == move)
            most = move.service_prepayment_open
            errors += self._get_amount_errors(invoice, total, most, move)
        return errors

    def _get_nothing_chosen_errors(self, invoice, chosen):
        if chosen:
            return []
        return [
            invoice.env._(
                "%s: there is nothing to adjust it with.", invoice._get_service_label()
            )
        ]

    def _get_amount_errors(self, invoice, amount, most, document):
        """Why so much cannot be adjusted.

        :param float most: what can be adjusted
        :param document: on which it is too much
        """
        wanted = invoice.currency_id.round(amount)
        if wanted > 0 and invoice.currency_id.compare_amounts(wanted, most) <= 0:
            return []
        return [
            invoice.env._(
                "%(document)s: %(amount)s cannot be adjusted, but more than zero and "
                "at most %(most)s.",
                document=document._get_service_label(),
                amount=invoice.currency_id.format(amount),
                most=invoice.currency_id.format(max(most, 0.0)),
            )
        ]
