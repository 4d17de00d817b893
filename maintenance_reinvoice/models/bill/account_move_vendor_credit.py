from odoo import api, fields, models

from odoo.addons.service_invoicing.tools.arguments import expects


class AccountMove(models.Model):
    """Vendor credits: less was bought, and the customer may be owed his share."""

    _inherit = "account.move"

    maintenance_credit_proposed = fields.Boolean(
        compute="_compute_maintenance_credit_proposed",
        help="This vendor credit is about work that the customer paid for.",
    )

    @api.depends("invoice_line_ids.maintenance_line_id.credit_proposed")
    def _compute_maintenance_credit_proposed(self):
        for move in self:
            lines = move._get_vendor_credit_lines()
            move.maintenance_credit_proposed = any(lines.mapped("credit_proposed"))

    def _get_maintenance_vendor_credits(self):
        return self.filtered(
            lambda move: move.move_type == "in_refund" and move._get_crediting_lines()
        )

    def _get_crediting_lines(self):
        """Lines of these credit notes that take back what was charged before."""
        lines = self.invoice_line_ids.filtered("maintenance_line_id")
        return lines - lines._filter_billing()

    def _get_vendor_credit_lines(self):
        """Permission lines that these vendor credits are about."""
        credits = self.sudo()._get_maintenance_vendor_credits()
        return credits._get_crediting_lines().maintenance_line_id

    def _get_credit_errors(self):
        """Nobody credits more than was billed, taking all these credits together."""
        errors = []
        by_line = self._get_crediting_lines().grouped("maintenance_line_id")
        for line, credit_lines in by_line.items():
            currency = line.purchase_currency_id
            credited = sum(credit_lines.mapped("price_subtotal"))
            if currency.compare_amounts(abs(credited), abs(line.amount_billed)) > 0:
                errors.append(
                    self.env._(
                        "Vendor credit %(credit)s: %(credited)s is more than the "
                        "%(billed)s billed for %(line)s. Correct it, or detach it.",
                        credit=", ".join(
                            move._get_bill_name() for move in credit_lines.move_id
                        ),
                        credited=currency.format(credited),
                        billed=currency.format(line.amount_billed),
                        line=line.display_name,
                    )
                )
        return errors

    def _follow_vendor_credits(self):
        """A garage's credit reaches the customer: his charge is lowered, or his credit
        is proposed if he has been invoiced, be it before or afterwards."""
        lines = self._get_vendor_credit_lines()
        lines._lower_to_bought()
        rows = self.sudo().maintenance_row_ids
        invoiced = rows.line_id.filtered("amount_credited")
        (lines | invoiced).permission_id._update_credit_todos()

    def _undo_vendor_credits(self):
        """A vendor credit that is reset credits nothing."""
        lines = self._get_vendor_credit_lines()
        lines._undo_lowering()
        lines.permission_id._update_credit_todos()

    @expects(one=True)
    def action_maintenance_credit_customer(self):
        """Credit the customers what this vendor credit takes back."""
        self.check_access("read")
        lines = self._get_vendor_credit_lines().filtered("credit_proposed")
        return lines.sudo(False).action_credit_customer()
