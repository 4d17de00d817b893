from odoo import api, fields, models

from ...tools.choices import RECEIPT_METHODS
from ...tools.payer_checks import is_valid_tax_number


class AccountMove(models.Model):
    """Receipt information: from when, how and from which account a document is paid.

    Only documents of the billing life cycle have it, and only before authorization it
    follows what it is taken from.
    """

    _inherit = "account.move"

    service_modify_payment_term = fields.Boolean(
        related="company_id.service_modify_payment_term"
    )
    service_anchor_date_option = fields.Selection(
        related="company_id.service_anchor_date_option"
    )
    service_anchor_date = fields.Date(
        string="Anchor Date",
        compute="_compute_service_anchor_date",
        store=True,
        readonly=False,
        copy=False,
        help="The date from which the payment schedule counts. It is the invoice date "
        "or chosen by the billing clerk, as the company has it, and does not change "
        "after authorization.",
    )
    service_receipt_method = fields.Selection(
        selection=RECEIPT_METHODS,
        string="Receipt Method",
        compute="_compute_service_receipt_method",
        store=True,
        readonly=False,
        help="Electronic: the money is received from the payer's bank account, whose "
        "IBAN and BIC must be valid when the invoice is authorized.",
    )
    service_receipt_type = fields.Selection(
        selection=[("cash", "Cash"), ("credit", "Credit")],
        string="Receipt Type",
        compute="_compute_service_receipt_type",
        store=True,
        readonly=False,
        help="Cash: all is due on the anchor date. Credit: the payment term counts.",
    )
    service_payer_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Payer's Bank Account",
        compute="_compute_service_payer_bank_id",
        store=True,
        readonly=False,
        domain="[('partner_id', '=', commercial_partner_id)]",
        help="The account an electronic receipt comes from.",
    )
    service_payer_iban = fields.Char(
        string="Payer's IBAN",
        readonly=True,
        copy=False,
        help="The IBAN of the payer's account as it was at authorization.",
    )
    service_payer_bic = fields.Char(
        string="Payer's BIC",
        readonly=True,
        copy=False,
        help="The BIC of the payer's bank as it was at authorization.",
    )
    service_payer_vat_warning = fields.Char(
        compute="_compute_service_payer_vat_warning",
        help="What is wrong with the tax number of the payer.",
    )

    def _filter_receipt_open(self):
        """Documents whose receipt information may still change."""
        return self.filtered(lambda move: move.state == "draft")

    @api.depends("invoice_date", "company_id", "service_invoice_type", "move_type")
    def _compute_service_anchor_date(self):
        drafts = self._filter_receipt_open()
        for move in self._filter_service_computed("service_anchor_date"):
            move.service_anchor_date = (
                move._get_service_anchor_date()
                if move in drafts
                else move.service_anchor_date
            )

    def _get_service_anchor_date(self):
        """The date from which the payment schedule of this draft counts."""
        self.ensure_one()
        if not self.service_has_life_cycle:
            return False
        today = fields.Date.context_today(self)
        if self._follows_invoice_date():
            return self.invoice_date or today
        return self.service_anchor_date or today

    def _follows_invoice_date(self):
        """Whether the anchor date is always the invoice date."""
        return self.company_id.service_anchor_date_option == "invoice_date"

    @api.depends("partner_id", "company_id", "service_invoice_type", "move_type")
    def _compute_service_receipt_method(self):
        moves = self._filter_service_computed("service_receipt_method")
        drafts = moves._filter_receipt_open()
        for move in moves - drafts:
            move.service_receipt_method = move.service_receipt_method
        for move in drafts:
            payer = move.commercial_partner_id.with_company(move.company_id)
            move.service_receipt_method = move.service_has_life_cycle and (
                payer.service_receipt_method or "regular"
            )

    @api.depends("service_invoice_type", "move_type")
    def _compute_service_receipt_type(self):
        for move in self._filter_service_computed("service_receipt_type"):
            move.service_receipt_type = move.service_has_life_cycle and (
                move.service_receipt_type or "credit"
            )

    @api.depends("partner_id", "company_id", "service_invoice_type", "move_type")
    def _compute_service_payer_bank_id(self):
        moves = self._filter_service_computed("service_payer_bank_id")
        drafts = moves._filter_receipt_open()
        for move in moves - drafts:
            move.service_payer_bank_id = move.service_payer_bank_id
        for move in drafts:
            move.service_payer_bank_id = (
                move.service_has_life_cycle and move._get_default_payer_bank()
            )

    def _get_default_payer_bank(self):
        """First account of the payer that this company may use, a trusted one first."""
        self.ensure_one()
        banks = self.commercial_partner_id.bank_ids.filtered(
            lambda bank: bank.active
            and (not bank.company_id or bank.company_id in self.company_id.parent_ids)
        )
        return banks.sorted(lambda bank: not bank.allow_out_payment)[:1]

    def _is_received_electronically(self):
        """Whether money for this document comes from the payer's bank account; what a
        credit memo gives back does not."""
        self.ensure_one()
        return (
            self.service_has_life_cycle
            and self.move_type == "out_invoice"
            and self.service_receipt_method == "electronic"
        )

    @api.depends(
        "state",
        "move_type",
        "service_invoice_type",
        "company_id.service_payer_vat_check",
        "commercial_partner_id.vat",
        "commercial_partner_id.country_id",
    )
    def _compute_service_payer_vat_warning(self):
        drafts = self._filter_receipt_open()
        for move in self:
            move.service_payer_vat_warning = (
                move in drafts and move._get_payer_vat_problem()
            )

    def _get_payer_vat_problem(self):
        """What is wrong with the payer's tax number.

        Credit memos are not stopped by it: they take back what has been billed.

        :return: translated sentence, ``False`` when nothing is wrong or the company
            does not check
        """
        self.ensure_one()
        if (
            not self.service_has_life_cycle
            or self.move_type != "out_invoice"
            or self.company_id.service_payer_vat_check == "none"
        ):
            return False
        payer = self.commercial_partner_id
        if is_valid_tax_number(payer.vat, payer.country_id.code) is not False:
            return False
        return self.env._(
            "%(number)s: the tax number %(vat)s of %(payer)s is not valid. Correct it "
            "on the contact.",
            number=self._get_service_label(),
            vat=payer.vat,
            payer=payer.display_name,
        )
