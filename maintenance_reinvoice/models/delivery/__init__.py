"""Prints, attachments and e-mails of re-invoicing."""

from . import maintenance_reinvoice_log
from . import maintenance_reinvoice_log_send
from . import maintenance_reinvoice_run
from . import maintenance_attachment
from . import account_move
from . import service_document_mail
from . import ir_actions_report
from . import ir_attachment
