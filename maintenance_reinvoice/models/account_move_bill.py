from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.bill_types import BILL_TYPES


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
            errors += bill._get_difference_errors() + bill._get_double_errors()
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


class AccountMoveLine(models.Model):
    """Lines that charge a permission line, and lines that credit it.

    A garage that only gives something back sends a credit note: it charges the negative
    price of its permission.
    """

    _inherit = "account.move.line"

    def _filter_billing(self):
        """Those of these lines that charge their permission line."""
        return self.filtered(
            lambda line: line.maintenance_line_id
            and (
                line.move_id.move_type == "in_invoice"
                or line.price_subtotal * line.maintenance_line_id.purchase_price < 0
            )
        )

    @api.model
    def _get_billing_domain(self):
        """Domain of the same lines."""
        refund = Domain("move_id.move_type", "=", "in_refund")
        price = "maintenance_line_id.purchase_price"
        given_back = Domain("price_subtotal", ">", 0) & Domain(price, "<", 0)
        charged = Domain("price_subtotal", "<", 0) & Domain(price, ">", 0)
        return Domain("move_id.move_type", "=", "in_invoice") | (
            refund & (given_back | charged)
        )

    def _sum_bought(self):
        """What these lines charge, net, in the currency of their document."""
        return sum(
            -line.price_subtotal
            if line.move_id.move_type == "in_refund"
            else line.price_subtotal
            for line in self
        )

    def _prepare_maintenance_service_log(self):
        """Values of the vehicle's service log of a garage's bill line."""
        vals = self._prepare_fleet_log_service()
        line = self.maintenance_line_id
        return {
            **vals,
            "service_type_id": line.service_type_id.id or vals["service_type_id"],
            "date": line.permission_id.date,
        }
