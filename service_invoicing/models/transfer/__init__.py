"""Refused shares are moved to another payer."""

from . import service_work_order
from . import service_release
from . import account_move
from . import account_move_correction
from . import account_move_line
