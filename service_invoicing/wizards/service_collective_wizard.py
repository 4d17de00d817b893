from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.arguments import expects


class ServiceCollectiveWizard(models.TransientModel):
    """Asks until which day and for whom collective invoices are made."""

    _name = "service.collective.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Make Collective Invoices"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_to = fields.Date(
        string="Work Orders Until",
        required=True,
        default=fields.Date.context_today,
        help="Orders of a later date wait for the next collective invoice.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Only for",
        context={"active_test": False},
        help="Sponsors and insurers. Empty: all who get collective invoices.",
    )
    work_order_ids = fields.Many2many(
        "service.work.order",
        compute="_compute_work_order_ids",
        string="Work Orders",
        context={"active_test": False},
    )
    work_order_count = fields.Integer(
        string="Work Orders Found", compute="_compute_work_order_ids"
    )

    @api.depends("company_id", "date_to", "partner_ids")
    def _compute_work_order_ids(self):
        for wizard in self:
            orders = self.env["service.work.order"].search(wizard._get_domain())
            wizard.work_order_ids = orders
            wizard.work_order_count = len(orders)

    def _get_domain(self):
        """Work orders with a share that waits for a collective invoice."""
        self.ensure_one()
        domain = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("waits_for_collective", "=", True),
                ("order_date", "<=", self.date_to),
            ]
        )
        if self.partner_ids:
            domain &= Domain(
                "line_ids.sponsor_id", "in", self.partner_ids.ids
            ) | Domain("line_ids.claim_id.insurer_id", "in", self.partner_ids.ids)
        return domain

    @expects(one=True)
    def action_create(self):
        """Make one invoice per payer over the orders found."""
        if not self.work_order_ids:
            raise UserError(
                self.env._(
                    "No work order until %(date)s waits for a collective invoice. Who "
                    "gets these is chosen on the contact of the sponsor or insurer.",
                    date=fields.Date.to_string(self.date_to),
                )
            )
        return self.work_order_ids._create_collective_invoices(self.partner_ids)
