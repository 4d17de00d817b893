"""The document of service billing: life cycle, guards, summary, preview."""

from . import account_move
from . import account_move_guard
from . import account_move_summary
from . import account_move_line
from . import account_invoice_report
from . import service_closed_period
from . import service_move_guard
from . import service_life_cycle
from . import service_authorization
from . import service_move_todo
from . import account_bank_statement_line
from . import ir_attachment
