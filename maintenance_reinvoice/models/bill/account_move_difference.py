from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Differences that an approver accepts, and what becomes of them."""

    _inherit = "account.move"

    def action_approve_difference(self):
        """Accept that draft bills differ from their permissions by more than the
        company's tolerance."""
        self.check_access("write")
        permissions = self._get_maintenance_permissions()
        permissions._check_group("group_maintenance_approver")
        wrong = self.filtered(lambda m: m.state != "draft") + (
            self - self.sudo()._get_maintenance_bills()
        )
        if wrong:
            raise UserError(
                self.env._(
                    "Only differences of draft bills with permissions can be "
                    "approved, not those of: %s",
                    ", ".join(wrong.mapped("display_name")),
                )
            )
        Difference = self.env["maintenance.bill.difference"]
        Difference._check_limit(self)
        for bill in self.sudo():
            differences = Difference._get_differences(bill).items()
            bill.write(
                {
                    "maintenance_difference_approved": True,
                    "maintenance_approved_differences": {
                        str(permission.id or 0): amount
                        for permission, amount in differences
                    },
                }
            )
        for bill in self:
            bill.message_post(body=self.env._("Difference to permissions approved."))

    def _create_difference_lines(self):
        """Keep accepted differences as lines of the permissions, not to be
        re-invoiced, so that what was bought adds up."""
        Difference = self.env["maintenance.bill.difference"]
        vals_list = [
            Difference._prepare_line_vals(bill, permission, difference)
            for bill in self.sudo()._get_maintenance_bills()
            for permission, difference in Difference._get_borne(bill).items()
        ]
        self.env["maintenance.permission.line"].sudo().create(vals_list)

    def _drop_difference_lines(self):
        """The difference is worked out anew when the bill is posted again."""
        lines = self.env["maintenance.permission.line"]
        lines.search([("difference_bill_id", "in", self.ids)]).unlink()
