from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects, parse_ids


class AccountMove(models.Model):
    """Vendor bills and credits that came by themselves, attached to permissions."""

    _inherit = "account.move"

    maintenance_match_note = fields.Text(
        string="Permissions Found",
        compute="_compute_maintenance_match_note",
        help="Permissions that this bill names and that can be attached to it, and "
        "what does not match them.",
    )
    maintenance_to_attach = fields.Boolean(
        compute="_compute_maintenance_match_note",
        help="The note is about lines that can still be attached, or about permissions "
        "that are named in vain.",
    )
    maintenance_named = fields.Json(
        copy=False,
        readonly=True,
        help="References and texts of the received document as a whole that may name a "
        "permission or a vehicle.",
    )

    @api.depends_context("uid")
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
        "reversed_entry_id",
        "maintenance_named",
        "invoice_line_ids.name",
        "invoice_line_ids.price_subtotal",
        "invoice_line_ids.maintenance_line_id",
    )
    def _compute_maintenance_match_note(self):
        matching = self.env["maintenance.bill.matching"]
        for move in self:
            points, differences = matching._get_note_parts(move)
            move.maintenance_match_note = "\n".join(points + differences) or False
            move.maintenance_to_attach = bool(points)

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
            return self.env["maintenance.bill.match"]._get_dialog_action(
                self.env._("Attach to Permissions"),
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

    # Bills that come by e-mail or as electronic documents.

    def _extend_with_attachments(self, files_data, new=False):
        before = self.invoice_line_ids
        result = super()._extend_with_attachments(files_data, new)
        read = self.invoice_line_ids - before
        if new or read:
            self.env["maintenance.bill.matching"]._receive(self, read)
        return result

    def _autopost_bill(self):
        """What does not match its permissions waits for a person."""
        is_automatic = self.partner_id.autopost_bills == "always"
        matching = self.env["maintenance.bill.matching"]
        if not is_automatic or not matching._keeps_from_autopost(self):
            return super()._autopost_bill()
        text = self.env._("Not posted by itself: it does not match its permissions.")
        self.message_post(body=text)
        return None
