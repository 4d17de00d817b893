from . import (
    test_embedded_attachment,
    test_maintenance_einvoices,
    test_maintenance_rules,
    test_maintenance_sending,
)
