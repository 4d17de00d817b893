from odoo import models

from ...tools.actions import notify, open_invoices
from ...tools.attempt import attempt_each, name_error
from ...tools.groups import AUTHORIZER
from ...tools.guards import raise_together, refuse_without_group
from ...tools.invoice_type import TO_AUTHORIZE
from ...tools.numbers import take_numbers


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
        unnumbered = moves.filtered(lambda move: not move.service_number)
        for (series, company), own in unnumbered.grouped(
            lambda move: (self._get_series(move), move.company_id)
        ).items():
            dates = own.mapped("invoice_date")
            numbers = take_numbers(self.env, series, company, dates)
            for move, number in zip(own, numbers, strict=True):
                move._write_apart_from_lines({"service_number": number})

    def _get_series(self, move):
        """Code of the series that numbers a document."""
        is_memo = move.move_type == "out_refund"
        series = "credit_memo" if is_memo else move.service_invoice_type
        return f"service.invoice.{series}"

    def _authorize(self, moves):
        """Save and post; what was authorized is followed up."""
        self._check(moves, AUTHORIZER, TO_AUTHORIZE)
        unsaved = moves.filtered(lambda move: not move.service_saved_by_id)
        unsaved._write_apart_from_lines({"service_saved_by_id": moves.env.uid})
        seen = {
            move: (self._sum_billed(move), move.amount_total)
            for move in moves
            if move.service_stage == "fresh"
            and move.service_saved_by_id != moves.env.user
        }
        self._save(moves)
        self._refuse_other_total(seen)
        moves.action_post()
        self._follow_up(moves)

    def _refuse_other_total(self, seen):
        """Nobody authorizes another total than he was shown: what somebody else has
        changed without saving comes on the lines only now. Of prepayments another
        invoice may have taken its part meanwhile.

        :param dict seen: document → what it billed before it was saved, and its total
        :raise UserError: naming the documents and both totals
        """
        raise_together(
            [
                self.env._(
                    "%(number)s was changed after it was saved: its total of %(seen)s "
                    "becomes %(total)s. Save it for authorization, look at it again "
                    "and authorize it then.",
                    number=move._get_service_label(),
                    seen=move.currency_id.format(total),
                    total=move.currency_id.format(move.amount_total),
                )
                for move, (billed, total) in seen.items()
                if move.currency_id.compare_amounts(self._sum_billed(move), billed)
            ]
        )

    def _sum_billed(self, move):
        """What the document bills with tax, in its currency; prepayments apart."""
        lines = move.invoice_line_ids.filtered(
            lambda line: not line.service_prepayment_id
        )
        return sum(lines.mapped("price_total"))

    def _follow_up(self, moves):
        for name in self._get_follow_up_steps():
            getattr(moves, name)()

    def _get_follow_up_steps(self):
        """Names of the documents' methods for what is done after they were authorized
        by the button, for all of them at once."""
        return ["_service_auto_adjust"]

    def _authorize_each(self, moves):
        """Together, and in ever smaller parts where that fails.

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

    def _bill_each(self, groups, bill):
        """Make the invoices of all groups together, and of fewer and fewer where that
        fails; one failure, of whatever kind, stops no other.

        :param list groups: documents that are billed together each
        :param bill: function of some of the groups that returns their invoices
        :return: action that opens the invoices made, after telling what failed
        :raise UserError: when nothing could be invoiced
        """
        made = []
        failed = attempt_each(groups, bill, made)
        return self._open_billed(made, failed.items())

    def _bill_one_by_one(self, jobs, title=None):
        """The same for what cannot be made together.

        :param jobs: pairs of the documents that are billed together and the function
            that does it and returns their invoices
        :param str title: of the message that tells what failed
        """
        made, failed = [], []
        for documents, bill in jobs:
            failed += attempt_each(
                [documents], lambda _groups, make=bill: make(), made
            ).items()
        return self._open_billed(made, failed, title)

    def _open_billed(self, made, failed, title=None):
        """Open the invoices that were made, after telling what failed.

        :param list made: recordsets of invoices
        :param failed: pairs of documents and what went wrong
        """
        errors = [
            name_error(", ".join(documents.mapped("display_name")), error)
            for documents, error in failed
        ]
        moves = self.env["account.move"].union(*made)
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
