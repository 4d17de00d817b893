from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ...tools.arguments import expects, parse_text
from ...tools.groups import ADVISOR
from ...tools.guards import raise_together, refuse_without_group
from ...tools.states import BILLING_STATES, EDITABLE_STATES


class ServiceWorkOrder(models.Model):
    """The states of an order, and the check of its documents before it is billed."""

    _inherit = "service.work.order"

    @api.model
    def _get_billing_fields(self):
        """Fields that change what is billed or printed on the invoices, frozen once
        the order is checked."""
        return {
            "company_id",
            "currency_id",
            "partner_id",
            "vehicle_id",
            "odometer",
            "pricelist_id",
            "payment_term_id",
            "order_date",
            "line_ids",
            "claim_ids",
            "tcd_ids",
        }

    def _check_editable(self):
        """Refuse changes of what is billed after the document check.

        :raise UserError: naming every order that is no longer editable
        """
        raise_together(
            [
                self.env._(
                    "Work order %(order)s has been checked: what is billed can no "
                    "longer be changed. Send it back to checking first.",
                    order=order.name,
                )
                for order in self
                if order.state not in EDITABLE_STATES
            ]
        )

    def action_start(self):
        """The work begins."""
        self._change_state("in_progress", ("draft",))

    def action_submit_check(self):
        """The work is done; the advisor checks its documents."""
        self._change_state("checking", ("draft", "in_progress"))

    def action_confirm_check(self):
        """The documents are complete: the order goes to billing.

        :raise UserError: every missing piece of every order, at once
        """
        self._check_state(("checking",))
        raise_together([error for order in self for error in order._get_check_errors()])
        self._change_state("to_invoice", ("checking",))
        self._log_capped_deductibles()
        # an order of which nothing is left to bill is not ready for billing any more
        ready = self.filtered(lambda order: order.state == "to_invoice")
        ready._schedule_billing_activity()

    def _get_check_errors(self):
        """What is missing before the order can be billed.

        :return: list of translated sentences, each naming the order
        """
        self.ensure_one()
        errors = []
        if not self.line_ids:
            errors.append(
                self.env._("%(order)s: there are no lines to bill.", order=self.name)
            )
        for name in self._get_document_checks():
            errors += getattr(self, name)()
        return errors

    def _get_document_checks(self):
        """Names of the methods that say what is missing, in this order."""
        return [
            "_get_line_errors",
            "_get_document_errors",
            "_get_odometer_errors",
            "_get_negative_share_errors",
            "_get_discount_errors",
            "_get_claim_errors",
            "_get_uncovered_errors",
            "_get_tcd_errors",
            "_get_overbilled_errors",
        ]

    def _get_claim_errors(self, claims=None):
        """:param claims: those that matter; all of the order by default"""
        self.ensure_one()
        return [
            self.env._(
                "%(order)s: claim %(claim)s waits for the insurer's answer. Approve "
                "or reject it.",
                order=self.name,
                claim=claim.name,
            )
            for claim in (self.claim_ids if claims is None else claims)
            if claim.state == "draft"
        ]

    def _get_uncovered_errors(self):
        """Approved claims on no line: the customer would pay all of it."""
        self.ensure_one()
        return [
            self.env._(
                "%(order)s: claim %(claim)s is approved but covers no line. Press "
                "“Cover All Lines” or choose the claim on its lines; or reject it.",
                order=self.name,
                claim=claim.name,
            )
            for claim in self.claim_ids
            if claim.state == "approved" and not claim.line_ids
        ]

    def _get_line_errors(self, lines=None):
        """Lines without a price or a tax. What is given away has a price and a
        discount of 100 %; what is not taxed has a tax of 0 %.

        :param lines: those that matter; all of the order by default
        """
        self.ensure_one()
        errors = []
        for line in self.line_ids if lines is None else lines:
            names = {"order": self.name, "line": line.name}
            if not line.quantity:
                errors.append(
                    self.env._("%(order)s, “%(line)s”: there is no quantity.", **names)
                )
            if not line.price_unit:
                errors.append(
                    self.env._("%(order)s, “%(line)s”: there is no price.", **names)
                )
            if not line.tax_ids:
                errors.append(
                    self.env._(
                        "%(order)s, “%(line)s”: there is no tax. Take a tax of 0 %% "
                        "for what is not taxed.",
                        **names,
                    )
                )
        return errors

    def _get_negative_share_errors(self):
        """Payers whose invoice would be negative, which cannot be posted."""
        self.ensure_one()
        return [
            self.env._(
                "%(order)s: the share of %(payer)s is %(share)s. An invoice cannot be "
                "negative: correct quantities and discounts.",
                order=self.name,
                payer=payer.partner.display_name,
                share=self.currency_id.format(share),
            )
            for payer, share in self._get_agreed_shares().items()
            if self.currency_id.compare_amounts(share, 0.0) < 0
        ]

    def _get_odometer_errors(self):
        """A reading lower than the last one, which may be confirmed."""
        self.ensure_one()
        if self.odometer_confirmed or not self.vehicle_id or not self.odometer:
            return []
        if self.odometer >= self.last_odometer:
            return []
        return [
            self.env._(
                "%(order)s: the odometer of %(vehicle)s reads %(odometer)s, last time "
                "it was %(last)s. Correct it or confirm it.",
                order=self.name,
                vehicle=self.vehicle_id.display_name,
                odometer=formatLang(self.env, self.odometer, digits=0),
                last=formatLang(self.env, self.last_odometer, digits=0),
            )
        ]

    def _log_capped_deductibles(self):
        """Tell the clerk where a deductible was larger than what the insurer bears."""
        for claim in self.claim_ids.filtered(lambda c: c.state == "approved"):
            if claim.currency_id.compare_amounts(
                claim.deductible, claim.deductible_applied
            ):
                claim.work_order_id.message_post(
                    body=self.env._(
                        "Claim %(claim)s: the deductible of %(deductible)s is larger "
                        "than the insurer's share; %(applied)s is applied.",
                        claim=claim.name,
                        deductible=claim.currency_id.format(claim.deductible),
                        applied=claim.currency_id.format(claim.deductible_applied),
                    )
                )

    @expects(reason=parse_text)
    def action_back_to_check(self, reason=None):
        """Back from billing to the document check.

        Invoices that are not yet authorized are deleted with the same reason.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: when an invoice of the order is authorized
        """
        self._check_state(BILLING_STATES)
        self._check_no_authorized_invoice()
        if not reason:
            return self._ask_reason("action_back_to_check", self.env._("Back to Check"))
        invoices = self._get_live_invoices()
        self._check_not_billed_with_others(invoices)
        if invoices:
            invoices.sudo(False).action_service_delete(reason=reason)
        self._change_state("checking", BILLING_STATES, reason)
        return True

    def _check_no_authorized_invoice(self):
        """:raise UserError: naming the authorized invoices of each order"""
        raise_together(
            [
                self.env._(
                    "%(order)s cannot go back: %(invoices)s is authorized. Credit it "
                    "first, or press “Correct” on it if only what its payer is billed "
                    "is wrong.",
                    order=order.name,
                    invoices=", ".join(posted.mapped("service_number")),
                )
                for order in self
                if (
                    posted := order._get_live_invoices().filtered(
                        lambda move: move.state == "posted"
                    )
                )
            ]
        )

    def _check_not_billed_with_others(self, invoices):
        """:raise UserError: naming invoices that also bill other work orders"""
        raise_together(
            [
                self.env._(
                    "%(number)s also bills %(orders)s. Delete it first: its other "
                    "orders are to be billed again, too.",
                    number=move._get_service_label(),
                    orders=", ".join((move.work_order_ids - self).mapped("name")),
                )
                for move in invoices
                if move.work_order_ids - self
            ]
        )

    @expects(reason=parse_text)
    def action_cancel(self, reason=None):
        """Cancel the order; it stays for the record.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: when the order has invoices that are not deleted
        """
        self._check_state((*EDITABLE_STATES, "to_invoice"))
        names = self._get_cancel_checks()
        raise_together(
            [e for n in names for order in self for e in getattr(order, n)()]
        )
        if not reason:
            return self._ask_reason("action_cancel", self.env._("Cancel Work Order"))
        self._change_state("cancel", (*EDITABLE_STATES, "to_invoice"), reason)
        return True

    def _get_cancel_checks(self):
        """Names of the methods that say why an order is not given up, in this order."""
        return ["_get_invoiced_errors", "_get_prepaid_errors"]

    def _get_invoiced_errors(self):
        invoices = self._get_live_invoices()
        if not invoices:
            return []
        return [
            self.env._(
                "%(order)s cannot be cancelled: it has invoices (%(invoices)s). Delete "
                "or credit them first.",
                order=self.name,
                invoices=", ".join(invoices.mapped("service_number")),
            )
        ]

    def action_draft(self):
        """Take a cancelled order up again."""
        self._change_state("draft", ("cancel",))

    def _schedule_billing_activity(self):
        """A to-do for whom the company made responsible for billing."""
        for company, orders in self.grouped("company_id").items():
            user = company.service_billing_user_id
            if user:
                orders.sudo().activity_schedule(
                    "service_invoicing.mail_activity_type_billing", user_id=user.id
                )

    def _update_billing_activity(self):
        """Orders that wait for billing again get their to-do again."""
        self._close_billing_activity()
        self.filtered(lambda o: o.state == "to_invoice")._schedule_billing_activity()

    def _close_billing_activity(self):
        """The to-do is over: the orders are billed or no longer ready."""
        self.sudo().activity_unlink(["service_invoicing.mail_activity_type_billing"])

    def _change_state(self, state, from_states, reason=None):
        """Change the state of orders, with the reason in the chatter."""
        refuse_without_group(self.env, ADVISOR)
        self.check_access("write")
        self._check_state(from_states)
        # ready for billing since today; every other state is not ready
        checked_date = state == "to_invoice" and fields.Date.context_today(self)
        self.sudo().write({"state": state, "checked_date": checked_date})
        if state != "to_invoice":
            self._close_billing_activity()
        if state not in EDITABLE_STATES:
            self._close_discount_activity()
        if reason:
            self._message_log_batch(bodies=dict.fromkeys(self.ids, reason))
