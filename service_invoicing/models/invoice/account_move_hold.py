from odoo import models

from ...tools.arguments import expects, parse_text
from ...tools.groups import BILLING
from ...tools.guards import raise_together


class AccountMove(models.Model):
    """Hold: core's own payment block, with its reason and with an effect."""

    _inherit = "account.move"

    @expects(reason=parse_text)
    def action_service_hold(self, reason=None):
        """Hold authorized invoices: nothing is paid or adjusted by hand.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: naming what is not authorized, paid or on hold already
        """
        self._check_service_action(BILLING, ("authorized", "partially_adjusted"))
        raise_together(
            [
                self.env._("%s is paid or on hold already.", move._get_service_label())
                for move in self
                if move.payment_state in ("blocked", "paid", "in_payment", "reversed")
            ]
        )
        if not reason:
            return self._ask_service_reason(
                "action_service_hold", self.env._("Hold Invoice")
            )
        for move in self:
            move.action_toggle_block_payment()
        self._message_log_batch(
            bodies=dict.fromkeys(self.ids, self.env._("On hold: %s", reason))
        )
        return True

    def action_service_release_hold(self):
        """Let invoices on hold be paid and adjusted again.

        :raise UserError: naming what is not on hold
        """
        self._check_service_action(
            BILLING, ("authorized", "partially_adjusted", "adjusted", "reversed")
        )
        raise_together(
            [
                self.env._("%s is not on hold.", move._get_service_label())
                for move in self
                if move.payment_state != "blocked"
            ]
        )
        for move in self:
            move.action_toggle_block_payment()
        self._message_log_batch(
            bodies=dict.fromkeys(self.ids, self.env._("Hold released"))
        )
        return True

    def _check_service_payable(self):
        """Only what is authorized and not on hold takes money by hand.

        :raise UserError: naming the documents
        """
        errors = []
        for move in self._filter_service_life_cycle():
            label = move._get_service_label()
            if move.state == "draft":
                errors.append(
                    self.env._(
                        "%s is not authorized yet: no payment can be registered and "
                        "nothing adjusted.",
                        label,
                    )
                )
            elif move.payment_state == "blocked":
                errors.append(
                    self.env._(
                        "%s is on hold: release it before money is registered or "
                        "adjusted.",
                        label,
                    )
                )
        raise_together(errors)

    def action_force_register_payment(self):
        self._check_service_payable()
        return super().action_force_register_payment()
