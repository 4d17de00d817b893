from contextlib import contextmanager

from odoo import fields, models

from ...tools.guards import get_changed_names, get_field_labels, raise_together
from ...tools.payer_checks import compact_bic, is_valid_bic, is_valid_iban

# What does not change any more once a document is authorized or deleted
FROZEN = {
    "service_anchor_date",
    "service_receipt_method",
    "service_receipt_type",
    "service_payer_bank_id",
    "invoice_date_due",
}
# What may change before, as far as the company allows it
TERMS = {"invoice_payment_term_id", "service_anchor_date"}
# What is made as a correction of another document may take over its term
LINKS = {"reversed_entry_id", "debit_origin_id"}


class AccountMove(models.Model):
    """The guards of the receipt information: the same answer whoever calls."""

    _inherit = "account.move"

    def _check_receipts_at_creation(self, vals_list):
        """:param list vals_list: of ``create``, one per document"""
        typed = self._filter_service_life_cycle()
        if typed:
            linked = self.browse(
                move.id
                for move, vals in zip(self, vals_list, strict=True)
                if LINKS & vals.keys()
            )
            typed._check_receipt_at_creation(linked)
            typed._follow_service_terms()

    def _keep_receipt(self, vals):
        """:return: function that follows the change, ``None`` without any"""
        typed = self._filter_service_life_cycle()
        if typed:
            typed._check_receipt_kept(vals)
        if "service_anchor_date" in vals:
            (self - typed)._check_anchor_kept(vals)
        if typed and "invoice_date_due" in vals:
            return typed._filter_receipt_open()._follow_service_terms
        return None

    def _follow_service_terms(self):
        """The due date is that of the schedule, whatever was written on it: without a
        payment term core keeps what the form has sent, which is today."""
        self.env.add_to_compute(self._fields["invoice_date_due"], self)

    def _check_receipt_at_creation(self, linked):
        """Documents made by hand have the term of their payer and the anchor date of
        the company.

        :param linked: those among them that correct another document
        :raise UserError: naming everything that differs
        """
        if self.env.su:
            return
        errors = []
        for move in self:
            allowed = move._get_allowed_payment_terms(move in linked)
            if move.invoice_payment_term_id not in allowed:
                errors += move._get_payment_term_errors()
            errors += move._get_anchor_errors(
                move.service_anchor_date, move.invoice_date
            )
        raise_together(errors)

    def _get_allowed_payment_terms(self, is_linked):
        """Payment terms a document may be made with where they may not be changed.

        :return: list of recordsets, of one term or none
        """
        self.ensure_one()
        payer = self.partner_id.with_company(self.company_id)
        default = payer.property_payment_term_id
        if not is_linked:
            return [default]
        origin = self.reversed_entry_id.invoice_payment_term_id
        return [default, origin, default.browse()]

    def _get_payment_term_errors(self):
        """Why the payment term may not be another one; empty where it may."""
        self.ensure_one()
        if self.company_id.service_modify_payment_term:
            return []
        return [
            self.env._(
                "%(number)s: the payment term cannot be changed, because the setting "
                "“Modify Payment Term” of %(company)s does not allow it.",
                number=self._get_service_label(),
                company=self.company_id.display_name,
            )
        ]

    def _get_anchor_errors(self, anchor, invoice_date):
        """Why this date cannot be the anchor; empty when it can.

        :param date anchor: wanted
        :param date invoice_date: of the document, if it has one yet
        """
        self.ensure_one()
        expected = invoice_date or fields.Date.context_today(self)
        if not self._follows_invoice_date() or anchor == expected:
            return []
        return [
            self.env._(
                "%(number)s: the anchor date is the invoice date. Change that, or "
                "choose “Manual” as the setting “Anchor Date Option” of %(company)s.",
                number=self._get_service_label(),
                company=self.company_id.display_name,
            )
        ]

    def _check_receipt_kept(self, vals):
        """Refuse values that this document may not have any more, or never.

        :param dict vals: values of ``write``
        :raise UserError: naming documents, fields and settings
        """
        if self.env.su:
            return
        drafts = self._filter_receipt_open()
        errors = []
        for move in self - drafts:
            errors += move._get_frozen_errors(get_changed_names(move, vals, FROZEN))
        for move in drafts:
            changed = get_changed_names(move, vals, TERMS)
            if "invoice_payment_term_id" in changed:
                errors += move._get_payment_term_errors()
            if "service_anchor_date" in changed:
                to_date = fields.Date.to_date
                errors += move._get_anchor_errors(
                    to_date(vals["service_anchor_date"]),
                    to_date(vals.get("invoice_date", move.invoice_date)),
                )
        raise_together(errors)

    def _check_anchor_kept(self, vals):
        """An anchor date that never counted is not given once a document is posted.

        :raise UserError: naming the documents
        """
        if self.env.su:
            return
        errors = []
        for move in self - self._filter_receipt_open():
            names = get_changed_names(move, vals, {"service_anchor_date"})
            errors += move._get_frozen_errors(names)
        raise_together(errors)

    def _get_frozen_errors(self, names):
        if not names:
            return []
        guard = self.env["service.move.guard"]
        return [guard._get_booked_error(self, get_field_labels(self, names))]

    def _get_receipt_errors(self):
        """What is missing or wrong about the payer when the document is authorized.

        :return: list of translated sentences
        """
        self.ensure_one()
        errors = self._get_payer_bank_errors()
        problem = self._get_payer_vat_problem()
        if problem and self.company_id.service_payer_vat_check == "block":
            errors.append(problem)
        return errors

    def _get_payer_bank_errors(self):
        """Why nothing can be received from the payer's bank account."""
        if not self._is_received_electronically():
            return []
        names = {
            "number": self._get_service_label(),
            "payer": self.commercial_partner_id.display_name,
            "account": self.service_payer_bank_id.acc_number,
        }
        if not self.service_payer_bank_id:
            return [
                self.env._(
                    "%(number)s is to be received electronically and needs a bank "
                    "account of %(payer)s. Choose one, or “Regular” as receipt method.",
                    **names,
                )
            ]
        return self._get_bank_owner_errors(names) + self._get_bank_number_errors(names)

    def _get_bank_owner_errors(self, names):
        """:param dict names: number, payer and account for the sentences"""
        bank = self.service_payer_bank_id
        errors = []
        if bank.partner_id.commercial_partner_id != self.commercial_partner_id:
            errors.append(
                self.env._(
                    "%(number)s: the bank account %(account)s is not one of %(payer)s. "
                    "Choose another one.",
                    **names,
                )
            )
        if not bank.active:
            errors.append(
                self.env._(
                    "%(number)s: the bank account %(account)s of %(payer)s is "
                    "archived. Choose another one.",
                    **names,
                )
            )
        return errors

    def _get_bank_number_errors(self, names):
        """:param dict names: number, payer and account for the sentences"""
        bank = self.service_payer_bank_id
        errors = []
        if not is_valid_iban(bank.acc_number):
            errors.append(
                self.env._(
                    "%(number)s: %(account)s of %(payer)s is not a valid IBAN. Correct "
                    "the bank account.",
                    **names,
                )
            )
        if not is_valid_bic(bank.bank_bic):
            errors.append(
                self.env._(
                    "%(number)s: the bank of account %(account)s of %(payer)s has no "
                    "valid BIC (%(bic)s). Correct the bank.",
                    bic=bank.bank_bic or "–",
                    **names,
                )
            )
        return errors

    @contextmanager
    def _post_receipts(self):
        """Schedules are those of the day, and what is said of the payer is kept."""
        self._sync_service_schedule()
        yield
        posted = self._filter_posted()
        posted._keep_payer_bank_details()
        posted._log_payer_vat_problems()

    def _keep_payer_bank_details(self):
        """Keep IBAN and BIC as they are now: the account may change or disappear."""
        for move in self:
            bank = move.service_payer_bank_id
            is_electronic = move._is_received_electronically()
            vals = {
                "service_payer_iban": is_electronic and bank.sanitized_acc_number,
                "service_payer_bic": is_electronic and compact_bic(bank.bank_bic),
            }
            if any(move[name] != value for name, value in vals.items()):
                move.sudo().write(vals)

    def _log_payer_vat_problems(self):
        problems = {move.id: move._get_payer_vat_problem() for move in self}
        problems = {key: text for key, text in problems.items() if text}
        if problems:
            self.browse(problems)._message_log_batch(bodies=problems)
