"""Bills that came by themselves find their permissions."""

from . import account_move
from . import account_move_line
from . import maintenance_permission_line
from . import maintenance_bill_matching
from . import maintenance_bill_matching_pairs
from . import maintenance_bill_matching_note
from . import maintenance_bill_matching_receipt
