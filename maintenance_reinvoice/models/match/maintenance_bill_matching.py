from itertools import chain

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
from ...tools.text_match import join_texts


class MaintenanceBillMatching(models.AbstractModel):
    """Which permission lines a vendor bill or credit is about, and what attaching them
    makes of its lines.

    A permission is named by its number or by its vehicle's plate: on the bill line,
    in the heading above it, or in the bill's references, note and e-mail, and by a
    vendor credit in the bill that it takes back. What is said nearer to the line counts
    before what is said farther away, and a number before a plate."""

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
        return join_texts(
            [
                *(bill.maintenance_named or []),
                bill.ref,
                bill.invoice_origin,
                bill.payment_reference,
                html2plaintext(bill.narration or ""),
                *mails.mapped("subject"),
                *(html2plaintext(mail.body or "") for mail in mails),
            ]
        )

    def _get_line_text(self, line):
        """All that one line of a bill says."""
        return join_texts([*(line.maintenance_named or []), line.name])

    def _get_credited_text(self, bill):
        """Numbers of the permissions on the bill that a vendor credit takes back."""
        lines = bill.reversed_entry_id.invoice_line_ids.maintenance_line_id
        return join_texts(lines.permission_id.mapped("name"))

    def _get_texts(self, bill):
        """``{open bill line: texts that name its permission, the nearest first}``,
        none of what is charged or allowed for the bill as a whole."""
        texts, heading = {}, ""
        farther = [self._get_header_text(bill), self._get_credited_text(bill)]
        open_lines = bill.invoice_line_ids._filter_unlinked()
        for line in bill.invoice_line_ids.sorted("sequence"):
            if line.display_type != "product":
                heading = line.name or ""
            elif line.maintenance_whole and line in open_lines:
                texts[line] = []
            elif line in open_lines:
                texts[line] = [self._get_line_text(line), heading, *farther]
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

    def _find_lines(self, bill):
        """The candidates, and what a received document names by number without being
        about it. One search tells who has neither.

        :return: two sets of permission lines
        """
        names = self._get_names(bill)
        if not names or not bill.commercial_partner_id:
            return self._get_candidates(bill), bill.env["maintenance.permission.line"]
        domain = self._get_candidates_domain(bill)
        named = Domain("company_id", "=", bill.company_id.id)
        named &= Domain("permission_id.name", "in", names)
        found = bill.env["maintenance.permission.line"].search(domain | named)
        if not found:
            return found, found
        candidates = self._get_candidates(bill)
        return candidates, found - candidates

    def _get_names(self, bill):
        """References and texts of the received document, each once."""
        named = [bill.maintenance_named or []]
        named += [line.maintenance_named or [] for line in bill.invoice_line_ids]
        return list(dict.fromkeys(chain.from_iterable(named)))

    def _get_proposal(self, bill, candidates=None):
        """What could be attached.

        :param candidates: what ``_get_candidates`` has found, if that is known
        :return: ``{bill line: (permissions it names, permission lines proposed)}``;
            a bill without lines has one entry without a bill line
        """
        bill.ensure_one()
        if candidates is None:
            candidates = self._get_candidates(bill)
        bill_lines = bill.invoice_line_ids._filter_unlinked()
        if not candidates:
            return {line: (candidates.permission_id, candidates) for line in bill_lines}
        if not bill.invoice_line_ids:
            named = candidates._filter_named(self._get_header_text(bill))
            return {bill_lines: (named.permission_id, named)} if named else {}
        texts = self._get_texts(bill)
        said = join_texts(dict.fromkeys(chain.from_iterable(texts.values())))
        mentioned = candidates._filter_mentioned(said)
        named = {line: mentioned._narrow_named(own) for line, own in texts.items()}
        return self._propose_from_named(named)
