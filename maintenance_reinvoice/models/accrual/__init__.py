from . import account_move
from . import maintenance_permission_line
