"""Contracts, and permissions for garages to work on their vehicles."""

from . import maintenance_contract
from . import fleet_vehicle
from . import fleet_service_type
from . import maintenance_permission
from . import maintenance_permission_odometer
from . import maintenance_permission_approval
from . import maintenance_permission_check
from . import maintenance_permission_todo
from . import maintenance_permission_line
from . import maintenance_permission_line_reason
from . import maintenance_permission_line_method
from . import maintenance_permission_line_guard
from . import maintenance_reinvoice_row
from . import account_move_line
