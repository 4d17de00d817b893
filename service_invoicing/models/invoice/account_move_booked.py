from collections import defaultdict

from odoo import api, models

from ...tools.arguments import expects
from ...tools.guards import get_changed_names, get_field_labels, raise_together


class AccountMove(models.Model):
    """What is booked stays booked: the ledger of our posted documents is changed by
    resetting or crediting them, whatever core lets be written on a posted move."""

    _inherit = "account.move"

    def _filter_booked(self):
        """Posted documents whose entries nobody changes. Asked for every write on a
        posted move: looks at stored fields only."""
        return self._filter_service_life_cycle().filtered(lambda m: m.state == "posted")

    @api.model
    def _get_booked_fields(self):
        """Fields that say what was posted, when, for whom and what of it is paid."""
        amounts = {name for name in self._fields if name.startswith("amount_")}
        return amounts | {
            "commercial_partner_id",
            "company_id",
            "currency_id",
            "date",
            "fiscal_position_id",
            "invoice_cash_rounding_id",
            "invoice_currency_rate",
            "invoice_date",
            "invoice_payment_term_id",
            "is_storno",
            "journal_id",
            "move_type",
            "name",
            "partner_id",
            "payment_state",
            "posted_before",
        }

    def _get_booked_error(self, labels):
        """Why what is booked by this document does not change any more.

        :param str labels: what would change, as a person calls it
        """
        self.ensure_one()
        return self.env._(
            "%(number)s: %(fields)s cannot be changed after authorization. Reset the "
            "document first, or credit it.",
            number=self._get_service_label(),
            fields=labels,
        )

    def _check_booked(self, vals):
        """:raise UserError: naming the documents and what would change on them"""
        names = self._get_booked_fields() & vals.keys()
        if names:
            raise_together(
                [
                    move._get_booked_error(get_field_labels(move, changed))
                    for move in self._filter_booked()
                    if (changed := get_changed_names(move, vals, names))
                ]
            )

    @expects(one=True)
    def action_toggle_block_payment(self):
        """Core's own hold is the one way to write the payment status."""
        self.check_access("write")
        booked = self._filter_booked()
        moves = booked.sudo() or self
        return super(AccountMove, moves).action_toggle_block_payment()


class AccountMoveLine(models.Model):
    """The items of a posted document stay as they are."""

    _inherit = "account.move.line"

    @api.model
    def _get_booked_fields(self):
        """Fields that say where a journal item is booked, and with how much."""
        return {
            "account_id",
            "amount_currency",
            "amount_residual",
            "amount_residual_currency",
            "balance",
            "company_id",
            "credit",
            "currency_id",
            "currency_rate",
            "date",
            "debit",
            "display_type",
            "is_storno",
            "journal_id",
            "move_id",
            "partner_id",
            "price_subtotal",
            "price_total",
            "reconciled",
            "tax_base_amount",
            "tax_ids",
            "tax_line_id",
            "tax_repartition_line_id",
            "tax_tag_ids",
        }

    def unlink(self):
        if not self.env.su:
            # whatever a caller's context says about an uninstallation
            self._check_booked_items()
        return super().unlink()

    def _check_booked_items(self):
        """A posted document gains and loses no items.

        :raise UserError: naming the documents
        """
        if booked := self.move_id._filter_booked():
            label = get_field_labels(booked, ["line_ids"])
            raise_together([move._get_booked_error(label) for move in booked])

    def _check_booked(self, vals):
        """:raise UserError: naming the documents and what would change on them"""
        names = self._get_booked_fields() & vals.keys()
        booked = names and self.move_id._filter_booked()
        if not booked:
            return
        changed = defaultdict(set)
        for line in self.filtered(lambda line: line.move_id in booked):
            changed[line.move_id].update(get_changed_names(line, vals, names))
        raise_together(
            [
                move._get_booked_error(get_field_labels(self, sorted(found)))
                for move, found in changed.items()
                if found
            ]
        )
