from . import (
    test_charged_once,
    test_merged_customer,
    test_neighbour_documents,
    test_neighbour_forms,
    test_service_documents,
)
