"""Agreements that are billed month by month."""

from . import service_agreement
from . import service_agreement_line
from . import service_agreement_line_month
from . import service_agreement_line_meter
from . import service_agreement_reading
from . import service_agreement_reading_guard
from . import service_agreement_month
from . import service_agreement_schedule
from . import service_release
from . import service_release_line
from . import account_move
from . import fleet_vehicle
from . import res_partner
