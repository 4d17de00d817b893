from collections import defaultdict

from odoo import fields, models

from ..tools.shares import Payer
from .service_release import UNBILLED_STATES


class ServiceRelease(models.Model):
    """Releases of work orders: they say what the order bills, or are refused."""

    _inherit = "service.release"

    # work_order_id stays NULL on monthly releases, which this does not concern
    _one_unbilled_per_payer = models.UniqueIndex(
        "(work_order_id, invoice_type, partner_id, COALESCE(transfer_id, 0)) "
        "WHERE state IN ('fresh', 'confirmed')",
        "A payer's share of a work order is released once until it is billed.",
    )

    transfer_id = fields.Many2one(
        "service.share.transfer",
        string="Moved Share",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The share this release bills, which another payer was to bear first or "
        "which was credited.",
    )

    def _get_payer(self):
        """Whose share of the work order this release bills."""
        self.ensure_one()
        return Payer(self.invoice_type, self.partner_id, self.transfer_id or None)

    def _get_stale_errors(self):
        """How releases of orders differ from what the orders bill now.

        :return: list of translated sentences, naming both amounts
        """
        errors = []
        for release in self.filtered("work_order_id"):
            order = release.work_order_id
            payer = release._get_payer()
            billed = {}
            if payer in order._get_open_payers():
                billed = release._sum_by_source(order._prepare_release_lines(payer))
            if billed != release._sum_by_source(release.line_ids):
                errors.append(release._describe_stale(sum(billed.values())))
        return errors

    def _sum_by_source(self, lines):
        """Amounts by what they come from, rounded, zeros left out.

        :param lines: release lines, or values of them
        :return: dict (order line id, T/C/D code id, category) → amount before tax
        """
        self.ensure_one()
        sums = {}
        for line in lines:
            if isinstance(line, dict):
                source = (line.get("order_line_id"), line.get("tcd_id"))
            else:
                source = (line.order_line_id.id, line.tcd_id.id)
            key = (*(value or False for value in source), line["cost_category"])
            sums[key] = sums.get(key, 0.0) + line["price_subtotal"]
        rounded = {key: self.currency_id.round(value) for key, value in sums.items()}
        return {key: value for key, value in rounded.items() if value}

    def _sum_by_order_line(self):
        """What these releases bill of the lines of work orders.

        :return: dict order line → amount before tax, charges and discounts not counted
        """
        amounts = defaultdict(float)
        for line in self.line_ids:
            if line.order_line_id and not line.tcd_id:
                amounts[line.order_line_id] += line.price_subtotal
        return amounts

    def _describe_stale(self, amount):
        """:param float amount: what the order bills its payer now, before tax"""
        return self.env._(
            "Release %(release)s says %(released)s before tax, but %(order)s bills "
            "%(payer)s %(billed)s. Cancel the release and release the order again.",
            release=self.name,
            released=self.currency_id.format(self.amount_untaxed),
            order=self.work_order_id.name,
            payer=self.partner_id.display_name,
            billed=self.currency_id.format(amount),
        )

    def _put_on_invoice(self, move):
        """These releases are billed by this invoice.

        :param move: ``account.move``, not yet authorised
        """
        unbilled = self.filtered(lambda release: release.state in UNBILLED_STATES)
        unbilled.sudo().with_context(tracking_disable=True).write(
            {"move_id": move.id, "state": "invoiced"}
        )
