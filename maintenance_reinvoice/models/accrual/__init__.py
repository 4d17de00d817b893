"""Accruals of what is bought or charged after the end of a month."""

from . import account_move
from . import maintenance_move_guard
from . import maintenance_permission_line
