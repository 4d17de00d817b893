"""What payers owe, and what is not billed yet."""

from . import service_age_mixin
from . import service_unbilled_report
from . import service_release_report
from . import service_prepayment_report
from . import account_move
from . import service_work_order
from . import service_work_order_balance
from . import service_order_invoice
from . import service_work_order_invoices
from . import res_partner
