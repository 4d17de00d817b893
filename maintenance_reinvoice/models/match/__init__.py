"""Bills that came by themselves find their permissions."""

from . import account_move
from . import account_move_line
from . import account_move_line_find
from . import maintenance_bill_matching
