from odoo import models

TO_AUTHORIZE = "service_invoicing.mail_activity_type_authorize"
RETURNED = "service_invoicing.mail_activity_type_returned"


class ServiceMoveTodo(models.AbstractModel):
    """To-dos of documents: authorize what was saved, mend what came back.

    A fresh invoice waits for the person the company made responsible for authorization,
    a returned one for who saved it last.
    """

    _name = "service.move.todo"
    _description = "To-dos of Billing Documents"

    def _update(self, moves):
        """Close the to-dos that are over and open those that are due."""
        if not moves:
            return
        todos = self._get_open(moves)
        for due, waiting in moves.grouped(self._get_due).items():
            mine = todos.filtered(lambda todo, ids=waiting.ids: todo.res_id in ids)
            kept = mine.filtered(
                lambda todo, due=due: (todo.activity_type_id, todo.user_id) == due
            )
            (mine - kept).unlink()
            todo_type, user = due
            if todo_type:
                (waiting - moves.browse(kept.mapped("res_id"))).activity_schedule(
                    activity_type_id=todo_type.id, user_id=user.id
                )

    def _get_open(self, moves):
        """Open to-dos of the life cycle on these documents."""
        types = moves.env.ref(TO_AUTHORIZE) | moves.env.ref(RETURNED)
        return moves.activity_ids.filtered(lambda todo: todo.activity_type_id in types)

    def _get_due(self, move):
        """What has to be done next with a document.

        :return: (activity type, user), both empty when nothing or by nobody
        """
        xmlid, user = None, move.env["res.users"]
        if move.service_status == "fresh":
            xmlid, user = TO_AUTHORIZE, move.company_id.service_authorization_user_id
        elif move.service_status == "returned":
            xmlid, user = RETURNED, move.service_saved_by_id
        if not user:
            return move.env["mail.activity.type"], user
        return move.env.ref(xmlid), user
