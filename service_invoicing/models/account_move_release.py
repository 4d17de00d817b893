from odoo import api, fields, models

from ..tools.guards import raise_together


class AccountMove(models.Model):
    """The releases an invoice bills, which follow what becomes of it."""

    _inherit = "account.move"

    service_release_ids = fields.One2many(
        "service.release",
        "move_id",
        string="Releases",
        readonly=True,
        help="What has been released for billing and is on this invoice. A credited "
        "invoice keeps its releases here.",
    )
    service_order_release_ids = fields.One2many(
        "service.release",
        "move_id",
        string="Order Releases",
        domain=[("release_type", "=", "order")],
        readonly=True,
    )
    service_monthly_release_ids = fields.One2many(
        "service.release",
        "move_id",
        string="Monthly Releases",
        domain=[("release_type", "=", "monthly")],
        readonly=True,
    )

    @api.model
    def _get_release_links(self):
        """One2many fields to releases."""
        return (
            "service_release_ids",
            "service_order_release_ids",
            "service_monthly_release_ids",
        )

    @api.model
    def _get_service_protected_fields(self):
        links = dict.fromkeys(self._get_release_links(), False)
        return super()._get_service_protected_fields() | links

    def action_view_releases(self):
        """Open the releases of these invoices."""
        self.check_access("read")
        return self.service_release_ids._get_list_action()

    def _update_work_orders(self):
        res = super()._update_work_orders()
        self._update_releases()
        return res

    def _update_releases(self):
        """Bring releases in line with their invoices and what was credited of them."""
        releases = self.sudo().service_release_ids
        if releases:
            invoices = releases.move_id
            # a release that is billed after all needs its copy out of the way
            invoices._take_back_credit_copies()
            releases._follow_invoice()
            invoices._release_what_credits_free()
            # what waits again may be less than its payer bears by now
            self.sudo().work_order_ids._cancel_stale_releases()

    def unlink(self):
        releases = self.sudo().service_release_ids
        releases._take_off_invoice()
        return super().unlink()

    def _check_service_duplicate(self):
        """What was released is billed once, monthly releases among it."""
        res = super()._check_service_duplicate()
        raise_together(
            [
                self.env._(
                    "%(number)s cannot be duplicated: it would bill %(releases)s "
                    "twice. Make the invoice from its releases; to correct this one, "
                    "delete or credit it.",
                    number=move._get_service_label(),
                    releases=", ".join(releases.mapped("name")),
                )
                for move in self._filter_service_life_cycle()
                if (releases := move.sudo().line_ids.service_release_id)
            ]
        )
        return res

    def _take_over_releases(self, origin):
        """This draft replaces a credited invoice: it bills what was released again.

        :param origin: the credited invoice, whose lines were copied to this one
        """
        self.ensure_one()
        origin = origin.sudo()
        copies = origin.service_release_ids.copy_ids.filtered(
            lambda release: release.credit_move_id in origin.reversal_move_ids
        )
        copies._put_on_invoice(self)
        by_origin = {release.origin_id: release for release in copies}
        lines = zip(
            origin.invoice_line_ids.sorted("id"),
            self.sudo().invoice_line_ids.sorted("id"),
            strict=False,
        )
        for old, new in lines:
            release = by_origin.get(old.service_release_id)
            if release:
                new.write(new._prepare_taken_over_vals(old, release))
