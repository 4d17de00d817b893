"""Adjusting invoices with credits and prepayments, and the log of it."""

from . import account_move
from . import account_move_line
from . import account_partial_reconcile
from . import service_invoice_adjustment
from . import account_payment
from . import service_adjustment_finder
from . import service_adjustment_entry
