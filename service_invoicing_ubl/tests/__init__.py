from . import (
    test_einvoice_amounts,
    test_einvoice_prepayments,
    test_einvoice_reading,
    test_einvoice_references,
    test_einvoice_rules,
    test_einvoice_sending,
    test_einvoice_statement,
)
