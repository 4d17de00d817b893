from . import (
    account_move,
    account_tax,
    account_withholding_line,
    service_withholding,
)
