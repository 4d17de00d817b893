"""Work orders: lines, programs, claims, who bears what, the check before billing."""

from . import service_coverage_mixin
from . import service_program
from . import service_work_order
from . import service_job
from . import service_job_line
from . import service_work_order_job
from . import service_work_order_check
from . import service_document_type
from . import service_work_order_document
from . import service_work_order_slots
from . import service_work_order_discount
from . import service_work_order_share
from . import service_work_order_line
from . import service_work_order_line_coverage
from . import service_work_order_line_discount
from . import service_work_order_line_share
from . import service_insurance_claim
from . import fleet_vehicle
from . import res_company
