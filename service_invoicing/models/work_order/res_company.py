from odoo import fields, models
from odoo.tools.misc import formatLang

from ...tools.guards import NO_LIMIT

GROUP = "service_invoicing.group_service_%s"
# From the highest role down: group, field of its limit (none: no limit)
DISCOUNT_ROLES = [
    (GROUP % "manager", None),
    (GROUP % "authorizer", "service_discount_limit_authorizer"),
    (GROUP % "billing", "service_discount_limit_billing"),
    (GROUP % "advisor", "service_discount_limit_advisor"),
]


class ResCompany(models.Model):
    """Who may grant how much discount, and what the company asks of work orders."""

    _inherit = "res.company"

    _service_discount_limits = models.Constraint(
        "CHECK(service_discount_limit_advisor BETWEEN 0 AND 100"
        " AND service_discount_limit_billing BETWEEN 0 AND 100"
        " AND service_discount_limit_authorizer BETWEEN 0 AND 100)",
        "The discount limit of a role lies between 0 and 100 %.",
    )

    service_maker_not_authorizer = fields.Boolean(
        string="Maker May Not Authorize",
        help="Whoever saved a service invoice last may not authorize it.",
    )
    service_billing_user_id = fields.Many2one(
        "res.users",
        string="Billing Responsible",
        help="Gets a to-do for every work order whose documents are complete.",
    )
    service_authorization_user_id = fields.Many2one(
        "res.users",
        string="Authorization Responsible",
        help="Gets a to-do for every invoice and credit memo that is saved for "
        "authorization.",
    )
    service_issue_zero_invoice = fields.Boolean(
        string="Issue Zero Invoices",
        help="Also make the invoice of a payer whose share of the work order is zero.",
    )
    service_untaxed_tax_id = fields.Many2one(
        "account.tax",
        string="Tax of Untaxed Shares",
        check_company=True,
        ondelete="restrict",
        domain="[('type_tax_use', '=', 'sale'), ('amount', '=', 0)]",
        help="The tax of 0 % on the shares of insurers whose tax the customer pays, "
        "and on charges without tax, such as a stamp duty. Electronic invoices need "
        "one on every line.",
    )
    service_monthly_release_confirm = fields.Boolean(
        string="Confirm Monthly Releases at Once",
        help="The releases that monthly runs make of agreements can be invoiced at "
        "once. Otherwise somebody looks at them and confirms them.",
    )
    service_tcd_base = fields.Selection(
        selection=[("basic", "Basic Value"), ("total", "Total Value")],
        string="Charge and Discount Percentages On",
        default="basic",
        required=True,
        help="What a percentage charge or discount counts on: the cost categories "
        "alone (basic value), or these with the charges and discounts before it in "
        "the list (total value).",
    )
    service_allow_taxable_amount = fields.Boolean(
        string="Allow Modification of Taxable Amount",
        help="On tax rows of service invoices the taxable amount can be changed, for "
        "instance to eleven twelfths of the price.",
    )
    service_discount_limit_advisor = fields.Float(
        string="Discount Limit of Service Advisors (%)",
        digits=(5, 2),
        default=100.0,
        help="Highest discount of a work order that a service advisor may confirm "
        "without approval. 100: no limit.",
    )
    service_discount_limit_billing = fields.Float(
        string="Discount Limit of Billing Clerks (%)",
        digits=(5, 2),
        default=100.0,
        help="Highest discount of a work order that a billing clerk may confirm or "
        "approve. 100: no limit.",
    )
    service_discount_limit_authorizer = fields.Float(
        string="Discount Limit of Authorizers (%)",
        digits=(5, 2),
        default=100.0,
        help="Highest discount of a work order that an authorizer may confirm or "
        "approve. 100: no limit. Managers have none.",
    )
    service_discount_approver_id = fields.Many2one(
        "res.users",
        string="Discount Approver",
        help="Gets a to-do for every discount that needs an approval. Empty: those who "
        "follow the work order are told.",
    )

    def _get_role_limit(self, name):
        """Limit of a role in percent; a limit of 100 % and a role without one is none.

        :param name: field of ``DISCOUNT_ROLES``
        :return: float, infinite without limit
        """
        self.ensure_one()
        limit = 100.0 if name is None else self[name]
        return limit if limit < 100.0 else NO_LIMIT

    def _get_discount_limit(self, user):
        """Highest discount the user may give, in percent: that of his highest role."""
        self.ensure_one()
        for group, name in DISCOUNT_ROLES:
            if user.has_group(group):
                return self._get_role_limit(name)
        return 0.0

    def _get_lowest_discount_limit(self):
        """The discount above which some role needs an approval, in percent."""
        self.ensure_one()
        return min(self._get_role_limit(name) for __, name in DISCOUNT_ROLES)

    def _get_discount_approver_names(self, discount):
        """Who may approve a discount: the person in charge, then the roles.

        :param float discount: in percent
        :return: list of names with the roles' limits
        """
        self.ensure_one()
        approver = self.service_discount_approver_id.sudo()
        names = []
        if approver and self._get_discount_limit(approver) >= discount:
            names.append(approver.name)
        for group, field in DISCOUNT_ROLES:
            limit = self._get_role_limit(field)
            if limit >= discount:
                names.append(self._describe_discount_role(group, limit))
        return names

    def _describe_discount_role(self, group, limit):
        name = self.env.ref(group).sudo().name
        if limit == NO_LIMIT:
            return name
        return self.env._(
            "%(role)s (up to %(limit)s %%)",
            role=name,
            limit=formatLang(self.env, limit, digits=2),
        )
