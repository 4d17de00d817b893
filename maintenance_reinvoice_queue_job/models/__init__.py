from . import maintenance_reinvoice_run
