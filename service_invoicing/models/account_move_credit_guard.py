from odoo import api, models

from ..tools.guards import get_context_defaults, refuse_protected


class AccountMove(models.Model):
    """Which invoice a credit memo credits: decided when it is made, and only then."""

    _inherit = "account.move"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._follow_credited_invoice(v) for v in vals_list])

    def _follow_credited_invoice(self, vals):
        """A credit memo of a service invoice is one of service billing, with all its
        guards, whoever makes it and wherever.

        :return: values of ``create``
        :raise AccessError: when an invoice is made as if it were a credit memo, or of
            an invoice the user does not see
        """
        given = get_context_defaults(self.env) | vals
        invoice = self.browse(given.get("reversed_entry_id") or ())
        if self.env.su or not invoice.sudo().service_has_life_cycle:
            return vals
        invoice.check_access("read")
        if given.get("move_type") != "out_refund":
            refuse_protected(self.browse(), {"reversed_entry_id": False}, given)
        return vals | {"service_invoice_type": invoice.service_invoice_type}

    def write(self, vals):
        if "reversed_entry_id" in vals and not self.env.su:
            invoice = self.sudo().browse(vals["reversed_entry_id"] or ())
            for move in self:
                old = move.sudo().reversed_entry_id
                if old != invoice and (old | invoice)._filter_service_life_cycle():
                    refuse_protected(
                        move, {"reversed_entry_id": None}, {"reversed_entry_id": True}
                    )
        return super().write(vals)
