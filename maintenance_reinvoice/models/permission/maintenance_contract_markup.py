from odoo import api, fields, models

from ...tools.markup import refuse_markup


class MaintenanceContract(models.Model):
    _inherit = "maintenance.contract"

    markup_percent = fields.Float(
        string="Mark-up (%)",
        digits=(16, 2),
        tracking=True,
        help="Charged on top of the purchase price of what is re-invoiced under this "
        "contract. Zero: the customer's mark-up.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_markup(self.browse(), "markup_percent", vals)
        return super().create(vals_list)

    def write(self, vals):
        refuse_markup(self, "markup_percent", vals)
        return super().write(vals)
