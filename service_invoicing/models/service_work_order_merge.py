from odoo import api, models
from odoo.fields import Domain

from .service_work_order_state import BILLING_STATES


class ServiceWorkOrder(models.Model):
    """Payers who become one when their contacts are merged."""

    _inherit = "service.work.order"

    @api.model
    def _search_billed_to(self, partners):
        """Orders in billing of which one of these partners bears or bore a share."""
        payers = ("partner_id", "line_ids.sponsor_id", "claim_ids.insurer_id")
        moved = ("transfer_ids.partner_id", "transfer_ids.source_partner_id")
        domain = Domain.OR(
            Domain(name, "in", partners.ids)
            for name in (*payers, *moved, "release_ids.partner_id")
        )
        return self.with_context(active_test=False).search(
            domain & Domain("state", "in", BILLING_STATES)
        )

    def _cancel_colliding_releases(self, partners):
        """Cancel the unbilled releases that would bill one payer twice if these
        partners were one.

        :return: the cancelled ``service.release``
        """
        releases = self._filter_unbilled_releases().filtered(
            lambda release: release.partner_id in partners
        )
        groups = releases.grouped(
            lambda release: (
                release.work_order_id,
                release.invoice_type,
                release.transfer_id,
            )
        )
        colliding = releases.browse().concat(
            *(group for group in groups.values() if len(group) > 1)
        )
        if colliding:
            colliding._cancel(self.env._("Two payers became one"))
        return colliding

    def _follow_merged_payers(self, cancelled):
        """Bring what is open, states and releases in line with the merged payers.

        :param cancelled: releases that one for both payers takes the place of
        """
        self.env.add_to_compute(self._fields["next_invoice_type"], self)
        self._update_billing_state()
        for release in cancelled:
            order, payer = release.work_order_id, release._get_payer()
            is_open = payer in order._get_open_payers()
            if is_open and not order._get_unbilled_release(payer):
                order._create_release(payer)
