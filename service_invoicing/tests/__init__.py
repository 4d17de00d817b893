from . import (
    test_amount_in_words,
    test_cost_shares,
    test_guards,
    test_invoice_life_cycle,
    test_invoice_print,
    test_invoice_summary,
    test_rights,
    test_split_properties,
    test_tcd,
    test_work_order,
    test_worked_example,
)
