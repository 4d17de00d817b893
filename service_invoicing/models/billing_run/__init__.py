"""Many documents are billed group by group, in the background."""

from . import service_run_mixin
from . import service_billing_run
from . import service_billing_run_item
from . import service_work_order
from . import service_release
from . import service_agreement
