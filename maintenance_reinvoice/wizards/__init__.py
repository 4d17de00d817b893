from . import maintenance_bill_dialog
from . import maintenance_permission_reason
from . import maintenance_reinvoice_dialog
from . import maintenance_reinvoice_cancel
from . import maintenance_reinvoice_file
from . import maintenance_setup_check
from . import maintenance_reinvoice_cancel_line
