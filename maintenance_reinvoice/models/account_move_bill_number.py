from odoo import models
from odoo.tools import SQL

from ..tools.bill_types import BILL_TYPES
from ..tools.text_match import squeeze_reference


class AccountMove(models.Model):
    """A number of a garage's bill is used once, however it is written."""

    _inherit = "account.move"

    def _get_duplicate_errors(self):
        """A number of a vendor may be posted once, however it is written; a bill
        without one not at all."""
        errors, seen = [], {}
        posted = self._get_posted_numbers()
        for bill in self:
            key = bill._get_number_key()
            if not key[-1]:
                errors.append(
                    self.env._(
                        "The bill of %s has no bill reference: enter the garage's "
                        "bill number.",
                        bill.partner_id.display_name,
                    )
                )
                continue
            other = (posted.get(key, self.browse()) - bill)[:1] or seen.get(key)
            if other:
                errors.append(bill._get_number_error(other))
            seen[key] = bill
        return errors

    def _get_taken_number_errors(self, bills):
        """A number that a permission's bill has taken is refused on bills without
        permissions, too: the garage would be owed twice.

        :param bills: bills of permissions that are posted together with these
        """
        numbered = self.filtered(lambda m: m.move_type in BILL_TYPES and m.ref)
        if not numbered:
            return []
        taken = numbered._get_posted_numbers(of_permissions=True)
        taken |= {bill._get_number_key(): bill for bill in bills}
        errors = []
        for bill in numbered:
            other = (taken.get(bill._get_number_key(), self.browse()) - bill)[:1]
            if other:
                errors.append(bill._get_number_error(other))
        return errors

    def _get_number_error(self, other):
        """:param other: the bill that has taken the number"""
        self.ensure_one()
        return self.env._(
            "Bill number %(ref)s of %(vendor)s is already used on %(other)s. Correct "
            "the number, or delete this bill if it came twice.",
            ref=self.ref,
            vendor=self.partner_id.display_name,
            other=other.display_name,
        )

    def _get_number_key(self):
        """What two documents with the same number have in common: kind, company,
        vendor and the number without blanks and case."""
        self.ensure_one()
        vendor = self.commercial_partner_id
        reference = squeeze_reference(self.ref)
        return self.move_type, self.company_id.id, vendor.id, reference

    def _get_posted_numbers(self, of_permissions=False):
        """``{number key: posted bills}`` of the vendors of these bills.

        Numbers are made comparable here alone: the database has other ideas of blanks
        and case.

        :param bool of_permissions: leave out bills without permissions
        """
        self.flush_model(["ref", "state", "commercial_partner_id", "company_id"])
        self.line_ids.flush_model(["move_id", "maintenance_line_id"])
        keys = {bill._get_number_key() for bill in self}
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
                self.commercial_partner_id.ids,
                self.company_id.ids,
            )
        ):
            key = (*kind, squeeze_reference(reference))
            if key in keys:
                found.setdefault(key, []).append(bill_id)
        return {key: self.browse(ids) for key, ids in found.items()}
