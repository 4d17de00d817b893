from . import test_maintenance_einvoices, test_maintenance_rules
