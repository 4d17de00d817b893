"""Credit memos: what they take back, and what becomes of it."""

from . import account_move
from . import account_move_line
from . import service_release
from . import service_credit_memo
from . import service_crediting
from . import service_credit_effect
