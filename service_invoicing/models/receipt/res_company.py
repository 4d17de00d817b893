from odoo import fields, models


class ResCompany(models.Model):
    """How service invoices are received."""

    _inherit = "res.company"

    service_modify_payment_term = fields.Boolean(
        string="Modify Payment Term",
        help="Billing clerks may change the payment term of a service invoice before "
        "it is authorized. Otherwise it is that of the work order, the program or the "
        "payer.",
    )
    service_anchor_date_option = fields.Selection(
        selection=[("invoice_date", "Supplier Invoice Date"), ("manual", "Manual")],
        string="Anchor Date Option",
        default="invoice_date",
        required=True,
        help="The date from which the payment schedule of a service invoice counts: "
        "always its invoice date, or today unless the billing clerk chooses another "
        "date.",
    )
    service_payer_vat_check = fields.Selection(
        selection=[("none", "No Check"), ("warning", "Warning"), ("block", "Block")],
        string="Wrong Tax Number of the Payer",
        default="warning",
        required=True,
        help="What happens when the tax number of the payer is formally wrong by the "
        "rules of his country or of the European Union: nothing, a warning on the "
        "invoice and in its history, or the invoice cannot be authorized. A payer "
        "without a number, or of a country without a known rule, passes.",
    )
