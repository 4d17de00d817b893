"""Cancelling and correcting what was re-invoiced."""

from . import account_move
from . import maintenance_permission_line
from . import maintenance_reinvoice_row
from . import maintenance_cancellation
