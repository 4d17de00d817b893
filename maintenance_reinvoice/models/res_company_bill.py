from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    maintenance_credit_user_id = fields.Many2one(
        "res.users",
        string="Responsible for customer credits",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Gets a to-do when a garage credits work that a customer paid for. Empty: "
        "who made the permission.",
    )
