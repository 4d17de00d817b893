from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects, parse_ids
from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.bill_types import BILL_TYPES


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
        Matching = self.env["maintenance.bill.matching"]
        pairs = Matching._browse_pairs(self, line_ids)
        raise_together(Matching._get_pair_errors(self, pairs))
        with self._keep_tax_amounts():
            self.write({"invoice_line_ids": Matching._prepare_commands(self, pairs)})
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

    # -- what may be attached ---------------------------------------------------

    def _gives_back(self, line):
        """Whether this credit note brings a negative price of a permission: it is
        positive here."""
        return self.move_type == "in_refund" and not line.bill_posted

    # -- attaching --------------------------------------------------------------

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

    def _get_match_candidates(self):
        """Permission lines that this bill or credit may be about."""
        self.ensure_one()
        return self.env["maintenance.bill.matching"]._get_candidates(self)

    def _get_match_proposal(self):
        """What could be attached, see ``maintenance.bill.matching``."""
        self.ensure_one()
        return self.env["maintenance.bill.matching"]._get_proposal(self)


class MaintenancePermissionLine(models.Model):
    """What a bill's line takes over from the permission line it charges."""

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
