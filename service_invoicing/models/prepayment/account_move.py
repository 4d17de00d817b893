from odoo import api, fields, models

from ...tools.choices import PREPAYMENT_MODES
from ...tools.guards import raise_together


class AccountMove(models.Model):
    """Prepayment invoices: money that is asked for before the work is billed.

    Their lines are a liability until invoices take them up.
    """

    _inherit = "account.move"

    service_prepayment_mode = fields.Selection(
        selection=PREPAYMENT_MODES,
        string="Prepayment Is Adjusted",
        compute="_compute_service_prepayment_mode",
        store=True,
        copy=False,
        help="What the company had chosen when the prepayment was made.",
    )
    service_prepayment_received = fields.Monetary(
        string="Prepayment Received",
        compute="_compute_service_prepayment",
        store=True,
        help="Money received for the prepayment invoice.",
    )
    service_prepayment_used = fields.Monetary(
        string="Prepayment Used",
        compute="_compute_service_prepayment",
        store=True,
        help="What authorized invoices have taken of the prepayment, with its tax.",
    )
    service_prepayment_open = fields.Monetary(
        string="Prepayment Open",
        compute="_compute_service_prepayment",
        store=True,
        help="What was received and neither credited nor used yet: so much can be "
        "adjusted with invoices.",
    )
    service_deduction_line_ids = fields.One2many(
        "account.move.line",
        "service_prepayment_id",
        string="Deductions",
        readonly=True,
        copy=False,
        help="Lines of invoices and credit memos that deduct this prepayment.",
    )

    @api.depends("service_invoice_type", "company_id", "reversed_entry_id")
    def _compute_service_prepayment_mode(self):
        for move in self._filter_service_computed("service_prepayment_mode"):
            mode = False
            if move._is_prepayment_document():
                # what a document was made with it keeps
                mode = (
                    move._origin.service_prepayment_mode
                    or move.sudo().reversed_entry_id.service_prepayment_mode
                    or move.company_id.service_prepayment_mode
                )
            move.service_prepayment_mode = mode

    def _get_prepayment_lines(self):
        """The liability lines of prepayments: all they bill but charges and
        discounts."""
        return self.invoice_line_ids._filter_prepayment_lines()

    @api.depends(
        "service_invoice_type",
        "service_prepayment_mode",
        # only posted documents count, and their amounts stay as they are
        "state",
        "line_ids.matched_debit_ids.credit_amount_currency",
        "line_ids.matched_credit_ids.debit_amount_currency",
        "reversal_move_ids.state",
        "service_deduction_line_ids.parent_state",
    )
    def _compute_service_prepayment(self):
        prepayment = self.env["service.prepayment"]
        for move in self._filter_service_computed("service_prepayment_received"):
            amounts = (0.0, 0.0, 0.0)
            if move._is_service_prepayment() and move.state == "posted":
                amounts = (
                    prepayment._get_received(move),
                    prepayment._get_used(move),
                    prepayment._get_adjustable(move),
                )
            move.service_prepayment_received = amounts[0]
            move.service_prepayment_used = amounts[1]
            move.service_prepayment_open = amounts[2]

    def _is_downpayment(self):
        """Electronic formats tell a request for an advance from an invoice by it."""
        return self._is_service_prepayment() or super()._is_downpayment()

    # What invoices have taken of a prepayment is not credited.

    def _get_used_up_errors(self):
        """Why nothing at all of this prepayment can be credited.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if not self._is_service_prepayment():
            return []
        return self.env["service.prepayment"]._get_used_errors(self, 0.0)

    def _get_overused_errors(self, batch):
        """Why this credit memo takes back more of its prepayment than is left.

        :param batch: what is being authorized together with this document
        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        origin = self.sudo().reversed_entry_id
        if not self._is_prepayment_document() or not origin:
            return []
        # of those authorized together the later one is too many
        memos = self | batch.sudo().filtered(
            lambda memo: memo.reversed_entry_id == origin and memo.id < self.id
        )
        prepayment = self.env["service.prepayment"]
        wanted = sum(prepayment._get_gross(memo) for memo in memos)
        return prepayment._get_used_errors(origin, wanted)

    # What has been received for a prepayment, or was taken of it, is kept.

    def _keep_prepaid(self, vals):
        if vals.get("state") in ("draft", "cancel"):
            self._check_prepaid_kept()

    def _check_prepaid_kept(self):
        """Neither money that was adjusted with nor the entry that did it is undone."""
        self.env["service.prepayment"]._check_money_kept(self)
        self._check_adjustment_entries_kept()

    def _check_prepayments_complete(self):
        raise_together([e for move in self for e in move._get_prepayment_errors()])

    def _get_prepayment_errors(self):
        """Why this prepayment cannot be saved or authorized as it stands.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if not self._is_service_prepayment():
            return []
        return self.env["service.prepayment"]._get_errors(self)
