from . import test_maintenance_changes, test_service_changes
