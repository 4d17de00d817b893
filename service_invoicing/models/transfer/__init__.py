from . import service_share_transfer
from . import service_share_transfer_line
from . import service_work_order
from . import account_move
from . import account_move_line
