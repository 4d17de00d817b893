from . import (
    check_reason,
    cost_category,
    document_check,
    fourth_payer,
    invoice_grouping,
    line_field,
    post_check,
    run_grouping,
    save_step,
)
