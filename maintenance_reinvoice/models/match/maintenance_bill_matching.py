from markupsafe import Markup

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.mail import html2plaintext

from odoo.addons.service_invoicing.tools.arguments import is_id
from odoo.addons.service_invoicing.tools.guards import (
    raise_together,
    refuse_without_group,
)

from ...tools.bill_types import BILL_TYPES
from ...tools.groups import USER
from ...tools.states import APPROVED_STATES


class MaintenanceBillMatching(models.AbstractModel):
    """Which permission lines a vendor bill or credit is about, and what attaching them
    makes of its lines.

    A permission is named by its number or by its vehicle's plate: on the bill line,
    in the heading above it, or in the bill's references, note and e-mail. What is
    said nearer to the line counts before what is said farther away, and a number
    before a plate."""

    _name = "maintenance.bill.matching"
    _description = "Attaching Vendor Bills to Permissions"

    def _check_bill(self, bill):
        """Only drafts of vendors, and not for all."""
        bill.check_access("write")
        refuse_without_group(self.env, USER)
        if bill.move_type not in BILL_TYPES or bill.state != "draft":
            raise UserError(
                self.env._(
                    "%s is not a draft vendor bill or vendor credit. Reset it to "
                    "draft first.",
                    bill.display_name,
                )
            )

    def _attach(self, bill, line_ids):
        """Attach the pairs ``line_ids`` of bill lines and permission lines.

        :raise UserError: with everything that is wrong with them
        """
        pairs = self._browse_pairs(bill, line_ids)
        raise_together(self._get_pair_errors(bill, pairs))
        self._write_lines(bill, self._prepare_commands(bill, pairs))

    def _detach(self, bill, bill_lines):
        """Take lines off their permissions; what was split becomes one line again."""
        commands = []
        for origin in bill_lines._get_split_origins():
            commands += origin._prepare_unmatch_commands()
        self._write_lines(bill, commands)

    def _write_lines(self, bill, commands):
        with self.env["maintenance.bill.sharing"]._keep_tax_amounts(bill):
            bill.write({"invoice_line_ids": commands})

    def _gives_back(self, bill, line):
        """Whether this credit note brings a negative price of a permission: it is
        positive on it."""
        return bill.move_type == "in_refund" and not line.bill_posted

    # -- pairs ------------------------------------------------------------------

    def _browse_pairs(self, bill, line_ids):
        """Records of the pairs, each pair once, in their order.

        :raise UserError: when they are not pairs of ids
        """
        wrong = [
            repr(pair)
            for pair in (line_ids if isinstance(line_ids, list | tuple) else [line_ids])
            if not self._is_pair(pair)
        ]
        if wrong:
            raise UserError(
                bill.env._(
                    "Pairs of a bill line and a permission line are expected, not: %s",
                    ", ".join(wrong),
                )
            )
        if not line_ids:
            raise UserError(
                bill.env._("Choose a permission line for one of the bill's lines.")
            )
        bill_lines = bill.env["account.move.line"]
        lines = bill.env["maintenance.permission.line"]
        return [
            (bill_lines.browse(bill_line_id or ()), lines.browse(line_id))
            for bill_line_id, line_id in dict.fromkeys(map(tuple, line_ids))
        ]

    @api.model
    def _is_pair(self, pair):
        """Whether it is the id of a bill line (or nothing) and of a permission line."""
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return False
        bill_line_id, line_id = pair
        return is_id(line_id) and (not bill_line_id or is_id(bill_line_id))

    def _get_pair_errors(self, bill, pairs):
        """One sentence for each line that cannot be attached."""
        open_lines = bill.invoice_line_ids._filter_unlinked()
        candidates = self._get_candidates(bill)
        bill_lines = dict.fromkeys(bill_line for bill_line, _line in pairs)
        errors = [
            bill.env._(
                "Bill line %(line)s is not on bill %(bill)s, or is already attached.",
                line=bill_line.exists().name or bill_line.id,
                bill=bill._get_bill_name(),
            )
            for bill_line in bill_lines
            if bill_line - open_lines
        ]
        wanted = bill.env["maintenance.permission.line"].browse(
            dict.fromkeys(line.id for _bill_line, line in pairs)
        )
        for line in wanted - candidates:
            errors.append(self._get_no_candidate_error(bill, line))
        return errors

    def _get_no_candidate_error(self, bill, line):
        """Why a permission line cannot be attached to this bill; names it only to
        who may see it."""
        name = line.exists()._filtered_access("read").display_name or line.id
        if bill.move_type == "in_refund":
            return bill.env._(
                "%(line)s is not a billed line of %(vendor)s in %(currency)s that "
                "this credit could belong to.",
                line=name,
                vendor=bill.partner_id.display_name or "?",
                currency=bill.currency_id.name,
            )
        return bill.env._(
            "%(line)s is not an approved line of %(vendor)s in %(currency)s that "
            "still waits for its bill.",
            line=name,
            vendor=bill.partner_id.display_name or "?",
            currency=bill.currency_id.name,
        )

    def _get_candidates_domain(self, bill):
        """Domain of the permission lines that may be attached."""
        domain = Domain(
            [
                ("company_id", "=", bill.company_id.id),
                (
                    "permission_id.vendor_id.commercial_partner_id",
                    "in",
                    bill.commercial_partner_id.ids,
                ),
                ("permission_id.purchase_currency_id", "=", bill.currency_id.id),
                ("permission_id.state", "in", APPROVED_STATES),
                ("difference", "=", False),
            ]
        )
        live = bill.env["account.move.line"]._get_billing_domain()
        live &= Domain("parent_state", "!=", "cancel")
        unbilled = Domain("bill_line_ids", "not any!", live)
        if bill.move_type == "in_refund":
            given_back = unbilled & Domain("purchase_price", "<", 0)
            return domain & (Domain("bill_posted", "=", True) | given_back)
        return domain & Domain("purchase_price", "!=", 0) & unbilled

    def _group_pairs(self, pairs):
        """``{bill line: its permission lines}``; new lines are under no bill line."""
        groups = {}
        for bill_line, line in pairs:
            groups[bill_line] = groups.get(bill_line, line.browse()) | line
        return groups

    def _prepare_commands(self, bill, pairs):
        commands = []
        for bill_line, lines in self._group_pairs(pairs).items():
            if not bill_line:
                commands += [
                    Command.create(
                        line._prepare_bill_line_vals(
                            -1 if self._gives_back(bill, line) else 1
                        )
                    )
                    for line in lines
                ]
            elif len(lines) == 1:
                commands.append(
                    Command.update(bill_line.id, lines._prepare_match_vals())
                )
            else:
                commands += bill_line._prepare_split_commands(lines)
        return commands

    def _get_header_text(self, bill):
        """All that the bill as a whole says: references, note, and the e-mail."""
        mails = bill.message_ids.filtered(lambda m: m.message_type == "email")
        return "\n".join(
            filter(
                None,
                [
                    bill.ref,
                    bill.invoice_origin,
                    bill.payment_reference,
                    html2plaintext(bill.narration or ""),
                    *mails.mapped("subject"),
                    *(html2plaintext(mail.body or "") for mail in mails),
                ],
            )
        )

    def _get_texts(self, bill):
        """``{open bill line: [its text, the heading above it]}``."""
        texts, heading = {}, ""
        open_lines = bill.invoice_line_ids._filter_unlinked()
        for line in bill.invoice_line_ids.sorted("sequence"):
            if line.display_type != "product":
                heading = line.name or ""
            elif line in open_lines:
                texts[line] = [line.name or "", heading]
        return texts

    def _get_candidates(self, bill):
        """Permission lines that the bill or credit may be about: of this vendor,
        company and currency, and not billed yet (or for a credit billed, or given
        back by the garage)."""
        bill.ensure_one()
        lines = bill.env["maintenance.permission.line"]
        if not bill.commercial_partner_id or bill.move_type not in BILL_TYPES:
            return lines
        return lines.search(
            self._get_candidates_domain(bill), order="permission_id, sequence, id"
        )

    def _get_proposal(self, bill):
        """What could be attached.

        :return: ``{bill line: (permissions it names, permission lines proposed)}``;
            a bill without lines has one entry without a bill line
        """
        bill.ensure_one()
        candidates = self._get_candidates(bill)
        bill_lines = bill.invoice_line_ids._filter_unlinked()
        if not candidates:
            return {line: (candidates.permission_id, candidates) for line in bill_lines}
        header = self._get_header_text(bill)
        if not bill.invoice_line_ids:
            named = candidates._filter_named(header)
            return {bill_lines: (named.permission_id, named)} if named else {}
        named = {
            line: candidates._narrow_named([*texts, header])
            for line, texts in self._get_texts(bill).items()
        }
        return self._propose_from_named(named)

    # -- what a new bill names --------------------------------------------------

    def _get_found_permissions(self, bill):
        """Permissions that would be proposed, or that the lines name in vain."""
        permissions = self.env["maintenance.permission"]
        for named, lines in self._get_proposal(bill).values():
            permissions |= lines.permission_id or named
        return permissions

    def _get_note(self, bill):
        """Number and names of the permissions found, for who may see them."""
        if bill.state != "draft" or bill.move_type not in BILL_TYPES:
            return False
        if not self.env["maintenance.permission.line"].has_access("read"):
            return False
        found = self._get_found_permissions(bill)
        if not found:
            return False
        if len(found) == 1:
            return self.env._("1 permission found: %s", found.display_name)
        return self.env._(
            "%(count)s permissions found: %(names)s",
            count=len(found),
            names=", ".join(found.mapped("display_name")),
        )

    def _announce(self, bill):
        """Say in the chatter which permissions a new bill names; attaching them is
        for a person to do."""
        if note := self._get_note(bill):
            todo = self.env._(
                "Check the proposal and attach them with “Attach Permissions”."
            )
            bill.message_post(body=Markup("%s<br/>%s") % (note, todo))
