from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.guards import raise_together, refuse_protected, refuse_without_group

AUTHORIZER = "service_invoicing.group_service_authorizer"
BILLING = "service_invoicing.group_service_billing"


class AccountMove(models.Model):
    """Save, authorise, return and delete, with guards below the buttons."""

    _inherit = "account.move"

    @api.model
    def _get_service_protected_fields(self):
        """Fields only the life cycle writes → value that is harmless at creation."""
        return {
            "service_stage": "draft",
            "service_number": False,
            "service_saved_by_id": False,
            "service_replaces_id": False,
            "work_order_ids": False,
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, self._get_service_protected_fields(), vals)
        return super().create(vals_list)

    def write(self, vals):
        protected = dict.fromkeys(self._get_service_protected_fields())
        refuse_protected(self, protected | {"service_invoice_type": None}, vals)
        typed = self._filter_service_life_cycle()
        if typed:
            typed._check_service_payer_kept(vals)
            typed._check_service_state(vals.get("state"))
        return super().write(vals)

    @api.constrains("auto_post", "service_invoice_type", "move_type")
    def _check_service_auto_post(self):
        """Posting by itself on a later day would be authorised by nobody."""
        errors = [
            self.env._(
                "%s cannot be posted automatically: an authoriser authorises it when "
                "its date has come.",
                move._get_service_label(),
            )
            for move in self._filter_service_life_cycle()
            if move.auto_post != "no"
        ]
        if errors:
            raise ValidationError("\n".join(errors))

    def _check_service_payer_kept(self, vals):
        """The partner of a work order's invoice is its payer.

        :raise UserError: naming the invoices whose partner would change
        """
        if "partner_id" not in vals:
            return
        raise_together(
            [
                self.env._(
                    "%(number)s bills work order %(orders)s to %(payer)s. To bill "
                    "somebody else, delete it and change the order.",
                    number=move._get_service_label(),
                    orders=", ".join(move.work_order_ids.mapped("name")),
                    payer=move.partner_id.display_name,
                )
                for move in self
                if move.work_order_ids and move.partner_id.id != vals["partner_id"]
            ]
        )

    def _check_service_state(self, state):
        """Refuse a change of core's state that goes round the life cycle.

        :param state: new value of ``state``, ``None`` when it does not change
        """
        if state == "posted":
            self._check_service_post()
        elif state == "cancel":
            self._check_service_cancel()
        elif state == "draft":
            self._check_service_reset()

    def _get_service_label(self):
        """What a person calls this document before and after authorisation."""
        self.ensure_one()
        return self.service_number or self.display_name

    def _check_service_post(self):
        """Only an authoriser posts, and only what was saved as fresh."""
        refuse_without_group(self.env, AUTHORIZER)
        raise_together(
            [error for move in self for error in move._get_service_post_errors()]
        )

    def _get_service_post_errors(self):
        """Why this document cannot be authorised now.

        :return: list of translated sentences
        """
        self.ensure_one()
        label = self._get_service_label()
        if self.service_keep_draft:
            return [
                self.env._("%s is kept as a draft. Untick the box and save it.", label)
            ]
        if self.service_stage != "fresh" and self.move_type == "out_invoice":
            return [
                self.env._(
                    "%s has not been saved for authorisation. Use “Save and "
                    "Authorise”.",
                    label,
                )
            ]
        if (
            self.company_id.service_maker_not_authorizer
            and self.service_saved_by_id == self.env.user
        ):
            return [
                self.env._(
                    "%s was saved by you. Somebody else has to authorise it.", label
                )
            ]
        return []

    def _check_service_cancel(self):
        raise_together(
            [
                self.env._(
                    "%s is cancelled with the button “Delete”, which asks for the "
                    "reason.",
                    move._get_service_label(),
                )
                for move in self
                if move.service_stage != "deleted"
            ]
        )

    def _check_service_reset(self):
        """An authorised document goes back only untouched, a deleted one never."""
        refuse_without_group(self.env, AUTHORIZER)
        errors = []
        for move in self.filtered(lambda move: move.state != "draft"):
            label = move._get_service_label()
            if move.state == "cancel":
                errors.append(self.env._("%s was deleted and stays so.", label))
            elif move._has_matched_money():
                errors.append(
                    self.env._(
                        "%s cannot be reset: money has been received for it or it has "
                        "been adjusted. Undo that first.",
                        label,
                    )
                )
            elif move.reversal_move_ids.filtered(lambda m: m.state != "cancel"):
                errors.append(
                    self.env._("%s cannot be reset: it has been credited.", label)
                )
        raise_together(errors)

    def _has_matched_money(self):
        self.ensure_one()
        lines = self.line_ids
        return bool(lines.matched_debit_ids or lines.matched_credit_ids)

    def _post(self, soft=True):
        typed = self._filter_service_life_cycle()
        if typed:
            typed._check_service_post()
            typed.filtered(lambda m: not m.service_number)._service_assign_number()
            typed._sync_service_tcd()
        posted = super()._post(soft)
        posted.reversed_entry_id._update_work_orders()
        return posted

    def button_draft(self):
        typed = self._filter_service_life_cycle()
        if typed:
            typed._check_service_reset()
        res = super().button_draft()
        typed.sudo().write({"service_stage": "returned"})
        self.reversed_entry_id._update_work_orders()
        return res

    def button_cancel(self):
        self._filter_service_life_cycle()._check_service_cancel()
        return super().button_cancel()

    def action_force_register_payment(self):
        drafts = self._filter_service_life_cycle().filtered(
            lambda move: move.state == "draft"
        )
        raise_together(
            [
                self.env._(
                    "%s is not authorised yet: no payment can be registered.",
                    move._get_service_label(),
                )
                for move in drafts
            ]
        )
        return super().action_force_register_payment()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_numbered_service(self):
        raise_together(
            [
                self.env._(
                    "%s has a document number and cannot be removed. Use the button "
                    "“Delete”: it keeps the document and its reason.",
                    move._get_service_label(),
                )
                for move in self._filter_service_life_cycle()
                if move.service_number
            ]
        )

    def _update_work_orders(self):
        """Tell the work orders that their invoices have changed."""
        self.sudo().work_order_ids._update_billing_state()

    def _check_service_action(self, group, statuses):
        """Right, type and status for a button.

        :raise AccessError: without the group or without write access
        :raise UserError: naming every document for which it is not the time
        """
        refuse_without_group(self.env, group)
        self.check_access("write")
        labels = dict(self._fields["service_status"]._description_selection(self.env))
        typed = self._filter_service_life_cycle()
        raise_together(
            [
                self.env._(
                    "%(number)s (%(status)s): this cannot be done in this status.",
                    number=move._get_service_label(),
                    status=labels.get(move.service_status, move.state),
                )
                for move in self
                if move not in typed or move.service_status not in statuses
            ]
        )

    def action_service_save(self):
        """Save for authorisation: number, T/C/D and totals.

        The status becomes fresh, or draft while the Draft box is ticked.
        """
        self._check_service_action(BILLING, ("draft", "fresh", "returned"))
        self._service_save()
        self.sudo().service_saved_by_id = self.env.user
        return True

    def _service_save(self):
        self._sync_service_tcd()
        self.filtered(lambda move: not move.service_number)._service_assign_number()
        for stage, moves in self.grouped("service_keep_draft").items():
            moves.sudo().write({"service_stage": "draft" if stage else "fresh"})

    def _service_assign_number(self):
        """Give the document number, from the series of the type and company."""
        for move in self:
            sequence = self.env["ir.sequence"].with_company(move.company_id)
            move.sudo().service_number = sequence.next_by_code(
                f"service.invoice.{move.service_invoice_type}", move.invoice_date
            )

    def action_service_authorize(self):
        """Save and authorise: the invoice is posted."""
        self._check_service_action(AUTHORIZER, ("fresh", "returned"))
        unsaved = self.filtered(lambda move: not move.service_saved_by_id)
        unsaved.sudo().service_saved_by_id = self.env.user
        self._service_save()
        self.action_post()
        return True

    def action_service_return(self, reason=None):
        """Send the invoice back to its preparer.

        :param str reason: without it the dialog that asks for it is returned
        """
        self._check_service_action(BILLING, ("draft", "fresh"))
        if not reason:
            return self._ask_service_reason(
                "action_service_return", self.env._("Return Invoice")
            )
        self.sudo().write({"service_stage": "returned"})
        self._message_log_batch(
            bodies=dict.fromkeys(self.ids, self.env._("Returned: %s", reason))
        )
        return True

    def action_service_delete(self, reason=None):
        """Delete the invoice: it is cancelled and kept, its orders are billed again.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: when money is matched with it
        """
        self._check_service_action(BILLING, ("draft", "fresh", "returned"))
        raise_together(
            [
                self.env._(
                    "%s cannot be deleted: money is matched with it. Undo that first.",
                    move._get_service_label(),
                )
                for move in self
                if move._has_matched_money()
            ]
        )
        if not reason:
            return self._ask_service_reason(
                "action_service_delete", self.env._("Delete Invoice")
            )
        self.sudo().write({"service_stage": "deleted"})
        self.button_cancel()
        self._message_log_batch(
            bodies=dict.fromkeys(self.ids, self.env._("Deleted: %s", reason))
        )
        self._log_deletion_on_work_orders(reason)
        self._update_work_orders()
        return True

    def _log_deletion_on_work_orders(self, reason):
        for move in self:
            orders = move.sudo().work_order_ids
            orders._message_log_batch(
                bodies=dict.fromkeys(
                    orders.ids,
                    self.env._(
                        "Invoice %(number)s was deleted: %(reason)s",
                        number=move._get_service_label(),
                        reason=reason,
                    ),
                )
            )

    def _ask_service_reason(self, method, title):
        return self.env["service.reason.wizard"]._open(self, method, title)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit memo belongs to the work orders of the invoice it credits."""
        refunds = super()._reverse_moves(default_values_list, cancel)
        for refund in refunds.filtered("service_invoice_type").sudo():
            refund.work_order_ids = refund.reversed_entry_id.work_order_ids
        return refunds
