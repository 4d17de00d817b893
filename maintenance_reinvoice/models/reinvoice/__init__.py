"""Invoices of permissions, the clearing account and the redistribution."""

from . import maintenance_permission_line_invoice
from . import maintenance_permission_line
from . import maintenance_contract
from . import account_move
from . import account_move_guard
from . import account_move_line
from . import account_partial_reconcile
from . import maintenance_invoice_items
from . import maintenance_move_guard
from . import maintenance_posting
from . import maintenance_redistribution
from . import maintenance_reinvoice_check
from . import service_closed_period
from . import service_move_guard
