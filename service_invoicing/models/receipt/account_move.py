from contextlib import contextmanager
from functools import partial

from odoo import api, fields, models

from ...tools.arguments import expects
from ...tools.choices import RECEIPT_METHODS

# What is made as a correction of another document may take over its term
LINKS = {"reversed_entry_id", "debit_origin_id"}


class AccountMove(models.Model):
    """Receipt information: from when, how and from which account a document is paid,
    and what is due when.

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

    @api.depends("invoice_date", "company_id", "service_invoice_type", "move_type")
    def _compute_service_anchor_date(self):
        for move in self._filter_service_computed("service_anchor_date"):
            move.service_anchor_date = (
                move._get_service_anchor_date()
                if move.state == "draft"
                else move.service_anchor_date
            )

    def _get_service_anchor_date(self):
        """The date from which the payment schedule of this draft counts."""
        self.ensure_one()
        if not self.service_has_life_cycle:
            return False
        today = fields.Date.context_today(self)
        if self.company_id.service_anchor_date_option == "invoice_date":
            return self.invoice_date or today
        return self.service_anchor_date or today

    @api.depends("partner_id", "company_id", "service_invoice_type", "move_type")
    def _compute_service_receipt_method(self):
        moves = self._filter_service_computed("service_receipt_method")
        drafts = moves.filtered(lambda move: move.state == "draft")
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
        drafts = moves.filtered(lambda move: move.state == "draft")
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

    @api.depends(
        "state",
        "move_type",
        "service_invoice_type",
        "company_id.service_payer_vat_check",
        "commercial_partner_id.vat",
        "commercial_partner_id.country_id",
    )
    def _compute_service_payer_vat_warning(self):
        guard = self.env["service.receipt.guard"]
        for move in self:
            is_draft = move.state == "draft"
            move.service_payer_vat_warning = is_draft and guard._get_vat_problem(move)

    # -- guards -----------------------------------------------------------------

    def _check_receipts_at_creation(self, vals_list):
        """:param list vals_list: of ``create``, one per document"""
        typed = self._filter_service_life_cycle()
        if typed:
            linked = self.browse(
                move.id
                for move, vals in zip(self, vals_list, strict=True)
                if LINKS & vals.keys()
            )
            self.env["service.receipt.guard"]._check_creation(typed, linked)
            self.env["service.payment.schedule"]._follow_terms(typed)

    def _keep_receipt(self, vals):
        """:return: function that follows the change, ``None`` without any"""
        typed = self._filter_service_life_cycle()
        if typed or "service_anchor_date" in vals:
            self.env["service.receipt.guard"]._check_kept(self, vals)
        if typed and "invoice_date_due" in vals:
            drafts = typed.filtered(lambda move: move.state == "draft")
            return partial(self.env["service.payment.schedule"]._follow_terms, drafts)
        return None

    def _get_receipt_errors(self):
        self.ensure_one()
        return self.env["service.receipt.guard"]._get_errors(self)

    @contextmanager
    def _post_receipts(self):
        """Schedules are those of the day, and what is said of the payer is kept."""
        self._sync_service_schedule()
        yield
        posted = self._filter_posted()
        guard = self.env["service.receipt.guard"]
        guard._keep_bank_details(posted)
        guard._log_vat_problems(posted)

    # -- what is due when -------------------------------------------------------

    @api.depends("service_anchor_date", "service_receipt_type")
    def _compute_needed_terms(self):
        anchored = self._filter_service_life_cycle().filtered("service_anchor_date")
        if not anchored and not self.env.context.get("service_anchor_date"):
            return super()._compute_needed_terms()
        others = (self - anchored).with_context(service_anchor_date=None)
        schedule = self.env["service.payment.schedule"]
        res = super(AccountMove, others)._compute_needed_terms()
        for move in anchored:
            move = move.with_context(service_anchor_date=move.service_anchor_date)
            super(AccountMove, move)._compute_needed_terms()
            if move.needed_terms and schedule._is_due_at_once(move):
                move.needed_terms = schedule._get_single_term(move)
        return res

    def _is_cash_receipt(self):
        """Whether the payment term does not count, nor does its discount."""
        return self.service_receipt_type == "cash" and self.service_has_life_cycle

    def _is_eligible_for_early_payment_discount(self, currency, reference_date):
        return not self._is_cash_receipt() and (
            super()._is_eligible_for_early_payment_discount(currency, reference_date)
        )

    @api.depends("service_receipt_type")
    def _compute_show_payment_term_details(self):
        res = super()._compute_show_payment_term_details()
        cash = self.filtered(lambda move: move._is_cash_receipt())
        cash.show_discount_details = False
        cash.show_payment_term_details = False
        return res

    # computed: core reads every inverse of an item's move whenever it numbers one
    service_installment_ids = fields.One2many(
        "account.move.line",
        compute="_compute_service_installment_ids",
        string="Payment Schedule",
        help="What is due when, what of it was adjusted and received, and the rest.",
    )

    @api.depends("line_ids.display_type")
    def _compute_service_installment_ids(self):
        for move in self:
            move.service_installment_ids = move._get_installments()

    def _sync_service_schedule(self):
        """Bring the schedule of drafts up to date."""
        self.env["service.payment.schedule"]._sync(self)

    @expects(one=True)
    def action_service_open_schedule(self):
        """Open the payment schedule; before authorization it is what will be due."""
        self.check_access("read")
        view = self.env.ref("service_invoicing.account_move_view_form_schedule")
        return {
            "name": self.env._("Payment Schedule"),
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.id,
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"create": False, "edit": False},
        }

    def action_service_print_schedule(self):
        """Print the payment schedules, one document each."""
        self.check_access("read")
        report = self.env.ref("service_invoicing.account_move_report_schedule")
        return report.report_action(self.ids)

    def _get_service_schedule_title(self):
        """Number of the document the schedule belongs to."""
        self.ensure_one()
        return self.name if self.state == "posted" else self._get_service_label()
