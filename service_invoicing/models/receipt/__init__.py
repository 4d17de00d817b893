"""Receipt information and payment schedule of invoices."""

from . import account_move
from . import account_move_guard
from . import account_move_schedule
from . import account_move_line
from . import account_payment_term
from . import res_company
from . import res_partner
