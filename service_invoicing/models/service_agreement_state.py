from odoo import models
from odoo.tools import format_date

from ..tools.arguments import expects, parse_day, parse_text
from ..tools.guards import raise_together, refuse_without_group

BILLING = "service_invoicing.group_service_billing"


class ServiceAgreement(models.Model):
    _inherit = "service.agreement"

    def action_open(self):
        """The agreement runs, or runs again: its months are released.

        :raise UserError: every missing piece of every agreement, at once
        """
        self._check_state(("draft", "closed"))
        raise_together([error for a in self for error in a._get_term_errors()])
        self._change_state("open", ("draft", "closed"))
        return True

    def _get_term_errors(self):
        """What is missing before the agreement can be billed.

        :return: list of translated sentences, each naming the agreement
        """
        self.ensure_one()
        errors = []
        if not self.line_ids:
            errors.append(
                self.env._("%s: there are no lines to bill.", self.name),
            )
        for line in self.line_ids:
            errors += line._get_term_errors()
        return errors

    @expects(date=parse_day)
    def action_close(self, date=None):
        """The agreement ends: it is released until this day and no further.

        :param date: its last day; without it the dialog that asks for it is returned
        :raise UserError: naming releases of months after that day
        """
        self._check_state(("open",))
        if not date:
            return self._ask_last_day()
        self._check_last_day(date)
        refuse_without_group(self.env, BILLING)
        self.write({"date_end": date})
        self._change_state("closed", ("open",))
        return True

    def _check_last_day(self, date):
        """:raise UserError: naming agreements that begin after this day"""
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s begins on %(start)s: it cannot end on "
                    "%(date)s.",
                    agreement=agreement.name,
                    start=format_date(self.env, agreement.date_start),
                    date=format_date(self.env, date),
                )
                for agreement in self
                if date < agreement.date_start
            ]
        )

    def _ask_last_day(self):
        """Dialog that asks for the last day."""
        wizard = self.env["service.agreement.close.wizard"].create(
            {"agreement_ids": self.ids}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Close Agreement"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    @expects(reason=parse_text)
    def action_cancel(self, reason=None):
        """Cancel agreements that have not been released; they stay for the record.

        :param str reason: without it the dialog that asks for it is returned
        """
        self._check_state(("draft", "open"))
        self._check_never_billed()
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_cancel", self.env._("Cancel Agreement")
            )
        self._change_state("cancelled", ("draft", "open"), reason)
        return True

    def action_draft(self):
        """Take cancelled agreements up again."""
        self._change_state("draft", ("cancelled",))
        return True

    def _check_state(self, states):
        """:raise UserError: naming every agreement that is in none of the states"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s is in state “%(state)s”: this cannot be "
                    "done now.",
                    agreement=agreement.name,
                    state=labels[agreement.state],
                )
                for agreement in self
                if agreement.state not in states
            ]
        )

    def _change_state(self, state, from_states, reason=None):
        """Change the state of agreements, with the reason in the chatter."""
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._check_state(from_states)
        self.sudo().write({"state": state})
        if reason:
            self._message_log_batch(bodies=dict.fromkeys(self.ids, reason))
