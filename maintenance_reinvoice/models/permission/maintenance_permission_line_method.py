from odoo import Command, api, fields, models


class MaintenancePermissionLine(models.Model):
    """Consequences of the way a line is charged."""

    _inherit = "maintenance.permission.line"

    settled = fields.Boolean(
        compute="_compute_settled",
        store=True,
        help="The line is on the posted final settlement of its contract.",
    )

    @api.depends("reinvoiced", "reinvoice_method")
    def _compute_settled(self):
        for line in self:
            line.settled = line.reinvoiced and line.reinvoice_method == "billing"

    def _get_revived(self, vals):
        """Lines that are excessive wear no more: what they charge is proposed anew."""
        method = vals.get("reinvoice_method", "excessive_wear")
        if method == "excessive_wear" or "amount_to_reinvoice" in vals:
            return self.browse()
        return self.filtered(lambda line: line.reinvoice_method == "excessive_wear")

    def copy_data(self, default=None):
        # what a manager or a contract allowed beyond the purchase price was allowed
        # for that line; the copy gets a proposal of its own
        vals_list = super().copy_data(default)
        for line, vals in zip(self, vals_list, strict=True):
            if line.markup_allowed or line.markup_percent:
                vals.pop("amount_to_reinvoice", None)
        return vals_list


class MaintenancePermission(models.Model):
    """Permissions with charged lines stay; copies have the agreed lines alone."""

    _inherit = "maintenance.permission"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        # the lines go with their permission, but not what was ever invoiced
        undecided = self.filtered(lambda p: p.decision != "approved")
        undecided.line_ids._unlink_except_used()

    def copy_data(self, default=None):
        # a new permission agrees anew on the work, not on what a bill added to it
        vals_list = super().copy_data(default)
        if "line_ids" in (default or {}):
            return vals_list
        for permission, vals in zip(self, vals_list, strict=True):
            agreed = permission.line_ids.filtered(lambda line: not line.extra)
            vals["line_ids"] = [Command.create(line) for line in agreed.copy_data()]
        return vals_list
