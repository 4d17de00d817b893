from . import (
    test_embedded_attachment,
    test_incoming_bills,
    test_incoming_flows,
    test_incoming_mismatches,
    test_maintenance_einvoices,
    test_maintenance_rules,
    test_maintenance_sending,
)
