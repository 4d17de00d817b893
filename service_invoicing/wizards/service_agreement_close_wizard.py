from odoo import fields, models

from ..tools.arguments import expects


class ServiceAgreementCloseWizard(models.TransientModel):
    """Asks for the last day of agreements."""

    _name = "service.agreement.close.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Close Agreements"

    agreement_ids = fields.Many2many(
        "service.agreement",
        string="Agreements",
        required=True,
        readonly=True,
        context={"active_test": False},
    )
    date = fields.Date(
        string="Last Day",
        required=True,
        default=fields.Date.context_today,
        help="What is fixed is billed up to this day, by the days of its month. Meters "
        "are read until then.",
    )

    @expects(one=True)
    def action_apply(self):
        """Close the agreements; their own checks decide."""
        self.agreement_ids.action_close(date=self.date)
        return {"type": "ir.actions.act_window_close"}
