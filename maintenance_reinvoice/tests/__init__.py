from . import (
    test_access,
    test_archived_records,
    test_arguments,
    test_audit_trail,
    test_cleared_fields,
    test_countries,
    test_deletion_guards,
    test_migration,
    test_roles,
    test_views,
    test_without_hypothesis,
    test_worked_example,
)
from .settings import (
    test_setup_check,
)
from .permission import (
    test_contract,
    test_methods,
    test_number_markup,
    test_permission,
    test_permission_guards,
    test_permission_record,
    test_permission_rules,
)
from .bill import (
    test_bill,
    test_bill_given_back,
    test_bill_number,
    test_bill_shared,
    test_vendor_credit,
)
from .match import (
    test_bill_attach,
    test_bill_match,
)
from .reinvoice import (
    test_complete_items,
    test_cash_basis,
    test_currency_storno,
    test_individual,
    test_move_guards,
    test_open_lines,
    test_own_lines,
    test_settlement,
    test_shares_properties,
)
from .cancel import (
    test_cancel,
    test_cancel_amounts,
    test_cancel_dialog,
    test_cancel_guards,
    test_cancel_properties,
    test_cancel_rest,
    test_cancelled_guards,
    test_correct,
)
from .accrual import (
    test_accrual,
    test_accrual_guards,
)
from .run import (
    test_background,
    test_background_check,
    test_carry_forward,
    test_check_report,
    test_extension,
    test_mass_run,
    test_mass_run_failures,
    test_run_filters,
    test_run_properties,
    test_run_rules,
    test_run_screens,
    test_schedule,
)
from .mass_cancel import (
    test_cancel_run,
)
from .delivery import (
    test_bulk_sending,
    test_documents,
    test_prints,
    test_sending,
)
from .report import (
    test_margins,
    test_margins_example,
)
