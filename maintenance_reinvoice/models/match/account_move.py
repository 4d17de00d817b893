from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects, is_id, parse_ids
from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.bill_types import BILL_TYPES
from ...tools.states import APPROVED_STATES


class AccountMove(models.Model):
    """Vendor bills and credits that came by themselves, attached to permissions."""

    _inherit = "account.move"

    @expects(one=True)
    def action_maintenance_match(self, line_ids=None):
        """Attach the lines of a draft vendor bill or credit to permission lines.

        Without ``line_ids`` the dialog with the proposals is returned.

        :param line_ids: pairs ``(bill line id, permission line id)``. A bill line in
            several pairs is split by the agreed prices; a pair without a bill line
            adds the permission line to the bill.
        :raise UserError: with everything that is wrong with the pairs
        """
        self._check_may_match()
        if line_ids is None:
            return self._get_match_dialog()
        pairs = self._browse_match_pairs(line_ids)
        raise_together(self._get_pair_errors(pairs))
        with self._keep_tax_amounts():
            self.write({"invoice_line_ids": self._prepare_match_commands(pairs)})
        return True

    @expects(one=True, line_ids=parse_ids)
    def action_maintenance_unmatch(self, line_ids=None):
        """Take lines of a draft bill off their permissions, all of them by default;
        what was split becomes one line again.

        :param line_ids: ids of bill lines
        """
        self._check_may_match()
        linked = self.invoice_line_ids.filtered("maintenance_line_id")
        if line_ids is not None:
            linked = linked.filtered(lambda line: line.id in line_ids)
        if not linked:
            raise UserError(
                self.env._("%s: no line is attached.", self._get_bill_name())
            )
        commands = []
        for origin in linked._get_split_origins():
            commands += origin._prepare_unmatch_commands()
        with self._keep_tax_amounts():
            self.write({"invoice_line_ids": commands})
        return True

    # -- checks -----------------------------------------------------------------

    def _check_may_match(self):
        self.check_access("write")
        self.env["maintenance.permission"]._check_group("group_maintenance_user")
        if self.move_type not in BILL_TYPES or self.state != "draft":
            raise UserError(
                self.env._(
                    "%s is not a draft vendor bill or vendor credit. Reset it to "
                    "draft first.",
                    self.display_name,
                )
            )

    def _browse_match_pairs(self, line_ids):
        """Records of the pairs, each pair once, in their order.

        :raise UserError: when they are not pairs of ids
        """
        wrong = [
            repr(pair)
            for pair in (line_ids if isinstance(line_ids, list | tuple) else [line_ids])
            if not self._is_match_pair(pair)
        ]
        if wrong:
            raise UserError(
                self.env._(
                    "Pairs of a bill line and a permission line are expected, not: %s",
                    ", ".join(wrong),
                )
            )
        if not line_ids:
            raise UserError(
                self.env._("Choose a permission line for one of the bill's lines.")
            )
        bill_lines = self.env["account.move.line"]
        lines = self.env["maintenance.permission.line"]
        return [
            (bill_lines.browse(bill_line_id or ()), lines.browse(line_id))
            for bill_line_id, line_id in dict.fromkeys(map(tuple, line_ids))
        ]

    @api.model
    def _is_match_pair(self, pair):
        """Whether it is the id of a bill line (or nothing) and of a permission line."""
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return False
        bill_line_id, line_id = pair
        return is_id(line_id) and (not bill_line_id or is_id(bill_line_id))

    def _get_pair_errors(self, pairs):
        """One sentence for each line that cannot be attached."""
        open_lines = self._get_open_bill_lines()
        candidates = self._get_match_candidates()
        bill_lines = dict.fromkeys(bill_line for bill_line, _line in pairs)
        errors = [
            self.env._(
                "Bill line %(line)s is not on bill %(bill)s, or is already attached.",
                line=bill_line.exists().name or bill_line.id,
                bill=self._get_bill_name(),
            )
            for bill_line in bill_lines
            if bill_line - open_lines
        ]
        wanted = self.env["maintenance.permission.line"].browse(
            dict.fromkeys(line.id for _bill_line, line in pairs)
        )
        for line in wanted - candidates:
            errors.append(self._get_no_candidate_error(line))
        return errors

    def _get_no_candidate_error(self, line):
        """Why a permission line cannot be attached to this bill; names it only to
        who may see it."""
        name = line.exists()._filtered_access("read").display_name or line.id
        if self.move_type == "in_refund":
            return self.env._(
                "%(line)s is not a billed line of %(vendor)s in %(currency)s that "
                "this credit could belong to.",
                line=name,
                vendor=self.partner_id.display_name or "?",
                currency=self.currency_id.name,
            )
        return self.env._(
            "%(line)s is not an approved line of %(vendor)s in %(currency)s that "
            "still waits for its bill.",
            line=name,
            vendor=self.partner_id.display_name or "?",
            currency=self.currency_id.name,
        )

    # -- what may be attached ---------------------------------------------------

    def _get_open_bill_lines(self):
        """Lines that charge something and belong to no permission yet."""
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.maintenance_line_id
        )

    def _get_match_candidates(self):
        """Permission lines that the bill or credit may be about: of this vendor,
        company and currency, and not billed yet (or for a credit billed, or given
        back by the garage)."""
        self.ensure_one()
        lines = self.env["maintenance.permission.line"]
        if not self.commercial_partner_id or self.move_type not in BILL_TYPES:
            return lines
        return lines.search(
            self._get_match_domain(), order="permission_id, sequence, id"
        )

    def _get_match_domain(self):
        """Domain of the permission lines that may be attached."""
        domain = fields.Domain(
            [
                ("company_id", "=", self.company_id.id),
                (
                    "permission_id.vendor_id.commercial_partner_id",
                    "in",
                    self.commercial_partner_id.ids,
                ),
                ("permission_id.purchase_currency_id", "=", self.currency_id.id),
                ("permission_id.state", "in", APPROVED_STATES),
                ("difference", "=", False),
            ]
        )
        live = self.env["account.move.line"]._get_billing_domain()
        live &= fields.Domain("parent_state", "!=", "cancel")
        unbilled = fields.Domain("bill_line_ids", "not any!", live)
        if self.move_type == "in_refund":
            given_back = unbilled & fields.Domain("purchase_price", "<", 0)
            return domain & (fields.Domain("bill_posted", "=", True) | given_back)
        return domain & fields.Domain("purchase_price", "!=", 0) & unbilled

    def _gives_back(self, line):
        """Whether this credit note brings a negative price of a permission: it is
        positive here."""
        return self.move_type == "in_refund" and not line.bill_posted

    # -- attaching --------------------------------------------------------------

    def _group_match_pairs(self, pairs):
        """``{bill line: its permission lines}``; new lines are under no bill line."""
        groups = {}
        for bill_line, line in pairs:
            groups[bill_line] = groups.get(bill_line, line.browse()) | line
        return groups

    def _prepare_match_commands(self, pairs):
        commands = []
        for bill_line, lines in self._group_match_pairs(pairs).items():
            if not bill_line:
                commands += [
                    Command.create(
                        line._prepare_bill_line_vals(
                            -1 if self._gives_back(line) else 1
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

    def _get_match_dialog(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Attach to permissions"),
            "res_model": "maintenance.bill.match",
            "view_mode": "form",
            "target": "new",
            "context": {"default_move_id": self.id},
        }

    # Bills that come by e-mail or as UBL files propose their permissions.

    def _extend_with_attachments(self, files_data, new=False):
        result = super()._extend_with_attachments(files_data, new)
        if new:
            self._announce_match()
        return result

    def _announce_match(self):
        """Say in the chatter which permissions a new bill names; attaching them is
        for a person to do."""
        for move in self:
            note = move._get_match_note()
            if note:
                todo = self.env._(
                    "Check the proposal and attach them with “Attach Permissions”."
                )
                move.message_post(body=Markup("%s<br/>%s") % (note, todo))


class MaintenancePermissionLine(models.Model):
    _inherit = "maintenance.permission.line"

    def _prepare_match_vals(self):
        """Values of a bill line that charges this permission line. Account, taxes
        and price stay the garage's."""
        self.ensure_one()
        vals = {
            "maintenance_line_id": self.id,
            "maintenance_contract_id": self.contract_id.id,
            "vehicle_id": self.vehicle_id.id,
        }
        if self.contract_id.analytic_distribution:
            vals["analytic_distribution"] = self.contract_id.analytic_distribution
        return vals
