from odoo import models

from ...tools.attempt import attempt_each
from ...tools.groups import AUTHORIZER
from ...tools.guards import raise_together, refuse_without_group
from ...tools.invoice_type import TO_AUTHORIZE
from ...tools.numbers import take_number


class ServiceLifeCycle(models.AbstractModel):
    """What the buttons of the billing life cycle do with documents."""

    _name = "service.life.cycle"
    _description = "Life Cycle of Billing Documents"

    def _check(self, moves, group, statuses):
        """Right, type and status for a button.

        :raise AccessError: without the group or without write access
        :raise UserError: naming every document for which it is not the time
        """
        refuse_without_group(moves.env, group)
        moves.check_access("write")
        field = moves._fields["service_status"]
        labels = dict(field._description_selection(moves.env))
        typed = moves._filter_service_life_cycle()
        raise_together(
            [
                self.env._(
                    "%(number)s (%(status)s): this cannot be done in this status.",
                    number=move._get_service_label(),
                    status=labels.get(move.service_status, move.state),
                )
                for move in moves
                if move not in typed or move.service_status not in statuses
            ]
        )

    def _check_payable(self, moves):
        """Only what is authorized and not on hold takes money by hand.

        :raise UserError: naming the documents
        """
        errors = []
        for move in moves._filter_service_life_cycle():
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

    def _save(self, moves):
        """Bring documents to what *Save* promises, step by step."""
        for name in moves._get_service_save_steps():
            getattr(moves, name)()

    def _assign_numbers(self, moves):
        """Give document numbers, from the series of the type and company, to what has
        none yet."""
        for move in moves.filtered(lambda move: not move.service_number):
            is_memo = move.move_type == "out_refund"
            series = "credit_memo" if is_memo else move.service_invoice_type
            name = f"service.invoice.{series}"
            number = take_number(self.env, name, move.company_id, move.invoice_date)
            move._write_apart_from_lines({"service_number": number})

    def _authorize(self, moves):
        """Save and post; what was authorized is followed up."""
        self._check(moves, AUTHORIZER, TO_AUTHORIZE)
        unsaved = moves.filtered(lambda move: not move.service_saved_by_id)
        unsaved._write_apart_from_lines({"service_saved_by_id": moves.env.uid})
        self._save(moves)
        moves.action_post()
        self._follow_up(moves)

    def _follow_up(self, moves):
        for name in self._get_follow_up_steps():
            getattr(moves, name)()

    def _get_follow_up_steps(self):
        """Names of the documents' methods for what is done after they were authorized
        by the button, for all of them at once."""
        return ["_service_auto_adjust"]

    def _authorize_each(self, moves):
        """Together, and one by one if that fails.

        :return: a notification of how many went through, which names what failed
        :raise UserError: when nothing could be authorized
        """
        refuse_without_group(moves.env, AUTHORIZER)
        moves.check_access("write")
        failed = attempt_each(moves, self._authorize)
        errors = []
        for move, error in failed.items():
            label = move._get_service_label()
            errors.append(error if label in error else f"{label}: {error}")
        if len(errors) == len(moves):
            raise_together(errors)
        return self._notify_authorized(len(moves), errors)

    def _notify_authorized(self, number, errors):
        """:param number: of documents that were to be authorized"""
        count = number - len(errors)
        if not errors:
            return self._notify(self.env._("%s documents authorized.", count))
        text = self.env._(
            "%(count)s of %(all)s documents authorized.", count=count, all=number
        )
        return self._notify(
            "\n".join([text, *errors]),
            type="warning",
            sticky=True,
            title=self.env._("Not everything was authorized"),
        )

    def _notify(self, message, **params):
        """Show ``message``, then read the view again."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                **params,
            },
        }

    def _update_origins(self, moves):
        """Tell what the documents bill that they have changed."""
        for name in self._get_origin_steps():
            getattr(moves, name)()

    def _get_origin_steps(self):
        """Names of the documents' methods that do so, in this order."""
        return ["_update_releases"]

    def _log_on_orders(self, moves, body):
        """Tell the readers of the work orders, who may not see the invoice."""
        orders = moves.sudo().work_order_ids
        orders._message_log_batch(bodies=dict.fromkeys(orders.ids, body))

    def _log(self, moves, body):
        moves._message_log_batch(bodies=dict.fromkeys(moves.ids, body))
