from odoo import models

TODO_AUTHORIZE = "service_invoicing.mail_activity_type_authorize"
TODO_RETURNED = "service_invoicing.mail_activity_type_returned"


class AccountMove(models.Model):
    """To-dos: authorise what was saved, mend what came back."""

    _inherit = "account.move"

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"service_stage", "state"}:
            # whoever presses a button may not see the to-dos of others
            self._filter_service_life_cycle().sudo()._update_service_todos()
        return res

    def _update_service_todos(self):
        """Close the to-dos that are over and open those that are due.

        A fresh invoice waits for the person the company made responsible for
        authorisation, a returned one for who saved it last.
        """
        if not self:
            return
        todos = self._get_service_todos()
        for due, moves in self.grouped(lambda move: move._get_service_todo()).items():
            mine = todos.filtered(lambda todo, ids=moves.ids: todo.res_id in ids)
            kept = mine.filtered(
                lambda todo, due=due: (todo.activity_type_id, todo.user_id) == due
            )
            (mine - kept).unlink()
            todo_type, user = due
            if todo_type:
                (moves - moves.browse(kept.mapped("res_id"))).activity_schedule(
                    activity_type_id=todo_type.id, user_id=user.id
                )

    def _get_service_todos(self):
        """Open to-dos of the life cycle on these documents."""
        types = self.env.ref(TODO_AUTHORIZE) | self.env.ref(TODO_RETURNED)
        return self.activity_ids.filtered(lambda todo: todo.activity_type_id in types)

    def _get_service_todo(self):
        """What has to be done next with this document.

        :return: (activity type, user), both empty when nothing or by nobody
        """
        self.ensure_one()
        xmlid, user = None, self.env["res.users"]
        if self.service_status == "fresh":
            xmlid, user = TODO_AUTHORIZE, self.company_id.service_authorization_user_id
        elif self.service_status == "returned":
            xmlid, user = TODO_RETURNED, self.service_saved_by_id
        if not user:
            return self.env["mail.activity.type"], user
        return self.env.ref(xmlid), user

    def _explain_return(self, reason):
        """Tell the preparer in his to-do why the invoice came back."""
        self.sudo()._get_service_todos().note = reason
