from contextlib import contextmanager

from odoo import models

from ...tools.groups import AUTHORIZER
from ...tools.guards import raise_together, refuse_without_group

# of those who may authorize a document, in the sentence that sends one to them
NAMED_USERS = 5


class ServiceAuthorization(models.AbstractModel):
    """What keeps documents from being authorized, alone or together, and what completes
    them before core posts them."""

    _name = "service.authorization"
    _description = "Authorization of Billing Documents"

    @contextmanager
    def _post(self, moves):
        """What is posted is complete, and its orders and invoices follow."""
        self._check(moves)
        life_cycle = self.env["service.life.cycle"]
        life_cycle._assign_numbers(moves)
        for name in self._get_completion_steps():
            getattr(moves, name)()
        self.env["service.closed.period"]._leave(moves)
        yield
        life_cycle._update_origins(moves._filter_posted().reversed_entry_id)

    def _get_completion_steps(self):
        """Names of the documents' methods that bring them up to date before they are
        posted, each for all of them at once."""
        return ["_sync_service_tcd"]

    def _check(self, moves):
        """Only an authorizer posts, and only what was saved as fresh."""
        refuse_without_group(moves.env, AUTHORIZER)
        periods = self.env["service.closed.period"]
        raise_together(
            [
                error
                for move in moves
                for error in (
                    *self._get_errors(move),
                    *self._get_batch_errors(move, moves),
                    *periods._get_errors(move),
                )
            ]
        )

    def _get_errors(self, move):
        """Why a document cannot be authorized now.

        :return: list of translated sentences
        """
        names = move._get_service_post_checks()
        return self._get_stage_errors(move) + [
            error for name in names for error in getattr(move, name)()
        ]

    def _get_batch_errors(self, move, batch):
        """Why a document cannot be authorized together with others.

        :param batch: all that is being authorized
        :return: list of translated sentences
        """
        names = self._get_batch_checks()
        return [error for name in names for error in getattr(move, name)(batch)]

    def _get_batch_checks(self):
        """Names of the document's methods that find it, each a list of translated
        sentences."""
        return [
            "_get_transfer_post_errors",
            "_get_overcredit_errors",
            "_get_overused_errors",
        ]

    def _get_stage_errors(self, move):
        """Not saved, or saved by who may not authorize it as well."""
        label = move._get_service_label()
        if move.service_keep_draft:
            return [
                self.env._("%s is kept as a draft. Untick the box and save it.", label)
            ]
        if move.service_stage != "fresh" and move.move_type == "out_invoice":
            return [
                self.env._(
                    "%s has not been saved for authorization. Use “Save and "
                    "Authorize”.",
                    label,
                )
            ]
        needs_other = move.company_id.service_maker_not_authorizer
        if needs_other and move.service_saved_by_id == move.env.user:
            return [self._describe_others(move)]
        return []

    def _describe_others(self, move):
        """Who may authorize what the current user prepared."""
        others = self._get_others(move)
        if not others:
            return self.env._(
                "%(number)s was saved by you. Somebody else has to authorize it, and "
                "in %(company)s nobody else has the right to.",
                number=move._get_service_label(),
                company=move.company_id.name,
            )
        return self.env._(
            "%(number)s was saved by you. Somebody else has to authorize it: "
            "%(names)s.",
            number=move._get_service_label(),
            names=", ".join(others.mapped("name")),
        )

    def _get_others(self, move):
        """Users but the current one who may authorize a document."""
        domain = [
            ("all_group_ids", "in", self.env.ref(AUTHORIZER).ids),
            ("company_ids", "in", move.company_id.ids),
            ("share", "=", False),
            ("id", "!=", move.env.uid),
        ]
        return self.env["res.users"].sudo().search(domain, limit=NAMED_USERS)
