"""Margins, and what is not re-invoiced yet."""

from . import maintenance_line_report
from . import maintenance_margin_report
from . import maintenance_margin_query
from . import maintenance_unbilled_report
from . import maintenance_contract
from . import fleet_vehicle
