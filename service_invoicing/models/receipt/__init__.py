"""Receipt information and payment schedule of invoices."""

from . import account_move
from . import account_move_line
from . import account_payment_term
from . import res_company
from . import res_partner
from . import service_payment_schedule
from . import service_receipt_guard
