from . import (
    account_move,
    account_move_send,
    maintenance_permission_line,
    maintenance_reinvoice_row,
)
