from odoo import models

from ..tools.arguments import expects, parse_text
from ..tools.guards import raise_together, refuse_without_group
from ..tools.numbers import take_number
from .account_move_guard import AUTHORIZER

BILLING = "service_invoicing.group_service_billing"


class AccountMove(models.Model):
    """The buttons of the billing life cycle: save, authorise, return and delete."""

    _inherit = "account.move"

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
            code = f"service.invoice.{move.service_invoice_type}"
            move.sudo().service_number = take_number(
                self.env, code, move.company_id, move.invoice_date
            )

    def action_service_authorize(self):
        """Save and authorise: the invoice is posted, then adjusted with the credits of
        its orders if Auto Adjust is ticked."""
        self._check_service_action(AUTHORIZER, ("fresh", "returned"))
        unsaved = self.filtered(lambda move: not move.service_saved_by_id)
        unsaved.sudo().service_saved_by_id = self.env.user
        self._service_save()
        self.action_post()
        self._service_auto_adjust()
        return True

    @expects(reason=parse_text)
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
        self._explain_return(reason)
        self._message_log_batch(
            bodies=dict.fromkeys(self.ids, self.env._("Returned: %s", reason))
        )
        for move in self:
            move._log_on_work_orders(
                self.env._(
                    "Invoice %(number)s was returned: %(reason)s",
                    number=move._get_service_label(),
                    reason=reason,
                )
            )
        return True

    @expects(reason=parse_text)
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
            + [error for move in self for error in move._get_credit_reset_errors()]
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
        for move in self:
            move._log_on_work_orders(
                self.env._(
                    "Invoice %(number)s was deleted: %(reason)s",
                    number=move._get_service_label(),
                    reason=reason,
                )
            )
        self._update_work_orders()
        return True

    def _log_on_work_orders(self, body):
        """Tell the readers of the work orders, who may not see the invoice."""
        self.ensure_one()
        orders = self.sudo().work_order_ids
        orders._message_log_batch(bodies=dict.fromkeys(orders.ids, body))

    def _ask_service_reason(self, method, title):
        return self.env["service.reason.wizard"]._open(self, method, title)
