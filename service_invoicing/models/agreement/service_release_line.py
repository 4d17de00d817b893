from odoo import fields, models


class ServiceReleaseLine(models.Model):
    """What was used of a line that an agreement bills by usage."""

    _inherit = "service.release.line"

    agreement_line_id = fields.Many2one(
        "service.agreement.line",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of the agreement that is billed.",
    )
    used_units = fields.Float(
        string="Used",
        digits="Product Unit",
        readonly=True,
        help="What was used in the period; less the included units it is the quantity.",
    )
    included_units = fields.Float(
        string="Included",
        digits="Product Unit",
        readonly=True,
        help="What cost nothing in the period.",
    )
