from odoo import models

from ...tools.bill_types import BILL_TYPES
from ...tools.states import APPROVED_STATES
from ...tools.text_match import join_texts, mentions


class MaintenanceBillMatching(models.AbstractModel):
    """What a draft bill has to do with permissions, and what does not match them, said
    before it is posted."""

    _inherit = "maintenance.bill.matching"

    def _get_note_parts(self, bill):
        """Sentences about what is to be attached and about what is attached, for who
        may see permissions; otherwise none."""
        if not self._is_noted(bill):
            return [], []
        return self._get_open_points(bill), self._get_difference_sentences(bill)

    def _is_noted(self, bill):
        return (
            bill.state == "draft"
            and bill.move_type in BILL_TYPES
            and self.env["maintenance.permission.line"].has_access("read")
        )

    def _get_open_points(self, bill):
        """What is found and not attached, and what cannot be.

        :return: list of sentences; none for who has nothing to do with permissions
        """
        candidates, vain = self._find_lines(bill)
        if not candidates and not vain and not self._get_attached(bill):
            return []
        proposal = self._get_proposal(bill, candidates)
        return [
            *self._get_found_sentences(proposal),
            *self._get_unclear_sentences(proposal),
            *self._get_left_out_sentences(bill, candidates, proposal),
            *self._get_vain_sentences(bill, candidates, vain),
            *self._get_unfound_sentences(bill, proposal),
        ]

    def _get_attached(self, bill):
        return bill.invoice_line_ids.maintenance_line_id

    # -- what is found ----------------------------------------------------------

    def _join_found(self, proposal):
        """Permissions that are proposed, or that the lines name in vain."""
        permissions = self.env["maintenance.permission"]
        for named, lines in proposal.values():
            permissions |= lines.permission_id or named
        return permissions

    def _get_found_sentences(self, proposal):
        """Number and names of the permissions found."""
        found = self._join_found(proposal)
        if not found:
            return []
        if len(found) == 1:
            return [self.env._("1 permission found: %s", found.display_name)]
        return [
            self.env._(
                "%(count)s permissions found: %(names)s",
                count=len(found),
                names=", ".join(found.mapped("display_name")),
            )
        ]

    # -- what does not match ----------------------------------------------------

    def _describe_line(self, line):
        amount = line.currency_id.format(line.price_subtotal)
        return f"“{line.name or '–'}” ({amount})"

    def _get_unclear_sentences(self, proposal):
        """Lines that name permissions, of which their amount tells none."""
        return [
            self.env._(
                "%(line)s may be for %(permissions)s: the amount does not tell. Choose "
                "with “Attach Permissions”.",
                line=self._describe_line(line),
                permissions=", ".join(named.mapped("display_name")),
            )
            for line, (named, lines) in proposal.items()
            if named and not lines
        ]

    def _get_left_out(self, bill, candidates, proposal):
        """Permissions that the bill names by number, although all of its lines name
        others."""
        text = join_texts(
            [self._get_header_text(bill), *map(self._get_line_text, proposal)]
        )
        others = candidates.permission_id - self._join_found(proposal)
        return self._filter_numbered(others, text)

    def _filter_numbered(self, permissions, text):
        """Those of the permissions that a text names by their number."""
        get_number = self.env["maintenance.permission.line"]._get_permission_number
        return permissions.filtered(lambda one: mentions(text, get_number(one)))

    def _get_left_out_sentences(self, bill, candidates, proposal):
        left_out = self._get_left_out(bill, candidates, proposal)
        if not left_out:
            return []
        return [
            self.env._(
                "The bill names %s, but no line of it is for that. Check what its "
                "lines are for.",
                ", ".join(left_out.mapped("display_name")),
            )
        ]

    def _get_vain_permissions(self, bill, candidates, vain):
        """Permissions that the bill names by number and that it cannot be about.

        :param vain: permission lines, see ``_find_lines``
        """
        possible = candidates | self._get_attached(bill)
        return vain.permission_id - possible.permission_id

    def _get_vain_sentences(self, bill, candidates, vain):
        permissions = self._get_vain_permissions(bill, candidates, vain)
        return [self._get_vain_sentence(bill, permission) for permission in permissions]

    def _get_vain_sentence(self, bill, permission):
        """Why a permission that the bill names is not what it can be about."""
        garage, name = permission.vendor_id, permission.display_name
        if garage.commercial_partner_id != bill.commercial_partner_id:
            return self.env._(
                "The bill names %(permission)s, which is for %(garage)s.",
                permission=name,
                garage=garage.display_name or "–",
            )
        if permission.state not in APPROVED_STATES:
            states = dict(permission._fields["state"]._description_selection(self.env))
            return self.env._(
                "The bill names %(permission)s, which is not approved: %(state)s.",
                permission=name,
                state=states[permission.state],
            )
        if permission.purchase_currency_id != bill.currency_id:
            return self.env._(
                "The bill names %(permission)s, which is in %(currency)s.",
                permission=name,
                currency=permission.purchase_currency_id.name,
            )
        if bill.move_type == "in_refund":
            return self.env._("The credit names %s, of which nothing is billed.", name)
        return self.env._("The bill names %s, of which no line waits for a bill.", name)

    def _get_unfound_sentences(self, bill, proposal):
        """Lines of no permission, where others have one or the bill was read from a
        garage's file; on other bills they are nothing special."""
        unfound = self.env["account.move.line"].union(
            *(
                line
                for line, (named, _lines) in proposal.items()
                if not named and not line.maintenance_whole
            )
        )
        if not self._get_attached(bill) and not self._join_found(proposal):
            unfound = unfound.filtered("is_imported")
        if not unfound:
            return []
        lines = ", ".join(map(self._describe_line, unfound))
        return [self.env._("No permission was found for %s.", lines)]

    # -- what is attached -------------------------------------------------------

    def _get_difference_sentences(self, bill):
        """How a bill differs from what was agreed of the permissions on it."""
        billed = bill.invoice_line_ids._filter_billing().maintenance_line_id
        if not billed:
            return []
        Difference = bill.env["maintenance.bill.difference"]
        sentences = [
            bill.env._(
                "%(permission)s is billed with a difference of %(difference)s.",
                permission=permission.display_name,
                difference=bill.currency_id.format(difference),
            )
            for permission, difference in Difference._get_differences(bill).items()
            if permission
        ]
        return (
            sentences
            + self._get_unbilled_sentences(billed)
            + self._get_whole_sentences(bill)
        )

    def _get_unbilled_sentences(self, billed):
        """Lines of the same permissions that no bill charges.

        :param billed: permission lines on the bill
        """
        unbilled = billed.permission_id._get_lines_to_bill() - billed
        return [
            self.env._(
                "Not billed of %(permission)s: %(lines)s.",
                permission=permission.display_name,
                lines=", ".join(
                    f"“{line.name}” ({currency.format(line.purchase_price)})"
                    for line in lines
                    for currency in line.purchase_currency_id
                ),
            )
            for permission, lines in unbilled.grouped("permission_id").items()
        ]

    def _get_whole_sentences(self, bill):
        """Who bears what the bill charges or allows as a whole."""
        parts = bill.env["maintenance.bill.difference"]._share_whole(bill)
        currency = bill.currency_id
        if all(currency.is_zero(part) for part in parts.values()):
            return []
        return [
            bill.env._(
                "%(amount)s of no permission is shared out by value: %(parts)s.",
                amount=currency.format(sum(parts.values())),
                parts=", ".join(
                    f"{permission.display_name} {currency.format(part)}"
                    for permission, part in parts.items()
                ),
            )
        ]
