from . import account_move, maintenance_reinvoice_row
