"""Prints, e-mails and amounts in words."""

from . import account_move
from . import account_move_mail
from . import res_currency
from . import service_work_order
from . import service_print_columns
from . import service_print_header
from . import service_print_statement
