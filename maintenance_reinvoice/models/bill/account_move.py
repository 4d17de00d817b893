from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.bill_types import BILL_TYPES
from ...tools.text_match import squeeze_reference


class AccountMove(models.Model):
    """Garages' bills: what is checked before they are posted and what follows."""

    _inherit = "account.move"

    def _get_maintenance_bills(self):
        """Those of these documents by which garages charge permissions, or give
        something back that permissions say."""
        return self.filtered(
            lambda move: move.move_type in BILL_TYPES
            and move.invoice_line_ids._filter_billing()
        )

    def _check_maintenance_bills(self):
        """Refuse bills whose number is used twice, or that differ too much from
        their permissions; all reasons of all bills at once."""
        bills = self.sudo()._get_maintenance_bills()
        credits = self.sudo()._get_maintenance_vendor_credits()
        errors = bills._get_duplicate_errors()
        errors += (self.sudo() - bills)._get_taken_number_errors(bills)
        for document in bills + credits:
            errors += document._get_link_errors()
        errors += credits._get_credit_errors()
        for bill in bills:
            errors += self.env["maintenance.bill.difference"]._get_errors(bill)
            errors += bill._get_double_errors()
            errors += bill._get_lost_analytic_errors()
        if errors:
            raise UserError("\n".join(errors))

    def _get_double_errors(self):
        """A permission line is bought once: on one live bill."""
        self.ensure_one()
        errors = []
        for bill_line in self.invoice_line_ids._filter_billing():
            bill_lines = bill_line.maintenance_line_id.bill_line_ids
            others = bill_lines._filter_billing().filtered(
                lambda b: b.move_id != self and b.parent_state == "posted"
            )
            if others:
                errors.append(
                    self.env._(
                        "%(line)s is already on bill %(bill)s. Remove it from this "
                        "bill.",
                        line=bill_line.maintenance_line_id.display_name,
                        bill=others[0].move_id.name,
                    )
                )
        return errors

    def _get_lost_analytic_errors(self):
        """The cost of a contract would be on no analytic account."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered("maintenance_line_id")
        return [
            self.env._(
                "%(bill)s, “%(line)s”: an analytic account of the line was deleted. "
                "Choose another one.",
                bill=self.display_name,
                line=line.name,
            )
            for line in lines._filter_lost_analytic()
        ]

    # -- consequences -----------------------------------------------------------

    def _create_maintenance_vehicle_logs(self):
        """The service log of the vehicles, made by us beforehand: core would make it
        in the user's name and ask a Fleet right of the accountant.

        Of credits core only looks for logs, with the same right; it finds what is
        looked up here."""
        bills = self.sudo()._get_maintenance_bills()
        credits = self.sudo()._get_maintenance_vendor_credits()
        credits |= bills.filtered(lambda move: move.move_type == "in_refund")
        credits.invoice_line_ids.fetch(["vehicle_log_service_ids"])
        vendor_bill = self.env.ref(
            "account_fleet.data_fleet_service_type_vendor_bill", False
        )
        if not vendor_bill:
            return
        lines = (bills - credits).invoice_line_ids.filtered(
            lambda a: a.maintenance_line_id
            and a.vehicle_id
            and not a.vehicle_log_service_ids
        )
        self.env["fleet.vehicle.log.services"].sudo().create(
            [line._prepare_maintenance_service_log() for line in lines]
        )

    def _get_bill_reset_errors(self):
        """A posted bill stays while one of its lines is on a live customer invoice."""
        self.ensure_one()
        if self.state != "posted" or self.move_type not in BILL_TYPES:
            return []
        lines = self.invoice_line_ids._filter_billing().maintenance_line_id
        # what was credited and closed is not invoiced any more
        rows = lines.row_ids.filtered(lambda row: row.live and not row.credit_move_id)
        invoiced = rows.line_id
        return [
            self.env._(
                "Bill %(bill)s cannot be reset: %(line)s is on customer invoice "
                "%(invoice)s. Credit that first.",
                bill=self.name,
                line=line.display_name,
                invoice=line.sale_invoice_id.display_name,
            )
            for line in invoiced
        ]

    # A number of a garage's bill is used once, however it is written.

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

    def _get_bill_name(self):
        """How messages name a bill that may still have no number."""
        self.ensure_one()
        return self.ref or self.display_name

    def _get_maintenance_permissions(self):
        """Permissions billed or re-invoiced by the moves."""
        lines = self.invoice_line_ids.sudo().maintenance_line_id
        lines |= self.sudo().maintenance_row_ids.line_id
        return lines.permission_id.sudo(False)

    def _get_maintenance_open_action(self):
        """Open the moves: the form of one, the list of several."""
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Maintenance Invoices"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }
        if len(self) == 1:
            action.update(view_mode="form", res_id=self.id)
        return action


class AccountMoveLine(models.Model):
    """Lines that charge a permission line, and lines that credit it.

    A garage that only gives something back sends a credit note: it charges the negative
    price of its permission.
    """

    _inherit = "account.move.line"

    def _prepare_maintenance_service_log(self):
        """Values of the vehicle's service log of a garage's bill line."""
        vals = self._prepare_fleet_log_service()
        line = self.maintenance_line_id
        return {
            **vals,
            "service_type_id": line.service_type_id.id or vals["service_type_id"],
            "date": line.permission_id.date,
        }
