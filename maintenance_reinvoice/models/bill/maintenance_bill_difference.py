from odoo import models
from odoo.exceptions import UserError


class MaintenanceBillDifference(models.AbstractModel):
    """What a garage's bill charges more or less than its permissions say."""

    _name = "maintenance.bill.difference"
    _description = "Difference of a Vendor Bill to Its Permissions"

    def _get_differences(self, bill):
        """Net amount billed more (positive) or less than agreed, per permission, in
        the currency of the bill.

        Lines that the garage added count for the permission when the bill has just
        one; else for the bill as a whole, under no permission."""
        bill.ensure_one()
        added = bill.invoice_line_ids._filter_unlinked()
        if bill.invoice_line_ids._filter_crediting():
            added = added.browse()  # they go with what is credited
        billed = bill.invoice_line_ids._filter_billing()
        groups = billed.grouped(lambda a: a.maintenance_line_id.permission_id)
        permission = bill.env["maintenance.permission"]
        whole = next(iter(groups)) if len(groups) == 1 else permission
        groups[whole] = groups.get(whole, added.browse()) + added
        differences = {}
        for permission, own in groups.items():
            difference = own._sum_bought() - self._get_agreed(bill, own)
            if not bill.currency_id.is_zero(difference):
                differences[permission] = bill.currency_id.round(difference)
        return differences

    def _get_agreed(self, bill, bill_lines):
        """Agreed prices of what the lines charge, in the currency of the bill."""
        lines = bill_lines.maintenance_line_id
        return lines.purchase_currency_id[:1]._convert(
            sum(lines.mapped("purchase_price")),
            bill.currency_id,
            bill.company_id,
            bill.invoice_date,
        )

    def _get_borne(self, bill):
        """The differences with that of the bill as a whole shared out among its
        permissions, line by line as in the ledger."""
        borne = self._get_differences(bill)
        if borne.pop(bill.env["maintenance.permission"], 0.0):
            for permission, part in self._share_whole(bill).items():
                borne[permission] = borne.get(permission, 0.0) + part
        return {
            permission: difference
            for permission, difference in borne.items()
            if not bill.currency_id.is_zero(difference)
        }

    def _share_whole(self, bill):
        """``{permission: its part}`` of what belongs to none of several permissions."""
        sharing, whole = bill.env["maintenance.bill.sharing"], {}
        if len(bill.invoice_line_ids.maintenance_line_id.permission_id) < 2:
            return whole
        for line in bill.invoice_line_ids._filter_unlinked():
            parts = sharing._share_amount(bill, line._sum_bought(), bill.currency_id)
            for permission, part in parts.items():
                whole[permission] = whole.get(permission, 0.0) + part
        return whole

    def _get_error(self, bill, permission, difference, tolerance):
        """The sentence about one permission, or about the bill as a whole."""
        names = {
            "bill": bill._get_bill_name(),
            "vendor": bill.partner_id.display_name,
            "difference": bill.currency_id.format(difference),
            "tolerance": bill.currency_id.format(tolerance),
        }
        if not permission:
            permissions = bill.invoice_line_ids.maintenance_line_id.permission_id
            return bill.env._(
                "Bill %(bill)s of %(vendor)s as a whole differs by %(difference)s from "
                "permissions %(permissions)s, more than the tolerance of "
                "%(tolerance)s: it has lines of none of them. Attach or remove these, "
                "or have an approver press “Approve Difference”.",
                permissions=", ".join(permissions.mapped("name")),
                **names,
            )
        return bill.env._(
            "Bill %(bill)s of %(vendor)s differs by %(difference)s from "
            "permission %(permission)s, more than the tolerance of "
            "%(tolerance)s. Correct it, or have an approver press “Approve "
            "Difference”.",
            permission=permission.name,
            **names,
        )

    def _describe(self, bill, permission, difference):
        """What an approver is asked to accept: of one permission, or of the bill as a
        whole."""
        names = {
            "bill": bill._get_bill_name(),
            "vendor": bill.partner_id.display_name,
            "difference": bill.currency_id.format(difference),
        }
        if not permission:
            return self.env._(
                "Bill %(bill)s of %(vendor)s charges %(difference)s for none of its "
                "permissions.",
                **names,
            )
        billed = bill.invoice_line_ids._filter_billing()
        agreed = self._get_agreed(
            bill,
            billed.filtered(
                lambda b: b.maintenance_line_id.permission_id == permission
            ),
        )
        return self.env._(
            "Bill %(bill)s of %(vendor)s: agreed %(agreed)s, billed %(billed)s, "
            "difference %(difference)s.",
            agreed=bill.currency_id.format(agreed),
            billed=bill.currency_id.format(agreed + difference),
            **names,
        )

    def _is_approved(self, bill, permission, difference):
        """An approval is of one amount: what is changed afterwards needs another."""
        approved = (bill.maintenance_approved_differences or {}).get(
            str(permission.id or 0)
        )
        if not bill.maintenance_difference_approved or approved is None:
            return False
        return not bill.currency_id.compare_amounts(approved, difference)

    def _approve(self, bills):
        """Keep what an approver accepts of draft bills, as far as his limit goes."""
        self._check_limit(bills)
        for bill in bills:
            differences = self._get_differences(bill.sudo()).items()
            bill.sudo().write(
                {
                    "maintenance_difference_approved": True,
                    "maintenance_approved_differences": {
                        str(permission.id or 0): amount
                        for permission, amount in differences
                    },
                }
            )
            bill.message_post(body=self.env._("Difference to permissions approved."))

    def _check_limit(self, bills):
        """What is bought together with the difference is within the approver's limit.

        :raise UserError: naming the permissions above it
        """
        above = [
            f"{permission.name} ({company.currency_id.format(total)})"
            for bill in bills.sudo()
            for company in bill.company_id
            for permission, total in self._get_totals_with_difference(bill).items()
            if self._is_above_limit(company, total)
        ]
        if above:
            raise UserError(
                bills.env._(
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

    def _get_totals_with_difference(self, bill):
        """``{permission: its purchase total and difference in company currency}``."""
        company = bill.company_id
        return {
            permission: permission.amount_purchase_company
            + bill.currency_id._convert(
                difference, company.currency_id, company, bill.invoice_date
            )
            for permission, difference in self._get_borne(bill).items()
        }

    def _create_lines(self, bills):
        """Keep accepted differences as lines of the permissions, not to be
        re-invoiced, so that what was bought adds up."""
        self.env["maintenance.permission.line"].sudo().create(
            [
                self._prepare_line_vals(bill, permission, difference)
                for bill in bills
                for permission, difference in self._get_borne(bill).items()
            ]
        )

    def _drop_lines(self, bills):
        """The difference is worked out anew when a bill is posted again."""
        lines = self.env["maintenance.permission.line"].sudo()
        lines.search([("difference_bill_id", "in", bills.ids)]).unlink()

    def _prepare_line_vals(self, bill, permission, difference):
        line = bill.invoice_line_ids.maintenance_line_id.filtered(
            lambda row: row.permission_id == permission
        )[:1]
        return {
            "permission_id": permission.id,
            "product_id": line.product_id.id,
            "name": bill.env._("Difference of bill %s", bill.ref),
            "purchase_price": bill.currency_id._convert(
                difference,
                permission.purchase_currency_id,
                bill.company_id,
                bill.invoice_date,
            ),
            "difference": True,
            "extra": True,
            "reinvoice_method": "individual",
            "difference_bill_id": bill.id,
            "sequence": 100,
        }

    def _get_errors(self, bill):
        """One sentence for each difference that keeps a bill from being posted."""
        tolerance = self._get_tolerance(bill)
        return [
            self._get_error(bill, permission, difference, tolerance)
            for permission, difference in self._get_disputed(bill).items()
        ]

    def _get_disputed(self, bill):
        """``{permission: difference}`` beyond the tolerance, as far as no approver has
        accepted it."""
        tolerance = self._get_tolerance(bill)
        return {
            permission: difference
            for permission, difference in self._get_differences(bill).items()
            if bill.currency_id.compare_amounts(abs(difference), tolerance) > 0
            and not self._is_approved(bill, permission, difference)
        }

    def _get_tolerance(self, bill):
        """What a bill may differ by, in its currency."""
        bill.ensure_one()
        company = bill.company_id
        return company.currency_id._convert(
            company.maintenance_bill_tolerance,
            bill.currency_id,
            company,
            bill.invoice_date,
        )
