from odoo import models

from ...tools.guards import raise_together


class ServiceWorkOrder(models.Model):
    """What the proforma prints: the invoices that are still to be made."""

    _inherit = "service.work.order"

    def _get_proforma_shares(self):
        """What a proforma is printed for: all that is on no invoice.

        :return: list of ``OpenShare``; empty for a cancelled order
        """
        self.ensure_one()
        return [] if self.state == "cancel" else self._get_open_shares()

    def _check_proforma(self):
        """:raise UserError: naming every order that has nothing left to invoice"""
        raise_together(
            [
                self.env._(
                    "Work order %(order)s has nothing left to invoice: there is no "
                    "proforma to print. Print its invoices instead.",
                    order=order.name,
                )
                for order in self
                if not order.sudo()._get_proforma_shares()
            ]
        )

    def _create_proformas(self):
        """Drafts as the later invoices will be, but without a document number.

        Only for a savepoint that is rolled back: they are not saved, they bill nobody.

        :return: ``account.move``, one per payer in the order of billing
        """
        self.ensure_one()
        moves = self.env["account.move"].with_company(self.company_id).sudo()
        moves = moves.create(
            [
                self._in_language_of(share.payer)._prepare_invoice_vals(share)
                for share in self._get_proforma_shares()
            ]
        )
        moves._sync_service_tcd()
        return moves
