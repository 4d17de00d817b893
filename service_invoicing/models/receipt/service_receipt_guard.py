from odoo import fields, models

from ...tools.guards import get_changed_names, get_field_labels, raise_together
from ...tools.payer_checks import (
    compact_bic,
    is_valid_bic,
    is_valid_iban,
    is_valid_tax_number,
)

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


class ServiceReceiptGuard(models.AbstractModel):
    """With what receipt information documents are made, changed and authorized: the
    same answer whoever calls."""

    _name = "service.receipt.guard"
    _description = "Guards of the Receipt Information"

    # -- creation and changes ---------------------------------------------------

    def _check_creation(self, moves, linked):
        """Documents made by hand have the term of their payer and the anchor date of
        the company.

        :param linked: those among them that correct another document
        :raise UserError: naming everything that differs
        """
        if moves.env.su:
            return
        errors = []
        for move in moves:
            allowed = self._get_allowed_terms(move, move in linked)
            if move.invoice_payment_term_id not in allowed:
                errors += self._get_term_errors(move)
            errors += self._get_anchor_errors(
                move, move.service_anchor_date, move.invoice_date
            )
        raise_together(errors)

    def _get_allowed_terms(self, move, is_linked):
        """Payment terms a document may be made with where they may not be changed.

        :return: list of recordsets, of one term or none
        """
        payer = move.partner_id.with_company(move.company_id)
        default = payer.property_payment_term_id
        if not is_linked:
            return [default]
        origin = move.reversed_entry_id.invoice_payment_term_id
        return [default, origin, default.browse()]

    def _get_term_errors(self, move):
        """Why the payment term may not be another one; empty where it may."""
        if move.company_id.service_modify_payment_term:
            return []
        return [
            self.env._(
                "%(number)s: the payment term cannot be changed, because the setting "
                "“Modify Payment Term” of %(company)s does not allow it.",
                number=move._get_service_label(),
                company=move.company_id.display_name,
            )
        ]

    def _get_anchor_errors(self, move, anchor, invoice_date):
        """Why this date cannot be the anchor; empty when it can.

        :param date anchor: wanted
        :param date invoice_date: of the document, if it has one yet
        """
        expected = invoice_date or fields.Date.context_today(move)
        follows = move.company_id.service_anchor_date_option == "invoice_date"
        if not follows or anchor == expected:
            return []
        return [
            self.env._(
                "%(number)s: the anchor date is the invoice date. Change that, or "
                "choose “Manual” as the setting “Anchor Date Option” of %(company)s.",
                number=move._get_service_label(),
                company=move.company_id.display_name,
            )
        ]

    def _check_kept(self, moves, vals):
        """Refuse values that documents may not have any more, or never.

        :param dict vals: values of ``write``
        :raise UserError: naming documents, fields and settings
        """
        if moves.env.su:
            return
        typed = moves._filter_service_life_cycle()
        errors = []
        for move in moves:
            if move.state != "draft":
                # an anchor date that never counted is not given any more, either
                names = FROZEN if move in typed else {"service_anchor_date"}
                errors += self._get_frozen_errors(move, vals, names)
            elif move in typed:
                errors += self._get_draft_errors(move, vals)
        raise_together(errors)

    def _get_frozen_errors(self, move, vals, names):
        names = get_changed_names(move, vals, names)
        if not names:
            return []
        guard = self.env["service.move.guard"]
        return [guard._get_booked_error(move, get_field_labels(move, names))]

    def _get_draft_errors(self, move, vals):
        changed = get_changed_names(move, vals, TERMS)
        errors = []
        if "invoice_payment_term_id" in changed:
            errors += self._get_term_errors(move)
        if "service_anchor_date" in changed:
            to_date = fields.Date.to_date
            errors += self._get_anchor_errors(
                move,
                to_date(vals["service_anchor_date"]),
                to_date(vals.get("invoice_date", move.invoice_date)),
            )
        return errors

    # -- authorization ----------------------------------------------------------

    def _get_errors(self, move):
        """What is missing or wrong about the payer when the document is authorized.

        :return: list of translated sentences
        """
        errors = self._get_bank_errors(move)
        problem = self._get_vat_problem(move)
        if problem and move.company_id.service_payer_vat_check == "block":
            errors.append(problem)
        return errors

    def _get_bank_errors(self, move):
        """Why nothing can be received from the payer's bank account."""
        if not self._is_electronic(move):
            return []
        names = {
            "number": move._get_service_label(),
            "payer": move.commercial_partner_id.display_name,
            "account": move.service_payer_bank_id.acc_number,
        }
        if not move.service_payer_bank_id:
            return [
                self.env._(
                    "%(number)s is to be received electronically and needs a bank "
                    "account of %(payer)s. Choose one, or “Regular” as receipt method.",
                    **names,
                )
            ]
        return self._get_account_errors(move, names)

    def _get_account_errors(self, move, names):
        """What is wrong with the bank account that was chosen.

        :param dict names: number, payer and account for the sentences
        """
        bank = move.service_payer_bank_id
        owner = bank.partner_id.commercial_partner_id
        found = [
            (
                owner != move.commercial_partner_id,
                self.env._(
                    "%(number)s: the bank account %(account)s is not one of %(payer)s. "
                    "Choose another one.",
                    **names,
                ),
            ),
            (
                not bank.active,
                self.env._(
                    "%(number)s: the bank account %(account)s of %(payer)s is "
                    "archived. Choose another one.",
                    **names,
                ),
            ),
            (
                not is_valid_iban(bank.acc_number),
                self.env._(
                    "%(number)s: %(account)s of %(payer)s is not a valid IBAN. Correct "
                    "the bank account.",
                    **names,
                ),
            ),
            (
                not is_valid_bic(bank.bank_bic),
                self.env._(
                    "%(number)s: the bank of account %(account)s of %(payer)s has no "
                    "valid BIC (%(bic)s). Correct the bank.",
                    bic=bank.bank_bic or "–",
                    **names,
                ),
            ),
        ]
        return [sentence for is_wrong, sentence in found if is_wrong]

    def _is_electronic(self, move):
        """Whether money for this document comes from the payer's bank account; what a
        credit memo gives back does not."""
        return (
            move.service_has_life_cycle
            and move.move_type == "out_invoice"
            and move.service_receipt_method == "electronic"
        )

    def _get_vat_problem(self, move):
        """What is wrong with the payer's tax number.

        Credit memos are not stopped by it: they take back what has been billed.

        :return: translated sentence, ``False`` when nothing is wrong or the company
            does not check
        """
        if (
            not move.service_has_life_cycle
            or move.move_type != "out_invoice"
            or move.company_id.service_payer_vat_check == "none"
        ):
            return False
        payer = move.commercial_partner_id
        if is_valid_tax_number(payer.vat, payer.country_id.code) is not False:
            return False
        return self.env._(
            "%(number)s: the tax number %(vat)s of %(payer)s is not valid. Correct it "
            "on the contact.",
            number=move._get_service_label(),
            vat=payer.vat,
            payer=payer.display_name,
        )

    def _keep_bank_details(self, moves):
        """Keep IBAN and BIC as they are now: the account may change or disappear."""
        for move in moves:
            bank = move.service_payer_bank_id
            is_electronic = self._is_electronic(move)
            vals = {
                "service_payer_iban": is_electronic and bank.sanitized_acc_number,
                "service_payer_bic": is_electronic and compact_bic(bank.bank_bic),
            }
            if any(move[name] != value for name, value in vals.items()):
                move.sudo().write(vals)

    def _log_vat_problems(self, moves):
        problems = {move.id: self._get_vat_problem(move) for move in moves}
        problems = {key: text for key, text in problems.items() if text}
        if problems:
            moves.browse(problems)._message_log_batch(bodies=problems)
