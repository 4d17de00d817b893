"""Garages' bills and credits of permissions."""

from . import account_move
from . import account_move_line
from . import maintenance_permission
from . import maintenance_permission_vendor_credit
from . import maintenance_permission_difference
from . import maintenance_bill_difference
from . import maintenance_bill_sharing
from . import maintenance_bill_check
from . import maintenance_posting
