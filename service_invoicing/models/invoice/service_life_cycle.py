from odoo import models

from ...tools.actions import notify, open_invoices
from ...tools.attempt import attempt, attempt_each, name_error
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
        errors = [
            name_error(move._get_service_label(), error)
            for move, error in failed.items()
        ]
        if len(errors) == len(moves):
            raise_together(errors)
        return self._notify_authorized(len(moves), errors)

    def _notify_authorized(self, number, errors):
        """:param number: of documents that were to be authorized"""
        count = number - len(errors)
        if not errors:
            text = self.env._("%s documents authorized.", count)
            return notify(text, "success")
        text = self.env._(
            "%(count)s of %(all)s documents authorized.", count=count, all=number
        )
        title = self.env._("Not everything was authorized")
        return notify("\n".join([text, *errors]), title=title, sticky=True)

    def _bill_in_background(self, kind, documents, **vals):
        """Have so many documents billed that nobody should wait for it.

        :param str kind: of billing run
        :param vals: more values of it
        :return: action that shows how far it is; None where a user can wait
        """
        return None

    def _bill_each(self, jobs, title=None, together=None):
        """Make invoices together, and one by one if that fails; one failure, of
        whatever kind, stops no other.

        :param jobs: pairs of the documents that are billed together and the function
            that does it and returns their invoices
        :param str title: of the message that tells what failed
        :param together: function that does all of it at once and returns all invoices
        :return: action that opens the invoices made, after telling what failed
        :raise UserError: when nothing could be invoiced
        """
        moves = self.env["account.move"]
        made = []
        if together and not attempt(moves, lambda: made.append(together())):
            return open_invoices(made[0])
        errors = []
        for documents, bill in jobs:
            made = []
            error = attempt(documents, lambda make=bill, m=made: m.append(make()))
            if error:
                names = ", ".join(documents.mapped("display_name"))
                errors.append(name_error(names, error))
            moves = moves.union(*made)
        if not moves:
            raise_together(errors)
        action = open_invoices(moves)
        if not errors:
            return action
        title = title or self.env._("Not everything was invoiced")
        return notify("\n".join(errors), title=title, sticky=True, next=action)

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
