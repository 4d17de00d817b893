from odoo import Command, models
from odoo.exceptions import UserError

from ..tools.arguments import expects, parse_ids
from ..tools.guards import raise_together
from .account_move_life_cycle import BILLING


class AccountMove(models.Model):
    """The buttons by which releases come on an invoice and leave it."""

    _inherit = "account.move"

    @expects(one=True, release_ids=parse_ids)
    def action_service_add_releases(self, release_ids=None):
        """Add confirmed releases of the same payer to an invoice.

        :param list release_ids: ids of releases; without them the dialog that asks
            for them is returned
        :raise UserError: when the invoice is authorised, nothing was chosen, or all
            that is wrong with the releases
        """
        self._check_release_change()
        if release_ids is None:
            return self.env["service.release.wizard"]._open(self)
        releases = self._choose_releases(release_ids)
        releases._add_to_invoice(self)
        self._finish_release_change(
            self.env._("Releases added: %s", ", ".join(releases.mapped("name")))
        )
        return True

    def _choose_releases(self, release_ids):
        """Releases that a caller asks for by their ids, in his order.

        :raise UserError: when there is none, or he does not see one of them
        """
        Release = self.env["service.release"]
        chosen = Release.browse(release_ids)
        seen = Release.search([("id", "in", chosen.ids)])
        if not seen or chosen - seen:
            raise UserError(
                self.env._(
                    "%s: choose the releases to add from the list of those you see.",
                    self._get_service_label(),
                )
            )
        return chosen & seen

    def _check_release_change(self):
        """Releases change on invoices that are not authorised, by billing clerks.

        :raise UserError: naming the documents
        """
        self._check_service_action(BILLING, ("draft", "fresh", "returned"))
        raise_together(
            [
                self.env._(
                    "%s is a credit memo: it follows the invoice it credits.",
                    move._get_service_label(),
                )
                for move in self
                if move.move_type != "out_invoice"
            ]
        )

    def _finish_release_change(self, body):
        """Charges, discounts and taxes follow the lines; who changed them answers."""
        self.ensure_one()
        self._mark_service_change()
        self._sync_service_tcd()
        self._message_log(body=body)

    def _get_release_keys(self):
        """What a release must have in common with this invoice: that of the releases
        on it, else what the invoice says itself.

        :return: dict label → value, see ``service.release._get_add_keys``
        """
        self.ensure_one()
        if self.service_release_ids:
            return self.service_release_ids[0]._get_add_keys()
        names = {
            "invoice_type": self.service_invoice_type,
            "partner_id": self.partner_id,
            "company_id": self.company_id,
            "currency_id": self.currency_id,
        }
        Release = self.env["service.release"]
        labels = Release.fields_get(list(names), ["string"])
        keys = {labels[name]["string"]: value for name, value in names.items()}
        return keys | {self.env._("Fiscal Position"): self.fiscal_position_id}

    def _has_single_release(self):
        """Whether this invoice bills a release that shares no invoice with others."""
        self.ensure_one()
        return any(release._has_own_invoice() for release in self.service_release_ids)

    def _get_release_without_section(self):
        """The release of an order that has been alone on this invoice."""
        self.ensure_one()
        releases = self.service_release_ids
        is_alone = len(releases) == 1 and releases.work_order_id
        return releases if is_alone else releases.browse()

    def _remove_releases(self, releases):
        """Take releases off this invoice, with their lines and orders.

        :raise UserError: when nothing would be left to bill
        """
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(
            lambda line: line.service_release_id in releases
        )
        left = self._get_billed_lines().filtered(lambda line: not line.service_tcd_id)
        if not left - lines:
            raise_together(
                [
                    self.env._(
                        "%(number)s bills nothing else than %(releases)s. Delete the "
                        "invoice instead.",
                        number=self._get_service_label(),
                        releases=", ".join(releases.mapped("name")),
                    )
                ]
            )
        kept = self.service_release_ids - releases
        orders = releases.work_order_id - kept.work_order_id
        gone = {*orders.mapped("name"), *releases.mapped("name")}
        origin = (self.invoice_origin or "").split(", ")
        # protected links, see their addition
        self.sudo().write(
            {
                "invoice_line_ids": [Command.delete(line.id) for line in lines],
                "work_order_ids": [Command.unlink(order.id) for order in orders],
                "invoice_origin": ", ".join(n for n in origin if n not in gone),
            }
        )
        releases._take_off_invoice()
        orders._update_billing_state()
        self._finish_release_change(
            self.env._("Releases removed: %s", ", ".join(releases.mapped("name")))
        )
