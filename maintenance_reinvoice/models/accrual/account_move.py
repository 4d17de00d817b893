from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.actions import open_list
from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ...tools.groups import REINVOICE


class AccountMove(models.Model):
    """Month-end accruals of maintenance that is not yet invoiced, and their automatic
    reversals: the two stay together."""

    _inherit = "account.move"

    maintenance_accrual_date = fields.Date(
        string="Maintenance Accrued Until",
        copy=False,
        readonly=True,
        help="This entry accrues the maintenance that was bought and not yet invoiced "
        "on this day.",
    )
    maintenance_accrued_line_ids = fields.Many2many(
        "maintenance.permission.line",
        "maintenance_accrued_line_rel",
        "move_id",
        "line_id",
        string="Accrued Permission Lines",
        copy=False,
        readonly=True,
    )

    # the database itself refuses to accrue a month twice
    _maintenance_accrual_uniq = models.UniqueIndex(
        "(company_id, maintenance_accrual_date) "
        "WHERE maintenance_accrual_date IS NOT NULL AND state != 'cancel'",
        "Maintenance is already accrued on this date.",
    )

    def action_maintenance_accrual_undo(self):
        """Cancel accruals together with their reversals, so that their months can be
        accrued anew.

        :raise UserError: for other documents, secured ones, or in a locked period
        """
        self.check_access("write")
        refuse_without_group(self.env, REINVOICE)
        accruals = self.env["maintenance.move.guard"]._get_accruals(self)
        wrong = self - accruals - accruals.reversal_move_ids
        if wrong or any(accrual.state == "cancel" for accrual in accruals):
            raise UserError(
                self.env._(
                    "Only accruals of maintenance that are not yet taken back can be "
                    "taken back: %s",
                    ", ".join((wrong or accruals).mapped("display_name")),
                )
            )
        # only the superuser may touch the one without the other
        reversals = accruals.reversal_move_ids.filtered(lambda m: m.state != "cancel")
        secured = (accruals + reversals).filtered("inalterable_hash")
        if secured:
            raise UserError(
                self.env._(
                    "These entries are secured with a hash and stay as they are: %s. "
                    "Correct what they accrue with an entry of your own.",
                    ", ".join(secured.mapped("display_name")),
                )
            )
        reversals.button_cancel()
        accruals.button_cancel()
        return True

    @expects(one=True)
    def action_view_maintenance_accrued_lines(self):
        """The permission lines an accrual consists of."""
        accruals = self.env["maintenance.move.guard"]._get_accruals(self)
        lines = accruals.maintenance_accrued_line_ids
        return open_list(lines, self.env._("Accrued Permission Lines"), create=False)

    # Core's buttons are shown where they answer.

    @api.depends(
        "maintenance_entry_ids", "maintenance_row_ids", "maintenance_origin_id"
    )
    def _compute_show_reset_to_draft_button(self):
        res = super()._compute_show_reset_to_draft_button()
        guard = self.env["maintenance.move.guard"]
        for move in self.filtered("show_reset_to_draft_button"):
            if guard._get_reset_errors(move.sudo()) or guard._get_accruals(move):
                move.show_reset_to_draft_button = False
        return res
