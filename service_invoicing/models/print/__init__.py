from . import account_move
from . import account_move_columns
from . import account_move_statement
from . import account_move_mail
from . import res_currency
from . import service_work_order
