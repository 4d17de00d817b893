from odoo import fields, models


class ServiceDocumentType(models.Model):
    """A document that the check of a work order asks for."""

    _name = "service.document.type"
    _description = "Document of Work Orders"
    _order = "sequence, name, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(string="Document", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    needed_for = fields.Selection(
        selection=[
            ("all", "All Work Orders"),
            ("program", "Work Orders With a Program"),
            ("insurance", "Work Orders With an Insurance Claim"),
        ],
        string="Asked For",
        required=True,
        default="all",
        help="Which work orders go to billing only when this document is attached.",
    )
