from odoo import api, models


class AccountPaymentRegisterWithholdingLine(models.TransientModel):
    """Lines of service invoices: the part of what is left to withhold."""

    _inherit = "account.payment.register.withholding.line"

    @api.depends("service_move_id", "payment_register_id.payment_difference_handling")
    def _compute_comodel_percentage_paid_factor(self):
        """The line starts from what is left of the withholding, so the factor is the
        part of what is left to pay. Parts add up to the whole: the last takes all."""
        service = self.filtered("service_move_id")
        res = super(
            AccountPaymentRegisterWithholdingLine, self - service
        )._compute_comodel_percentage_paid_factor()
        for wizard, lines in service.grouped("payment_register_id").items():
            shares = wizard.can_edit_wizard and wizard._get_service_paid_shares()
            for line in lines:
                move = line.service_move_id._origin
                line.comodel_percentage_paid_factor = shares and shares.get(move, 0.0)
        return res

    @api.constrains("base_amount")
    def _constrains_base_amount(self):
        """A payment of several invoices may not reach the last of them."""
        unreached = self.filtered(
            lambda line: line.service_move_id and not line.base_amount
        )
        return super(
            AccountPaymentRegisterWithholdingLine, self - unreached
        )._constrains_base_amount()
