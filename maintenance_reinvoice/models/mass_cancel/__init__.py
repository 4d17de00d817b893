"""Whole runs are taken back by credit memos, in a run of its own."""

from . import maintenance_run_cancel
from . import maintenance_reinvoice_run
from . import maintenance_reinvoice_run_line
from . import maintenance_reinvoice_log
