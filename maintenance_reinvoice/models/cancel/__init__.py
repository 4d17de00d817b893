"""Cancelling and correcting what was re-invoiced."""

from . import account_move
from . import account_move_correct
from . import account_move_credit
