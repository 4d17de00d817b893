from odoo import models
from odoo.tools import SQL

from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.bill_types import BILL_TYPES
from ...tools.states import APPROVED_STATES
from ...tools.text_match import squeeze_reference


class MaintenanceBillCheck(models.AbstractModel):
    """What keeps garages' bills and credits from being posted, or from being reset."""

    _name = "maintenance.bill.check"
    _description = "Check of Vendor Bills of Permissions"

    def _check_documents(self, documents, bills, credits):
        """Refuse bills whose number is used twice, or that differ too much from their
        permissions; all reasons of all bills at once.

        :param documents: all that are posted together
        :param bills: those of them that charge permissions
        :param credits: those that take back what was charged
        """
        errors = self._get_duplicate_errors(bills)
        errors += self._get_taken_number_errors(documents - bills, bills)
        for document in bills + credits:
            errors += self._get_link_errors(document)
        errors += self._get_credit_errors(credits)
        for bill in bills:
            errors += self.env["maintenance.bill.difference"]._get_errors(bill)
            errors += self._get_double_errors(bill)
            errors += self._get_lost_analytic_errors(bill)
        raise_together(errors)

    # -- permissions ------------------------------------------------------------

    def _get_link_errors(self, document):
        """Sentences about vendor, currency and status of the permissions that a bill
        or credit is about."""
        errors = []
        for permission in document.invoice_line_ids.maintenance_line_id.permission_id:
            names = {
                "bill": document._get_bill_name(),
                "permission": permission.name,
            }
            garage = permission.vendor_id
            if garage.commercial_partner_id != document.commercial_partner_id:
                errors.append(
                    self.env._(
                        "Bill %(bill)s is of %(vendor)s, but permission %(permission)s "
                        "is for %(garage)s. Detach it.",
                        vendor=document.partner_id.display_name,
                        garage=garage.display_name or "–",
                        **names,
                    )
                )
            if permission.purchase_currency_id != document.currency_id:
                errors.append(
                    self.env._(
                        "Bill %(bill)s is in %(currency)s, but permission "
                        "%(permission)s in %(agreed)s. Correct the bill's currency, or "
                        "detach it.",
                        currency=document.currency_id.name,
                        agreed=permission.purchase_currency_id.name,
                        **names,
                    )
                )
            if permission.state not in APPROVED_STATES:
                errors.append(
                    self.env._(
                        "Bill %(bill)s charges permission %(permission)s, which is not "
                        "approved. Have it approved, or detach it.",
                        **names,
                    )
                )
        return errors

    def _get_double_errors(self, bill):
        """A permission line is bought once: on one live bill."""
        errors = []
        for line in bill.invoice_line_ids._filter_billing().maintenance_line_id:
            other = line.bill_line_ids._filter_billing().filtered(
                lambda b: b.move_id != bill and b.parent_state == "posted"
            )[:1]
            if other:
                errors.append(
                    self.env._(
                        "%(line)s is already on bill %(bill)s. Remove it from this "
                        "bill.",
                        line=line.display_name,
                        bill=other.move_id.name,
                    )
                )
        return errors

    def _get_lost_analytic_errors(self, bill):
        """The cost of a contract would be on no analytic account."""
        lines = bill.invoice_line_ids.filtered("maintenance_line_id")
        return [
            self.env._(
                "%(bill)s, “%(line)s”: an analytic account of the line was deleted. "
                "Choose another one.",
                bill=bill.display_name,
                line=line.name,
            )
            for line in lines._filter_lost_analytic()
        ]

    def _get_credit_errors(self, credits):
        """Nobody credits more than was billed, taking all these credits together."""
        errors = []
        crediting = credits.invoice_line_ids._filter_crediting()
        for line, own in crediting.grouped("maintenance_line_id").items():
            currency = line.purchase_currency_id
            credited = sum(own.mapped("price_subtotal"))
            if currency.compare_amounts(abs(credited), abs(line.amount_billed)) > 0:
                names = [move._get_bill_name() for move in own.move_id]
                errors.append(
                    self.env._(
                        "Vendor credit %(credit)s: %(credited)s is more than the "
                        "%(billed)s billed for %(line)s. Correct it, or detach it.",
                        credit=", ".join(names),
                        credited=currency.format(credited),
                        billed=currency.format(line.amount_billed),
                        line=line.display_name,
                    )
                )
        return errors

    def _get_reset_errors(self, bill):
        """A posted bill stays while one of its lines is on a live customer invoice."""
        if bill.state != "posted" or bill.move_type not in BILL_TYPES:
            return []
        lines = bill.invoice_line_ids._filter_billing().maintenance_line_id
        # what was credited and closed is not invoiced any more
        rows = lines.row_ids.filtered(lambda row: row.live and not row.credit_move_id)
        return [
            self.env._(
                "Bill %(bill)s cannot be reset: %(line)s is on customer invoice "
                "%(invoice)s. Credit that first.",
                bill=bill.name,
                line=line.display_name,
                invoice=line.sale_invoice_id.display_name,
            )
            for line in rows.line_id
        ]

    # A number of a garage's bill is used once, however it is written.

    def _get_duplicate_errors(self, bills):
        """A number of a vendor may be posted once, however it is written; a bill
        without one not at all."""
        errors, seen = [], {}
        posted = self._get_posted_numbers(bills) if bills else {}
        for bill in bills:
            key = self._get_number_key(bill)
            if not key[-1]:
                errors.append(
                    self.env._(
                        "The bill of %s has no bill reference: enter the garage's "
                        "bill number.",
                        bill.partner_id.display_name,
                    )
                )
                continue
            other = (posted.get(key, bills.browse()) - bill)[:1] or seen.get(key)
            if other:
                errors.append(self._get_number_error(bill, other))
            seen[key] = bill
        return errors

    def _get_taken_number_errors(self, documents, bills):
        """A number that a permission's bill has taken is refused on bills without
        permissions, too: the garage would be owed twice.

        :param bills: bills of permissions that are posted together with these
        """
        numbered = documents.filtered(lambda m: m.move_type in BILL_TYPES and m.ref)
        if not numbered:
            return []
        taken = self._get_posted_numbers(numbered, of_permissions=True)
        taken |= {self._get_number_key(bill): bill for bill in bills}
        errors = []
        for bill in numbered:
            known = taken.get(self._get_number_key(bill), bills.browse())
            if other := (known - bill)[:1]:
                errors.append(self._get_number_error(bill, other))
        return errors

    def _get_number_error(self, bill, other):
        """:param other: the bill that has taken the number"""
        return self.env._(
            "Bill number %(ref)s of %(vendor)s is already used on %(other)s. Correct "
            "the number, or delete this bill if it came twice.",
            ref=bill.ref,
            vendor=bill.partner_id.display_name,
            other=other.display_name,
        )

    def _get_number_key(self, bill):
        """What two documents with the same number have in common: kind, company,
        vendor and the number without blanks and case."""
        vendor = bill.commercial_partner_id
        reference = squeeze_reference(bill.ref)
        return bill.move_type, bill.company_id.id, vendor.id, reference

    def _get_posted_numbers(self, bills, of_permissions=False):
        """``{number key: posted bills}`` of the vendors of these bills.

        Numbers are made comparable here alone: the database has other ideas of blanks
        and case.

        :param bool of_permissions: leave out bills without permissions
        """
        bills.flush_model(["ref", "state", "commercial_partner_id", "company_id"])
        bills.line_ids.flush_model(["move_id", "maintenance_line_id"])
        keys = {self._get_number_key(bill) for bill in bills}
        found = {}
        for bill_id, *kind, reference in self.env.execute_query(
            SQL(
                """
                SELECT id, move_type, company_id, commercial_partner_id, ref
                  FROM account_move
                 WHERE (NOT %s OR id IN (
                           SELECT move_id
                             FROM account_move_line
                            WHERE maintenance_line_id IS NOT NULL
                       ))
                   AND move_type = ANY(%s)
                   AND state = 'posted'
                   AND ref IS NOT NULL
                   AND commercial_partner_id = ANY(%s)
                   AND company_id = ANY(%s)
                """,
                of_permissions,
                list(BILL_TYPES),
                bills.commercial_partner_id.ids,
                bills.company_id.ids,
            )
        ):
            key = (*kind, squeeze_reference(reference))
            if key in keys:
                found.setdefault(key, []).append(bill_id)
        return {key: bills.browse(ids) for key, ids in found.items()}
