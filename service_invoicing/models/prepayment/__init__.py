"""Prepayments: by an entry, or deducted on the invoice with their tax."""

from . import account_move
from . import account_move_line
from . import account_move_deduction
from . import service_work_order
from . import res_company
from . import account_partial_reconcile
from . import service_prepayment
from . import service_prepayment_deduction
