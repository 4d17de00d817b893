"""Bills that came by themselves find their permissions."""

from . import account_move
from . import account_move_split
from . import account_move_find
from . import maintenance_bill_matching
