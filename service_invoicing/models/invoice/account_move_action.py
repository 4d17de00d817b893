from odoo import models

from ...tools.arguments import expects, parse_text
from ...tools.groups import BILLING
from ...tools.guards import raise_together
from ...tools.invoice_type import TO_AUTHORIZE


class AccountMove(models.Model):
    """The buttons of the billing life cycle: save, authorize, return, delete, hold."""

    _inherit = "account.move"

    def action_service_save(self):
        """Save for authorization: number, T/C/D and totals.

        The status becomes fresh, or draft while the Draft box is ticked.
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, TO_AUTHORIZE)
        life_cycle._save(self)
        self._write_apart_from_lines({"service_saved_by_id": self.env.uid})
        return True

    def _get_service_save_steps(self):
        """Names of the methods that save documents, each for all of them at once, in
        the order in which they need one another: first what may refuse, then what
        changes lines, at last what follows the amounts."""
        return [
            "_check_releases_billed",
            "_check_prepayments_complete",
            "_sync_service_tcd",
            "_set_service_saved",
            "_sync_service_deductions",
            "_sync_service_schedule",
        ]

    def _set_service_saved(self):
        """Number documents that have no number yet, and leave them saved."""
        self.env["service.life.cycle"]._assign_numbers(self)
        for stage, moves in self.grouped("service_keep_draft").items():
            moves._write_apart_from_lines(
                {"service_stage": "draft" if stage else "fresh"}
            )

    def action_service_authorize(self):
        """Save and authorize: the invoice is posted, then adjusted with the credits of
        its orders if Auto Adjust is ticked.

        Of several, one that fails stops no other: it is named with its reason, and
        nothing of it is kept.

        :return: True, or a notification that names what failed
        :raise UserError: when nothing could be authorized
        """
        life_cycle = self.env["service.life.cycle"]
        if len(self) > 1:
            return life_cycle._authorize_each(self)
        life_cycle._authorize(self)
        return True

    @expects(reason=parse_text)
    def action_service_return(self, reason=None):
        """Send the invoice back to its preparer.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: naming what nobody has saved yet
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, ("draft", "fresh"))
        raise_together(
            [
                self.env._(
                    "%s has not been saved yet, so there is nobody to return it to.",
                    move._get_service_label(),
                )
                for move in self
                if not move.service_saved_by_id
            ]
        )
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_service_return", self.env._("Return Invoice")
            )
        self.sudo().write({"service_stage": "returned"})
        # the preparer reads in his to-do why the invoice came back
        self.env["service.move.todo"]._get_open(self.sudo()).note = reason
        life_cycle._log(self, self.env._("Returned: %s", reason))
        for move in self:
            body = self.env._(
                "Invoice %(number)s was returned: %(reason)s",
                number=move._get_service_label(),
                reason=reason,
            )
            life_cycle._log_on_orders(move, body)
        return True

    @expects(reason=parse_text)
    def action_service_delete(self, reason=None):
        """Delete the invoice: it is cancelled and kept, its orders are billed again.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: when money is matched with it
        """
        guard = self.env["service.move.guard"]
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, TO_AUTHORIZE)
        raise_together([e for move in self for e in guard._get_deletion_errors(move)])
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_service_delete", self.env._("Delete Invoice")
            )
        self.sudo().write({"service_stage": "deleted"})
        self.button_cancel()
        life_cycle._log(self, self.env._("Deleted: %s", reason))
        for move in self:
            body = self.env._(
                "Invoice %(number)s was deleted: %(reason)s",
                number=move._get_service_label(),
                reason=reason,
            )
            life_cycle._log_on_orders(move, body)
        life_cycle._update_origins(self)
        return True

    # Hold: core's own payment block, with its reason and with an effect.

    @expects(reason=parse_text)
    def action_service_hold(self, reason=None):
        """Hold authorized invoices: nothing is paid or adjusted by hand.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: naming what is not authorized, paid or on hold already
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, ("authorized", "partially_adjusted"))
        raise_together(
            [
                self.env._("%s is paid or on hold already.", move._get_service_label())
                for move in self
                if move.payment_state in ("blocked", "paid", "in_payment", "reversed")
            ]
        )
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_service_hold", self.env._("Hold Invoice")
            )
        for move in self:
            move.action_toggle_block_payment()
        life_cycle._log(self, self.env._("On hold: %s", reason))
        return True

    def action_service_release_hold(self):
        """Let invoices on hold be paid and adjusted again.

        :raise UserError: naming what is not on hold
        """
        life_cycle = self.env["service.life.cycle"]
        statuses = ("authorized", "partially_adjusted", "adjusted", "reversed")
        life_cycle._check(self, BILLING, statuses)
        raise_together(
            [
                self.env._("%s is not on hold.", move._get_service_label())
                for move in self
                if move.payment_state != "blocked"
            ]
        )
        for move in self:
            move.action_toggle_block_payment()
        life_cycle._log(self, self.env._("Hold released"))
        return True

    # What the buttons open.

    def action_view_work_orders(self):
        """Open the work orders this document bills."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.service_work_order_action"
        )
        action["domain"] = [("id", "in", self.work_order_ids.ids)]
        action["context"] = {"create": False}
        return action

    def action_service_open_entries(self):
        """Open the journal items of authorized invoices, or a preview of the others.

        :return: action that opens them; nothing can be changed there
        """
        self.check_access("read")
        return self.env["service.entry.preview"]._open(self)
