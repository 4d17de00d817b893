from . import (
    account_move,
    account_move_withholding,
    account_tax,
    account_withholding_line,
)
