from . import (
    test_archived_records,
    test_arguments,
    test_attempts,
    test_branches,
    test_button_table,
    test_cleared_fields,
    test_deletion_guards,
    test_dialogs,
    test_function_defaults,
    test_guards,
    test_kernel_properties,
    test_migration,
    test_rights,
    test_roles,
    test_without_hypothesis,
    test_worked_example,
)
from .invoice import (
    test_accounting_information,
    test_audit_trail,
    test_authorizing_many,
    test_billing_analysis,
    test_booked_guards,
    test_closed_periods,
    test_invoice_life_cycle,
    test_invoice_lists,
    test_invoice_summary,
    test_invoice_todos,
    test_large_documents,
)
from .work_order import (
    test_claim_taxes,
    test_cost_shares,
    test_discount_limits,
    test_documents,
    test_jobs,
    test_order_properties,
    test_order_vehicles,
    test_programs,
    test_work_order,
)
from .receipt import (
    test_payer_data,
    test_payer_numbers,
    test_payment_reference,
    test_payment_schedule,
    test_receipt_information,
)
from .tcd import (
    test_tcd,
    test_tcd_guards,
    test_tcd_properties,
    test_tcd_tax,
    test_tcd_taxable,
    test_tcd_ubl,
    test_tcd_variants,
)
from .release import (
    test_agreed_nets,
    test_billed_once,
    test_billing_guards,
    test_collective_invoices,
    test_part_invoices,
    test_piece_taxes,
    test_release_billing,
    test_release_life_cycle,
    test_release_lines_kept,
    test_release_rows,
    test_releases,
    test_work_order_billing,
)
from .adjustment import (
    test_adjust_by_hand,
    test_adjust_prepayment,
    test_adjustment_entry,
    test_adjustment_log,
    test_auto_adjust,
    test_cash_basis,
)
from .credit_memo import (
    test_credit_memo_amounts,
    test_credit_memo_as_invoiced,
    test_credit_memo_doors,
    test_credit_memos,
    test_credit_properties,
    test_share_credit_memos,
)
from .transfer import (
    test_corrections,
    test_merged_payers,
    test_moved_shares,
    test_payer_properties,
    test_share_migration,
)
from .prepayment import (
    test_deduction_amounts,
    test_prepayment_deduction,
    test_prepayment_documents,
    test_prepayment_doors,
    test_prepayment_receipts,
    test_prepayments,
)
from .agreement import (
    test_agreement_billing,
    test_agreement_guards,
    test_agreement_months,
    test_agreement_runs,
    test_agreement_schedule,
    test_agreement_year,
    test_agreements,
)
from .exposure import (
    test_age_reports,
    test_credit_warning,
    test_order_invoices,
    test_payer_balance,
    test_unbilled_work,
)
from .print import (
    test_amount_in_words,
    test_invoice_mail,
    test_invoice_print,
    test_print_totals,
    test_proforma,
    test_schedule_print,
    test_sending_in_bulk,
    test_service_print,
    test_statement_print,
)
from .billing_run import (
    test_billed_groups,
    test_billing_run,
)
