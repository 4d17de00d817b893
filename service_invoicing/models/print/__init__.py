"""Prints, e-mails and amounts in words."""

from . import account_move
from . import account_move_mail
from . import account_move_send
from . import account_move_totals
from . import ir_actions_report
from . import mail_mail
from . import mail_notification
from . import res_currency
from . import res_partner_bank
from . import service_work_order
from . import service_document_mail
from . import service_order_invoice
from . import service_print_columns
from . import service_print_header
from . import service_print_notes
from . import service_print_statement
from . import service_print_titles
from . import service_print_totals
