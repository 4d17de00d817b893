"""Mass runs, their schedule and their log."""

from . import maintenance_run_filter
from . import maintenance_run_kind
from . import maintenance_reinvoice_run
from . import maintenance_reinvoice_run_kind
from . import maintenance_reinvoice_run_dates
from . import maintenance_reinvoice_run_progress
from . import maintenance_reinvoice_run_execute
from . import maintenance_reinvoice_run_check
from . import maintenance_reinvoice_run_shown
from . import maintenance_reinvoice_run_line
from . import maintenance_reinvoice_log
from . import maintenance_reinvoice_schedule
from . import maintenance_reinvoice_schedule_run
from . import maintenance_permission
