from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.text_match import squeeze_reference


class AccountMove(models.Model):
    """Garages' bills: what is checked before they are posted and what follows."""

    _inherit = "account.move"

    def _get_maintenance_bills(self):
        return self.filtered(
            lambda move: move.move_type == "in_invoice"
            and move.invoice_line_ids.maintenance_line_id
        )

    def _check_maintenance_bills(self):
        """Refuse bills whose number is used twice, or that differ too much from
        their permissions; all reasons of all bills at once."""
        bills = self.sudo()._get_maintenance_bills()
        credits = self.sudo()._get_maintenance_vendor_credits()
        errors = bills._get_duplicate_errors()
        for document in bills + credits:
            errors += document._get_link_errors()
        errors += credits._get_credit_errors()
        for bill in bills:
            errors += bill._get_difference_errors() + bill._get_double_errors()
        if errors:
            raise UserError("\n".join(errors))

    # -- the same number twice --------------------------------------------------

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
                errors.append(
                    self.env._(
                        "Bill number %(ref)s of %(vendor)s is already used on "
                        "%(other)s. Correct the number, or delete this bill if it "
                        "came twice.",
                        ref=bill.ref,
                        vendor=bill.partner_id.display_name,
                        other=other.display_name,
                    )
                )
            seen[key] = bill
        return errors

    def _get_number_key(self):
        """What two documents with the same number have in common: company, vendor
        and the number without blanks and case."""
        self.ensure_one()
        reference = squeeze_reference(self.ref)
        return self.company_id.id, self.commercial_partner_id.id, reference

    def _get_posted_numbers(self):
        """``{number key: posted bills}`` of the vendors of these bills."""
        self.flush_model(["ref", "state", "commercial_partner_id", "company_id"])
        numbers = {key[-1] for bill in self if (key := bill._get_number_key())[-1]}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM account_move
                 WHERE move_type = 'in_invoice'
                   AND state = 'posted'
                   AND commercial_partner_id = ANY(%s)
                   AND company_id = ANY(%s)
                   AND UPPER(REGEXP_REPLACE(ref, '\\s', '', 'g')) = ANY(%s)
                """,
                self.commercial_partner_id.ids,
                self.company_id.ids,
                list(numbers),
            )
        )
        bills = self.browse(row[0] for row in rows)
        return bills.grouped(lambda bill: bill._get_number_key())

    def _get_double_errors(self):
        """A permission line is bought once: on one live bill."""
        self.ensure_one()
        errors = []
        for bill_line in self.invoice_line_ids.filtered("maintenance_line_id"):
            others = bill_line.maintenance_line_id.bill_line_ids.filtered(
                lambda b: b.move_id != self
                and b.parent_state == "posted"
                and b.move_id.move_type == "in_invoice"
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

    # -- difference to the permission -------------------------------------------

    def _get_permission_differences(self):
        """Net amount billed more (positive) or less than agreed, per permission, in
        the currency of the bill. A line the garage added counts for the permission
        when the bill has just one."""
        self.ensure_one()
        billed = self.invoice_line_ids.filtered(lambda a: a.display_type == "product")
        permissions = billed.maintenance_line_id.permission_id
        differences = {}
        for permission in permissions:
            own = billed.filtered(
                lambda a, p=permission: a.maintenance_line_id.permission_id == p
                or (len(permissions) == 1 and not a.maintenance_line_id)
            )
            agreed = sum(own.maintenance_line_id.mapped("purchase_price"))
            agreed = permission.purchase_currency_id._convert(
                agreed, self.currency_id, self.company_id, self.invoice_date
            )
            difference = sum(own.mapped("price_subtotal")) - agreed
            if not self.currency_id.is_zero(difference):
                differences[permission] = self.currency_id.round(difference)
        return differences

    def _get_difference_errors(self):
        self.ensure_one()
        company = self.company_id
        tolerance = company.currency_id._convert(
            company.maintenance_bill_tolerance,
            self.currency_id,
            company,
            self.invoice_date,
        )
        return [
            self.env._(
                "Bill %(bill)s of %(vendor)s differs by %(difference)s from "
                "permission %(permission)s, more than the tolerance of "
                "%(tolerance)s. Correct it, or have an approver press “Approve "
                "Difference”.",
                bill=self.ref or self.display_name,
                vendor=self.partner_id.display_name,
                difference=self.currency_id.format(difference),
                permission=permission.name,
                tolerance=self.currency_id.format(tolerance),
            )
            for permission, difference in self._get_permission_differences().items()
            if self.currency_id.compare_amounts(abs(difference), tolerance) > 0
            and not self._is_difference_approved(permission, difference)
        ]

    def _is_difference_approved(self, permission, difference):
        """An approval is of one amount: what is changed afterwards needs another."""
        approved = (self.maintenance_approved_differences or {}).get(str(permission.id))
        if not self.maintenance_difference_approved or approved is None:
            return False
        return not self.currency_id.compare_amounts(approved, difference)

    def action_approve_difference(self):
        """Accept that draft bills differ from their permissions by more than the
        company's tolerance."""
        self.check_access("write")
        permissions = self._get_maintenance_permissions()
        permissions._check_group("group_maintenance_approver")
        wrong = self.filtered(lambda m: m.state != "draft") + (
            self - self.sudo()._get_maintenance_bills()
        )
        if wrong:
            raise UserError(
                self.env._(
                    "Only differences of draft bills with permissions can be "
                    "approved, not those of: %s",
                    ", ".join(wrong.mapped("display_name")),
                )
            )
        self._check_difference_limit()
        for bill in self.sudo():
            differences = bill._get_permission_differences().items()
            bill.write(
                {
                    "maintenance_difference_approved": True,
                    "maintenance_approved_differences": {
                        str(permission.id): amount for permission, amount in differences
                    },
                }
            )
        for bill in self:
            bill.message_post(body=self.env._("Difference to permissions approved."))

    def _check_difference_limit(self):
        """What is bought together with the difference is within the approver's limit.

        :raise UserError: naming the permissions above it
        """
        above = [
            f"{permission.name} ({company.currency_id.format(total)})"
            for bill in self.sudo()
            for company in bill.company_id
            for permission, total in bill._get_totals_with_difference().items()
            if self._is_above_limit(company, total)
        ]
        if above:
            raise UserError(
                self.env._(
                    "With the difference these permissions are above your approval "
                    "limit: %s. A manager has to approve it.",
                    ", ".join(above),
                )
            )

    def _is_above_limit(self, company, total):
        """Whether ``total``, in company currency, is more than the user may approve."""
        limit = self.env.user._get_maintenance_approval_limit(company)
        if limit is False:
            return False
        return company.currency_id.compare_amounts(total, limit) > 0

    def _get_totals_with_difference(self):
        """``{permission: its purchase total and difference in company currency}``."""
        company = self.company_id
        return {
            permission: permission.amount_purchase_company
            + self.currency_id._convert(
                difference, company.currency_id, company, self.invoice_date
            )
            for permission, difference in self._get_permission_differences().items()
        }

    def _create_difference_lines(self):
        """Keep accepted differences as lines of the permissions, not to be
        re-invoiced, so that what was bought adds up."""
        vals_list = []
        for bill in self.sudo()._get_maintenance_bills():
            for permission, difference in bill._get_permission_differences().items():
                vals_list.append(bill._prepare_difference_vals(permission, difference))
        self.env["maintenance.permission.line"].sudo().create(vals_list)

    def _prepare_difference_vals(self, permission, difference):
        line = self.invoice_line_ids.maintenance_line_id.filtered(
            lambda row: row.permission_id == permission
        )[:1]
        return {
            "permission_id": permission.id,
            "product_id": line.product_id.id,
            "name": self.env._("Difference of bill %s", self.ref),
            "purchase_price": self.currency_id._convert(
                difference,
                permission.purchase_currency_id,
                self.company_id,
                self.invoice_date,
            ),
            "difference": True,
            "extra": True,
            "reinvoice_method": "individual",
            "difference_bill_id": self.id,
            "sequence": 100,
        }

    def _drop_difference_lines(self):
        """The difference is worked out anew when the bill is posted again."""
        lines = self.env["maintenance.permission.line"]
        lines.search([("difference_bill_id", "in", self.ids)]).unlink()

    # -- consequences -----------------------------------------------------------

    def _create_maintenance_vehicle_logs(self):
        """The service log of the vehicles, made by us beforehand: core would make it
        in the user's name and ask a Fleet right of the accountant.

        Of credits core only looks for logs, with the same right; it finds what is
        looked up here."""
        credits = self.sudo()._get_maintenance_vendor_credits()
        credits.invoice_line_ids.fetch(["vehicle_log_service_ids"])
        vendor_bill = self.env.ref(
            "account_fleet.data_fleet_service_type_vendor_bill", False
        )
        if not vendor_bill:
            return
        lines = (
            self.sudo()
            ._get_maintenance_bills()
            .invoice_line_ids.filtered(
                lambda a: a.maintenance_line_id
                and a.vehicle_id
                and not a.vehicle_log_service_ids
            )
        )
        self.env["fleet.vehicle.log.services"].sudo().create(
            [line._prepare_maintenance_service_log() for line in lines]
        )

    def _get_bill_reset_errors(self):
        """A posted bill stays while one of its lines is on a live customer invoice."""
        self.ensure_one()
        if self.state != "posted" or self.move_type != "in_invoice":
            return []
        lines = self.invoice_line_ids.maintenance_line_id
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


class AccountMoveLine(models.Model):
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
