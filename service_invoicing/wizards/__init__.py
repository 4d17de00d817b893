from . import service_dialog_mixin  # isort: skip
from . import (
    account_move_reversal,
    account_payment_register,
    base_partner_merge,
    service_adjust_wizard,
    service_agreement_close_wizard,
    service_collective_wizard,
    service_correct_wizard,
    service_credit_wizard,
    service_deduction_wizard,
    service_entry_preview,
    service_monthly_run,
    service_prepayment_wizard,
    service_reason_wizard,
    service_release_part_wizard,
    service_release_wizard,
    service_share_wizard,
)
