"""How the company re-invoices, and what users may do."""

from . import account_account
from . import account_payment_term
from . import account_tax
from . import analytic_mixin
from . import product_product
from . import res_company
from . import res_config_settings
from . import res_partner
from . import res_users
