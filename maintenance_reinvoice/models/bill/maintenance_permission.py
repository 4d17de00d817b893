from odoo import Command, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.actions import open_list
from odoo.addons.service_invoicing.tools.arguments import expects, parse_ids, parse_text

from ...tools.actions import open_documents
from ...tools.dates import parse_date
from ...tools.states import APPROVED_STATES


class MaintenancePermission(models.Model):
    """The garage's bills of a permission."""

    _inherit = "maintenance.permission"

    bill_count = fields.Integer(compute="_compute_bill_count", compute_sudo=True)
    invoice_count = fields.Integer(compute="_compute_invoice_count", compute_sudo=True)

    def _compute_bill_count(self):
        self._count_documents("bill_count", "account.move.line", "maintenance_line_id")

    def _compute_invoice_count(self):
        self._count_documents("invoice_count", "maintenance.reinvoice.row", "line_id")

    def _count_documents(self, name, model, line_field):
        """How many documents a button of the permissions opens.

        :param name: field of the permission with the number
        :param model: what is on the documents, with the permission line in
            ``line_field``
        """
        groups = self.env[model]._read_group(
            [(line_field, "in", self.line_ids.ids)],
            [f"{line_field}.permission_id"],
            ["move_id:count_distinct"],
        )
        counts = {permission.id: count for permission, count in groups}
        for permission in self:
            permission[name] = counts.get(permission.id, 0)

    @expects(vendor_reference=parse_text, date=parse_date, line_ids=parse_ids)
    def action_create_bill(self, vendor_reference=None, date=None, line_ids=None):
        """Make one draft vendor bill of permissions of one garage and open it.

        Without ``vendor_reference`` (the vendor's bill number) the dialog is
        returned; ``date`` is the bill's date, today by default.

        :param line_ids: ids of the permission lines that are on the bill, when the
            garage bills the others later; by default all that are not billed yet
        """
        self.check_access("write")
        self.env["account.move"].check_access("create")
        lines = self._get_lines_to_bill()
        if line_ids is not None:
            lines = self._choose_lines_to_bill(lines, line_ids)
        self._check_billable(lines)
        if not vendor_reference:
            return self.env["maintenance.bill.dialog"]._get_dialog_action(
                self.env._("Create Vendor Bill"),
                context={"default_permission_ids": self.ids},
            )
        vals = lines._prepare_bill_vals(vendor_reference, date)
        bill = self.env["account.move"].with_company(self.company_id).create(vals)
        bill = bill.with_env(self.env)
        return open_documents(bill)

    def _get_lines_to_bill(self):
        """Lines with a price that are on no live bill yet."""
        return self.line_ids.filtered(
            lambda line: not line.difference
            and not line.purchase_currency_id.is_zero(line.purchase_price)
            and not line.sudo()
            .bill_line_ids._filter_billing()
            .filtered(lambda b: b.parent_state != "cancel")
        )

    def _choose_lines_to_bill(self, lines, line_ids):
        """Those of ``lines`` that the caller chose.

        :raise UserError: when one of them is not to be billed
        """
        chosen = lines.filtered(lambda line: line.id in line_ids)
        if len(chosen) != len(line_ids) or not chosen:
            raise UserError(
                self.env._(
                    "Choose lines of the permissions that are not billed yet: %s",
                    ", ".join(lines.mapped("display_name")) or "–",
                )
            )
        return chosen

    def _check_billable(self, lines):
        """One bill has one garage, currency and company; says all that is wrong."""
        errors = []
        states = self.filtered(lambda p: p.state not in APPROVED_STATES)
        if states:
            errors.append(self.env._("not approved: %s", states._join_names()))
        without_vendor = self.filtered(lambda p: not p.vendor_id)
        if without_vendor:
            errors.append(self.env._("no garage: %s", without_vendor._join_names()))
        for name in ("vendor_id", "purchase_currency_id", "company_id"):
            if len(self[name]) > 1:
                label = self._fields[name]._description_string(self.env)
                values = ", ".join(self[name].mapped("display_name"))
                errors.append(
                    self.env._(
                        "several values of %(field)s: %(values)s",
                        field=label,
                        values=values,
                    )
                )
        if lost := lines.contract_id.sudo()._filter_lost_analytic():
            errors.append(
                self.env._(
                    "an analytic account of these contracts was deleted, choose "
                    "another one: %s",
                    ", ".join(lost.mapped("name")),
                )
            )
        unbilled = self - self._get_lines_to_bill().permission_id
        if unbilled:
            errors.append(
                self.env._("nothing left to bill: %s", unbilled._join_names())
            )
        if errors:
            raise UserError(
                self.env._("No vendor bill can be made:\n%s", "\n".join(errors))
            )

    def _join_names(self):
        return ", ".join(self.mapped("name"))

    def action_view_bills(self):
        """The vendor bills and credits of the permissions."""
        return open_list(self._get_bills(), self.env._("Vendor Bills"), create=False)

    def _get_bills(self):
        return self.line_ids.sudo().bill_line_ids.move_id

    def action_view_invoices(self):
        """The customer invoices of the permissions."""
        invoices = self.line_ids.sudo().row_ids.move_id
        return open_list(invoices, self.env._("Customer Invoices"), create=False)


class MaintenancePermissionLine(models.Model):
    """What of a line the garage has billed."""

    _inherit = "maintenance.permission.line"

    def _prepare_bill_vals(self, vendor_reference, date):
        """Values of the vendor bill of the lines, all of one garage; of its credit
        note where it gives back more than it charges."""
        permission = self.permission_id[:1]
        currency = permission.purchase_currency_id
        total = sum(self.mapped("purchase_price"))
        is_credit = currency.compare_amounts(total, 0.0) < 0
        return {
            "move_type": "in_refund" if is_credit else "in_invoice",
            "company_id": permission.company_id.id,
            "partner_id": permission.vendor_id.id,
            "currency_id": currency.id,
            "ref": vendor_reference,
            "invoice_date": date or permission.company_id._get_local_today(),
            "invoice_origin": self.permission_id._join_names(),
            "invoice_line_ids": [
                Command.create(line._prepare_bill_line_vals(-1 if is_credit else 1))
                for line in self
            ],
        }

    def _prepare_bill_line_vals(self, sign=1):
        """Values of the bill line of one permission line. Account and taxes are the
        product's, as on any vendor bill.

        :param int sign: -1 on a credit note
        """
        self.ensure_one()
        plate = self.vehicle_id.license_plate or self.vehicle_id.name
        taxes = self._get_purchase_taxes()
        return {
            "product_id": self.product_id.id,
            "name": f"{self.permission_id.name}, {plate}: {self.name}",
            **taxes._prepare_net_price_vals(
                sign * self.purchase_price, self.purchase_currency_id
            ),
            "tax_ids": [Command.set(taxes.ids)],
            "vehicle_id": self.vehicle_id.id,
            "maintenance_line_id": self.id,
            "maintenance_contract_id": self.contract_id.id,
            "analytic_distribution": self.contract_id.analytic_distribution or False,
        }

    def _get_purchase_taxes(self):
        """The product's purchase taxes under the garage's fiscal position."""
        company, vendor = self.company_id, self.permission_id.vendor_id
        positions = self.env["account.fiscal.position"].with_company(company)
        taxes = self.product_id.supplier_taxes_id._filter_taxes_by_company(company)
        return positions._get_fiscal_position(vendor).map_tax(taxes)
