from . import service_reason_wizard
