"""Releases for billing, and the invoices that are made of orders and releases."""

from . import service_release
from . import service_release_invoice
from . import service_release_change
from . import service_release_line
from . import service_work_order_open
from . import service_work_order_invoice
from . import service_work_order_piece_taxes
from . import service_work_order_billing
from . import service_work_order_part
from . import service_work_order_collective
from . import service_work_order
from . import account_move
from . import account_move_line
