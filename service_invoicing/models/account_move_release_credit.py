from odoo import models


class AccountMove(models.Model):
    """Credit memos and the releases they free."""

    _inherit = "account.move"

    def _get_credited_releases(self):
        """Releases of which these credit memos take something back."""
        origins = self.sudo().invoice_line_ids.service_credited_line_id
        lines = self.sudo().invoice_line_ids
        loose = lines.filtered(
            lambda line: line.display_type == "product"
            and not line.service_credited_line_id
        )
        return (
            origins.service_release_id
            | loose.move_id.reversed_entry_id.service_release_ids
        )

    def _take_back_credit_copies(self):
        """Cancel what was released for credit memos of these invoices that are not
        authorised any more."""
        for credit in self.sudo().reversal_move_ids:
            copies = credit._get_credit_copies()
            if copies and credit.state != "posted":
                copies._cancel_unbilled(
                    self.env._("Credit memo %s was taken back", credit.display_name)
                )
                # authorised anew, it frees anew
                copies.credit_move_id = False

    def _release_what_credits_free(self):
        """Release again what authorised credit memos of these invoices free."""
        for credit in self.sudo().reversal_move_ids:
            if credit.state == "posted":
                credit._release_credited()

    def _get_credit_copies(self):
        """Releases that bill again what these credit memos took back."""
        copies = self.sudo().reversed_entry_id.service_release_ids.copy_ids
        return copies.filtered(lambda release: release.credit_move_id in self)

    def _release_credited(self):
        """Fresh releases of what this authorised credit memo frees."""
        self.ensure_one()
        if self.service_credit_effect != "free":
            return
        # what somebody has cancelled since stays cancelled
        copies = self._get_credit_copies()
        for share in self.service_credited_share_ids - copies.transfer_id:
            if share.effect == "free":
                share.work_order_id._release_again(share._get_payer(), self)
        for release in self.reversed_entry_id.service_monthly_release_ids:
            if release not in copies.origin_id:
                release._release_credited_lines(self)

    def _get_credit_reset_errors(self):
        """What a credit memo freed and was billed again keeps it from being reset."""
        errors = super()._get_credit_reset_errors()
        if errors or self.move_type != "out_refund":
            return errors
        invoices = self._get_credit_copies().move_id
        if not invoices:
            return []
        return [
            self.env._(
                "%(number)s cannot be taken back: what it credits is billed again by "
                "%(invoices)s. Delete or credit that first.",
                number=self._get_service_label(),
                invoices=", ".join(invoices.mapped("service_number")),
            )
        ]
