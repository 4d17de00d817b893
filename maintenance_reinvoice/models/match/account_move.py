from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects, parse_ids


class AccountMove(models.Model):
    """Vendor bills and credits that came by themselves, attached to permissions."""

    _inherit = "account.move"

    maintenance_match_note = fields.Char(
        string="Permissions found",
        compute="_compute_maintenance_match_note",
        help="Permissions that this bill names and that can be attached to it.",
    )

    @api.depends(
        "state",
        "move_type",
        "partner_id",
        "company_id",
        "currency_id",
        "ref",
        "invoice_origin",
        "narration",
        "payment_reference",
        "invoice_line_ids.name",
        "invoice_line_ids.maintenance_line_id",
    )
    def _compute_maintenance_match_note(self):
        for move in self:
            note = self.env["maintenance.bill.matching"]._get_note(move)
            move.maintenance_match_note = note

    @expects(one=True)
    def action_maintenance_match(self, line_ids=None):
        """Attach the lines of a draft vendor bill or credit to permission lines.

        Without ``line_ids`` the dialog with the proposals is returned.

        :param line_ids: pairs ``(bill line id, permission line id)``. A bill line in
            several pairs is split by the agreed prices; a pair without a bill line
            adds the permission line to the bill.
        :raise UserError: with everything that is wrong with the pairs
        """
        self.env["maintenance.bill.matching"]._check_bill(self)
        if line_ids is None:
            return self.env["maintenance.bill.match"]._get_records_action(
                name=self.env._("Attach to permissions"),
                target="new",
                context={"default_move_id": self.id},
            )
        self.env["maintenance.bill.matching"]._attach(self, line_ids)
        return True

    @expects(one=True, line_ids=parse_ids)
    def action_maintenance_unmatch(self, line_ids=None):
        """Take lines of a draft bill off their permissions, all of them by default;
        what was split becomes one line again.

        :param line_ids: ids of bill lines
        """
        self.env["maintenance.bill.matching"]._check_bill(self)
        linked = self.invoice_line_ids.filtered("maintenance_line_id")
        if line_ids is not None:
            linked = linked.filtered(lambda line: line.id in line_ids)
        if not linked:
            raise UserError(
                self.env._("%s: no line is attached.", self._get_bill_name())
            )
        self.env["maintenance.bill.matching"]._detach(self, linked)
        return True

    # Bills that come by e-mail or as UBL files propose their permissions.

    def _extend_with_attachments(self, files_data, new=False):
        result = super()._extend_with_attachments(files_data, new)
        if new:
            for move in self:
                self.env["maintenance.bill.matching"]._announce(move)
        return result
