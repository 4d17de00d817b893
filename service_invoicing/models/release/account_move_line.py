from odoo import fields, models


class AccountMoveLine(models.Model):
    """Which release an invoice line bills."""

    _inherit = "account.move.line"

    service_release_id = fields.Many2one(
        "service.release",
        string="Release",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The release this line came with. It goes when the release is taken off "
        "the invoice.",
    )
    service_release_line_id = fields.Many2one(
        "service.release.line",
        string="Release Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The line of a release that this line bills.",
    )

    def _prepare_taken_over_vals(self, old, release):
        """Links of a line that replaces another one.

        :param old: the line that was credited
        :param release: ``service.release`` that is billed again
        """
        line = release.line_ids.filtered(
            lambda line: line.origin_line_id == old.service_release_line_id
        )
        return {
            "service_release_id": release.id,
            "service_release_line_id": line.id
            if old.service_release_line_id
            else False,
        }

    def _bills_month(self):
        """Whether this line bills a month of an agreement: no share of an order."""
        self.ensure_one()
        return self.sudo().service_release_id.release_type == "monthly"
