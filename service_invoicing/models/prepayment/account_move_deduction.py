from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.advance import AdvancePart, take_gross
from ...tools.arguments import expects, parse_amount, parse_id
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group

# deductions stand below everything else
LAST_SEQUENCE = 100_000
OPEN_STATUSES = ("draft", "fresh", "returned")


class AccountMove(models.Model):
    """Prepayments that bear tax are deducted on the invoice: negative lines with the
    same account and taxes, brought up to date at every Save.

    Drafts reserve nothing: what is there when the invoice is authorised counts.
    """

    _inherit = "account.move"

    # -- what is deducted -------------------------------------------------------

    def _get_deduction_lines(self):
        """Lines that deduct prepayments."""
        return self.invoice_line_ids.filtered(
            lambda line: line.service_prepayment_id and line.display_type == "product"
        )

    def _get_deducted_amount(self):
        """What the lines of this document deduct, with its tax, in its currency."""
        self.ensure_one()
        lines = self._get_deduction_lines()
        # a form may be without a currency for a moment
        currency = self.currency_id or self.company_currency_id
        return currency.round(-sum(lines.mapped("price_total"))) if lines else 0.0

    def _get_deducted_tax(self):
        """Tax within what is deducted: it was billed with the prepayments."""
        self.ensure_one()
        lines = self._get_deduction_lines()
        taxes = sum(line.price_total - line.price_subtotal for line in lines)
        currency = self.currency_id or self.company_currency_id
        return currency.round(-taxes) if lines else 0.0

    def _get_total_to_deduct_from(self):
        """What this document comes to without any deduction; its cash is rounded
        afterwards."""
        self.ensure_one()
        rounding = self.line_ids.filtered(lambda line: line.display_type == "rounding")
        total = self.amount_total + self._get_deducted_amount()
        total -= self.direction_sign * sum(rounding.mapped("amount_currency"))
        return self.currency_id.round(total)

    def _get_posted_deductions(self):
        """Lines of authorised documents that deduct this prepayment or give it back."""
        self.ensure_one()
        return self.sudo().service_deduction_line_ids.filtered(
            lambda line: line.parent_state == "posted"
            and line.display_type == "product"
            and line.move_id.service_has_life_cycle
        )

    def copy_data(self, default=None):
        """What was deducted is given back by a credit memo; another copy, such as a
        corrected invoice, deducts at Save what there is then."""
        vals_list = super().copy_data(default)
        if "move_reverse_cancel" not in self.env.context:
            for vals in vals_list:
                vals["line_ids"] = [
                    command
                    for command in vals.get("line_ids", [])
                    if not (command[2] or {}).get("service_prepayment_id")
                ]
        return vals_list

    # -- on Save ---------------------------------------------------------------

    def _sync_service_deductions(self):
        """Bring the deductions of drafts in line with what there is to deduct.

        Of several invoices the first one takes first. Saving twice changes nothing.
        """
        taken = {}
        moves = self.filtered(lambda m: m.state == "draft" and m._is_adjustable())
        candidates = moves._find_deductible_prepayments()
        for move in moves:
            plans = move._plan_deductions(candidates, taken)
            commands = move._prepare_deduction_commands(plans)
            commands += move._prepare_deduction_section_commands([*plans][:1])
            if commands:
                # not the change of a person: sudo() leaves “saved by” alone
                move.sudo().write({"invoice_line_ids": commands})

    def _plan_deductions(self, candidates, taken):
        """What this invoice deducts: first what was chosen by hand, then the oldest.

        :param candidates: see ``_find_deductible_prepayments``
        :param dict taken: prepayment → gross amount that invoices before this one
            take; is added to
        :return: dict prepayment → (dict (account, taxes) → ``AdvancePart``, by hand)
        """
        self.ensure_one()
        left = self._get_total_to_deduct_from()
        plans = {}
        for prepayment, limit in self._get_wanted_deductions(candidates).items():
            open_amount = prepayment._get_adjustable_prepayment()
            limits = [left, open_amount - taken.get(prepayment, 0.0)]
            limits += [] if limit is None else [limit]
            gross = self.currency_id.round(min(limits))
            if self.currency_id.compare_amounts(gross, 0.0) > 0:
                parts = take_gross(
                    prepayment._get_open_advance_parts(), gross, self.currency_id
                )
                gross = sum(part.gross for part in parts.values())
                left -= gross
                taken[prepayment] = taken.get(prepayment, 0.0) + gross
                plans[prepayment] = (parts, limit is not None)
        return plans

    def _get_wanted_deductions(self, candidates):
        """Prepayments to deduct on this draft.

        :param candidates: see ``_find_deductible_prepayments``
        :return: dict prepayment → most of it by hand, ``None`` for what there is
        """
        self.ensure_one()
        wanted = {}
        for line in self._get_deduction_lines().filtered("service_deduction_manual"):
            prepayment = line.service_prepayment_id
            if self._get_deduction_error(prepayment):
                continue
            wanted[prepayment] = wanted.get(prepayment, 0.0) - line.price_total
        orders = self.sudo().work_order_ids
        for prepayment in candidates if self.service_auto_adjust else ():
            own = prepayment._get_prepaid_orders()
            if not own or own - orders:
                continue
            if not self._get_deduction_error(prepayment):
                wanted.setdefault(prepayment, None)
        return wanted

    def _find_deductible_prepayments(self):
        """Prepayments that Save may deduct on one of these invoices, the oldest first;
        they are looked up for all at once."""
        moves = self.filtered(lambda m: m.service_auto_adjust and m.work_order_ids)
        if not moves:
            return moves
        orders = moves.sudo().work_order_ids
        return self.search(
            moves._get_deductible_prepayments_domain()
            & (
                Domain("work_order_ids", "in", orders.ids)
                | Domain("invoice_line_ids.service_work_order_id", "in", orders.ids)
            ),
            order="date, id",
        )

    def _get_deductible_prepayments_domain(self):
        """Prepayments one of these invoices may deduct, of any order or of none.

        :return: ``Domain``; the final word has ``_get_deduction_error``
        """
        return Domain(
            [
                ("service_prepayment_mode", "=", "deduction"),
                ("service_prepayment_open", ">", 0),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "!=", "blocked"),
                ("company_id", "in", self.company_id.ids),
                ("currency_id", "in", self.currency_id.ids),
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ]
        )

    def _get_prepaid_orders(self):
        """Work orders this prepayment was made for: of a direct one those that its
        lines name, where each line does."""
        self.ensure_one()
        move = self.sudo()
        lines = move._get_prepayment_lines()
        if all(line.service_work_order_id for line in lines):
            return move.work_order_ids or lines.service_work_order_id
        return move.work_order_ids

    def _get_deduction_error(self, prepayment):
        """Why this invoice cannot deduct a prepayment, ``None`` when it can."""
        self.ensure_one()
        orders = prepayment.sudo().work_order_ids
        if not prepayment.filtered_domain(self._get_deductible_prepayments_domain()):
            reason = self.env._(
                "it is no received prepayment of %(payer)s in %(currency)s that is "
                "deducted with its tax and still open.",
                payer=self.partner_id.display_name,
                currency=self.currency_id.name,
            )
        elif not orders <= self.sudo().work_order_ids:
            reason = self.env._("it was made for %s.", ", ".join(orders.mapped("name")))
        elif (
            prepayment._get_receivable_lines().account_id
            != self._get_receivable_lines().account_id
        ):
            reason = self.env._("it is on another receivable account.")
        else:
            return None
        return self.env._(
            "%(invoice)s cannot deduct %(prepayment)s: %(reason)s",
            invoice=self._get_service_label(),
            prepayment=prepayment._get_service_label(),
            reason=reason,
        )

    def _deduct_prepayment(self, prepayment, gross=None):
        """Deduct a prepayment on this draft by hand, also a direct one.

        It stays at every Save, as far as it is still open then.

        :param float gross: no more than this, with tax; by default what there is
        :raise UserError: when it cannot be deducted
        """
        self.ensure_one()
        error = self._get_deduction_error(prepayment)
        raise_together([error] if error else [])
        old = self._get_deduction_lines().filtered(
            lambda line: line.service_prepayment_id == prepayment
        )
        left = self._get_total_to_deduct_from() - self._get_deducted_amount()
        left -= sum(old.mapped("price_total"))
        limits = [left, prepayment._get_adjustable_prepayment()]
        limits += [] if gross is None else [gross]
        parts = take_gross(
            prepayment._get_open_advance_parts(),
            self.currency_id.round(min(limits)),
            self.currency_id,
        )
        commands = [Command.unlink(line.id) for line in old]
        commands += self._prepare_deductions(prepayment, parts, True)
        commands += self._prepare_deduction_section_commands([prepayment])
        self.sudo().write({"invoice_line_ids": commands})

    # -- parts of the prepayment -----------------------------------------------

    def _get_open_advance_parts(self):
        """What no invoice and no credit memo has taken of this prepayment.

        :return: dict (account, taxes) → ``AdvancePart``
        """
        self.ensure_one()
        move = self.sudo()
        deductions = self._get_posted_deductions()
        sources = [(move, move._get_prepayment_lines(), 1)]
        sources += [
            (credit, credit._get_prepayment_lines(), -1)
            for credit in move._get_prepayment_credits()
        ]
        # the lines of invoices are negative, those of credit memos give back
        sources += [
            (document, lines, -1 if document.move_type == "out_refund" else 1)
            for document, lines in deductions.grouped("move_id").items()
        ]
        parts = {}
        for document, lines, sign in sources:
            document._add_advance_parts(parts, lines, sign)
        return parts

    def _add_advance_parts(self, parts, lines, sign):
        """Add lines of this document to the parts of an advance."""
        self.ensure_one()
        for base_line in self._get_rounded_base_and_tax_lines()[0]:
            line = base_line["record"]
            if line in lines:
                key = (line.account_id, line.tax_ids)
                part = parts.setdefault(key, AdvancePart())
                part.add(base_line["tax_details"], sign)

    # -- the lines -------------------------------------------------------------

    def _prepare_deduction_commands(self, plans):
        """Commands that make the deductions what they should be; those of a
        prepayment that has not changed are left alone.

        :param dict plans: see ``_plan_deductions``
        :return: list of ``Command``, empty when nothing changes
        """
        self.ensure_one()
        commands = []
        found = self._get_deduction_lines().grouped("service_prepayment_id")
        for prepayment in [p for p in found if p not in plans]:
            commands += [Command.unlink(line.id) for line in found[prepayment]]
        for prepayment, (parts, is_manual) in plans.items():
            lines = found.get(prepayment, self.env["account.move.line"])
            if lines and lines._have_parts(parts):
                continue
            commands += [Command.unlink(line.id) for line in lines]
            commands += self._prepare_deductions(prepayment, parts, is_manual)
        return commands

    def _prepare_deductions(self, prepayment, parts, is_manual):
        """Commands of the lines that deduct one prepayment."""
        name = self._describe_deduction(prepayment)
        return [
            Command.create(
                self._prepare_deduction_line_vals(prepayment, account, taxes, part)
                | {
                    "name": name,
                    "sequence": LAST_SEQUENCE,
                    "service_deduction_manual": is_manual,
                }
            )
            for (account, taxes), part in parts.items()
        ]

    def _prepare_deduction_section_commands(self, prepayments):
        """Commands that keep one section above the deductions, or none without any.

        :param list prepayments: the first one deducted, which marks the section
        """
        sections = self.invoice_line_ids.filtered(
            lambda line: line.service_prepayment_id and line.display_type != "product"
        )
        if not prepayments:
            return [Command.unlink(line.id) for line in sections]
        if sections:
            return []
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
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

    def _describe_deduction(self, prepayment):
        """What a deduction says, in the payer's language."""
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        return env._("Less prepayment %s", prepayment.name)

    def _prepare_deduction_line_vals(self, prepayment, account, taxes, part):
        """Values of one deduction: the quantity is negative, as in core's deductions
        of down payments, because electronic invoices know no negative price.

        :param AdvancePart part: what is deducted of this account and these taxes
        """
        price = taxes._get_price_for_net(part.net, self.currency_id)
        return {
            "service_prepayment_id": prepayment.id,
            "quantity": -1.0,
            "price_unit": self.currency_id.round(price),
            "discount": 0.0,
            "account_id": account.id,
            "tax_ids": [Command.set(taxes.ids)],
            "analytic_distribution": False,
            "extra_tax_data": self._prepare_deducted_taxes(price, part),
        }

    def _prepare_deducted_taxes(self, price, part):
        """Core's ``extra_tax_data``: exactly the tax that the prepayment bore, so that
        the other lines bear that of the whole service."""
        return {
            "currency_id": self.currency_id.id,
            "price_unit": self.currency_id.round(price),
            "discount": 0.0,
            "quantity": -1.0,
            "rate": self.invoice_currency_rate,
            "manual_total_excluded_currency": -part.net,
            "manual_tax_amounts": {
                str(tax.id): {
                    "base_amount_currency": -base,
                    "tax_amount_currency": -amount,
                }
                for tax, (base, amount) in part.taxes.items()
            },
        }

    # The button “Deduct Prepayment”: prepayments with tax that Save does not take
    # by itself, such as direct ones.

    service_has_deductible = fields.Boolean(
        compute="_compute_service_has_deductible",
        help="The payer has paid in advance with tax, and it can be deducted here.",
    )

    @api.depends("state", "partner_id", "currency_id", "service_invoice_type")
    def _compute_service_has_deductible(self):
        for move in self:
            move.service_has_deductible = bool(
                move.state == "draft"
                and move._is_adjustable()
                and move._origin._find_all_deductible()
            )

    def _find_all_deductible(self):
        """Prepayments that can be deducted on this draft by hand, the oldest first."""
        if not self:
            return self
        domain = self._get_deductible_prepayments_domain()
        moves = self.search(domain, order="date, id")
        return moves.filtered(lambda move: not self._get_deduction_error(move))

    @expects(one=True, prepayment_id=parse_id("account.move"), gross=parse_amount)
    def action_service_deduct(self, prepayment_id=None, gross=None):
        """Deduct a prepayment on an invoice that is not authorised yet.

        :param int prepayment_id: a received prepayment with tax of the same payer,
            also a direct one; without it the dialog that asks for it is returned
        :param float gross: no more than this, with tax; by default what there is
        :raise UserError: when there is nothing to deduct
        """
        refuse_without_group(self.env, BILLING)
        self._check_service_action(BILLING, OPEN_STATUSES)
        prepayments = self._is_adjustable() and self._find_all_deductible()
        if not prepayments:
            raise UserError(
                self.env._(
                    "%(number)s: %(payer)s has no received prepayment with tax that "
                    "could be deducted.",
                    number=self._get_service_label(),
                    payer=self.partner_id.display_name,
                )
            )
        if not prepayment_id:
            return self.env["service.deduction.wizard"]._open(self, prepayments)
        raise_together(self._get_deducted_amount_errors(gross))
        self._deduct_prepayment(self.browse(prepayment_id), gross)
        self._mark_service_change()
        return True

    def _get_deducted_amount_errors(self, gross):
        """Why this cannot be deducted, ``None`` being what there is."""
        if gross is None or gross > 0:
            return []
        return [
            self.env._(
                "%(number)s: the amount to deduct has to be positive, not %(amount)s.",
                number=self._get_service_label(),
                amount=gross,
            )
        ]
