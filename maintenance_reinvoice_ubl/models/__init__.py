from . import account_move, account_move_send, maintenance_reinvoice_row
