from . import account_move_reversal, service_reason_wizard
