from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import models

from odoo.addons.account.models.account_document_import_mixin import (
    rollbackable_transaction,
)
from odoo.addons.service_invoicing.tools.attempt import attempt

from ...tools.groups import USER
from ...tools.text_match import join_texts


class MaintenanceBillMatching(models.AbstractModel):
    """A bill that was received attaches itself as far as that is certain, and says in
    the chatter what it is about and what does not match."""

    _inherit = "maintenance.bill.matching"

    def _receive(self, bill, bill_lines):
        """:param bill_lines: what was read from an electronic document; of a print that
        only lies beside the bill there are none, and it proposes"""
        if not self._is_noted(bill):
            return
        candidates, vain = self._find_lines(bill)
        if not candidates and not vain:
            return
        bill = bill.with_context(skip_is_manually_modified=True)
        said = self._attach_certain(bill, candidates, vain) if bill_lines else []
        self._announce(bill, said)

    def _attach_certain(self, bill, candidates, vain):
        """Attach what would be proposed, unless the bill contradicts itself.

        :return: list of sentences about what was done
        """
        pairs = self._get_certain_pairs(bill, candidates, vain)
        if not pairs or not self._may_attach(bill):
            return []
        if error := self._try_to_attach(bill, pairs):
            return [self.env._("The bill could not be attached: %s", error)]
        permissions = bill.invoice_line_ids.maintenance_line_id.permission_id
        names = ", ".join(permissions.mapped("display_name"))
        return [self.env._("Attached to permissions: %s", names)]

    def _try_to_attach(self, bill, pairs):
        """Core has committed the bill by now: what fails here must not let the whole
        request be tried again, or the bill would be there twice.

        :return: what went wrong, empty when all is well
        """
        commands = self._prepare_commands(bill, pairs)
        lines = bill.env["maintenance.permission.line"].union(
            *(own for _, own in pairs)
        )
        try:
            with rollbackable_transaction(bill.env.cr):
                lines.fetch()  # all at once: to commit empties the caches
                return attempt(bill, lambda: self._write_lines(bill, commands))
        except OperationalError:
            return bill.env._("somebody else was changing its permissions.")

    def _get_certain_pairs(self, bill, candidates, vain):
        """Pairs of bill lines and the permission lines proposed for them; none where
        the bill also names a permission that no line is for, nor of lines that name one
        by a number that is of no use: another one's plate does not count then.

        :param vain: permission lines, see ``_find_lines``
        """
        proposal = self._get_proposal(bill, candidates)
        if self._get_left_out(bill, candidates, proposal):
            return []
        texts = self._get_texts(bill) if vain else {}
        useless = self._get_vain_permissions(bill, candidates, vain)
        return [
            (bill_line, line)
            for bill_line, (_named, lines) in proposal.items()
            if not self._filter_numbered(useless, join_texts(texts.get(bill_line, ())))
            for line in lines
        ]

    def _may_attach(self, bill):
        """Whether who brings the bill could attach it by hand as well."""
        is_user = self.env.su or self.env.user.has_group(USER)
        return is_user and bill.has_access("write")

    def _announce(self, bill, said=()):
        """Say in the chatter what became of a new bill, and what is left for a person
        to do."""
        points = self._get_open_points(bill)
        sentences = [*said, *points, *self._get_difference_sentences(bill)]
        if points:
            sentences.append(
                self.env._(
                    "Check the proposal and attach them with “Attach Permissions”."
                )
            )
        if sentences:
            bill.message_post(body=Markup("<br/>").join(sentences))

    def _keeps_from_autopost(self, bill):
        """Whether a person has to look at a bill before it is posted: it does not match
        its permissions, or would be refused for that; whether or not who brings it may
        see them."""
        matching, bill = self.sudo(), bill.sudo()
        if not matching._is_noted(bill):
            return False
        if matching._get_open_points(bill):
            return True
        is_charging = bill.invoice_line_ids._filter_billing()
        differences = matching.env["maintenance.bill.difference"]
        return bool(is_charging and differences._get_errors(bill))
