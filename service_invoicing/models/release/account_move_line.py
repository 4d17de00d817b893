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
        help="The line of a monthly release that this line bills.",
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

    def _prepare_released_again_vals(self, amount):
        """Values of the release line that bills again what was credited of this line.

        :param float amount: before tax in the document's currency
        """
        self.ensure_one()
        line = self.service_release_line_id
        if not self.currency_id.compare_amounts(amount, self.price_subtotal):
            # what was changed on the invoice by hand was no part of the release
            amount = line.price_subtotal
        return line._prepare_released_again_vals(amount)
