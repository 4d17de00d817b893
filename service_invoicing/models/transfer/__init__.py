"""Shares are moved to another payer, or corrected for one."""

from . import service_work_order
from . import service_release
from . import account_move
from . import account_move_line
from . import service_payer_change
from . import service_correction
