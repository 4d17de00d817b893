from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """What a garage's bill charges more or less than its permissions say."""

    _inherit = "account.move"

    def _get_permission_differences(self):
        """Net amount billed more (positive) or less than agreed, per permission, in
        the currency of the bill.

        Lines that the garage added count for the permission when the bill has just
        one; else for the bill as a whole, under no permission."""
        self.ensure_one()
        added = self._get_added_lines()
        if self._get_maintenance_vendor_credits():
            added = added.browse()  # they go with what is credited
        billed = self.invoice_line_ids._filter_billing()
        groups = billed.grouped(lambda a: a.maintenance_line_id.permission_id)
        permission = self.env["maintenance.permission"]
        whole = next(iter(groups)) if len(groups) == 1 else permission
        groups[whole] = groups.get(whole, added.browse()) + added
        differences = {}
        for permission, own in groups.items():
            difference = own._sum_bought() - self._get_agreed(own)
            if not self.currency_id.is_zero(difference):
                differences[permission] = self.currency_id.round(difference)
        return differences

    def _get_agreed(self, bill_lines):
        """Agreed prices of what the lines charge, in the currency of the bill."""
        lines = bill_lines.maintenance_line_id
        return lines.purchase_currency_id[:1]._convert(
            sum(lines.mapped("purchase_price")),
            self.currency_id,
            self.company_id,
            self.invoice_date,
        )

    def _get_borne_differences(self):
        """The differences with that of the bill as a whole shared out among its
        permissions, line by line as in the ledger."""
        borne = self._get_permission_differences()
        if borne.pop(self.env["maintenance.permission"], 0.0):
            for line in self._get_added_lines():
                parts = self._share_over_permissions(
                    line._sum_bought(), self.currency_id
                )
                for permission, part in parts.items():
                    borne[permission] = borne.get(permission, 0.0) + part
        return {
            permission: difference
            for permission, difference in borne.items()
            if not self.currency_id.is_zero(difference)
        }

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
            self._get_difference_error(permission, difference, tolerance)
            for permission, difference in self._get_permission_differences().items()
            if self.currency_id.compare_amounts(abs(difference), tolerance) > 0
            and not self._is_difference_approved(permission, difference)
        ]

    def _get_difference_error(self, permission, difference, tolerance):
        """The sentence about one permission, or about the bill as a whole."""
        names = {
            "bill": self.ref or self.display_name,
            "vendor": self.partner_id.display_name,
            "difference": self.currency_id.format(difference),
            "tolerance": self.currency_id.format(tolerance),
        }
        if not permission:
            permissions = self.invoice_line_ids.maintenance_line_id.permission_id
            return self.env._(
                "Bill %(bill)s of %(vendor)s as a whole differs by %(difference)s from "
                "permissions %(permissions)s, more than the tolerance of "
                "%(tolerance)s: it has lines of none of them. Attach or remove these, "
                "or have an approver press “Approve Difference”.",
                permissions=", ".join(permissions.mapped("name")),
                **names,
            )
        return self.env._(
            "Bill %(bill)s of %(vendor)s differs by %(difference)s from "
            "permission %(permission)s, more than the tolerance of "
            "%(tolerance)s. Correct it, or have an approver press “Approve "
            "Difference”.",
            permission=permission.name,
            **names,
        )

    def _is_difference_approved(self, permission, difference):
        """An approval is of one amount: what is changed afterwards needs another."""
        approved = (self.maintenance_approved_differences or {}).get(
            str(permission.id or 0)
        )
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
                        str(permission.id or 0): amount
                        for permission, amount in differences
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
            for permission, difference in self._get_borne_differences().items()
        }

    def _create_difference_lines(self):
        """Keep accepted differences as lines of the permissions, not to be
        re-invoiced, so that what was bought adds up."""
        vals_list = []
        for bill in self.sudo()._get_maintenance_bills():
            for permission, difference in bill._get_borne_differences().items():
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
