"""Which tests of Odoo itself must pass beside our add-ons: those of what they extend.

A test that fails without our add-ons too says nothing about them: it is listed in
``EXCLUDED`` with its reason, and nothing else is.
"""

import re

from . import programs, results

ADDON = "account"
INVOICES = "TestAccountMoveOutInvoiceOnchanges"
# classes, or single tests of a class: what our add-ons override or extend
TESTS = (
    # creating and changing, copying, posting, resetting
    f"{INVOICES}.test_basic_tax_lock",
    f"{INVOICES}.test_invoice_copy_data",
    f"{INVOICES}.test_invoice_mass_posting",
    f"{INVOICES}.test_out_invoice_change_period_past_move_date",
    f"{INVOICES}.test_out_invoice_create_1",
    f"{INVOICES}.test_out_invoice_multi_company",
    f"{INVOICES}.test_out_invoice_post_1",
    f"{INVOICES}.test_out_invoice_post_2",
    f"{INVOICES}.test_out_invoice_write_1",
    f"{INVOICES}.test_out_invoice_write_2",
    f"{INVOICES}.test_post_valid_invoices_when_auto_post",
    # accounts, taxes and totals of the lines
    f"{INVOICES}.test_out_invoice_line_onchange_cash_rounding_1",
    f"{INVOICES}.test_out_invoice_line_onchange_currency_1",
    f"{INVOICES}.test_out_invoice_line_onchange_product_1",
    f"{INVOICES}.test_out_invoice_line_onchange_taxes_1",
    f"{INVOICES}.test_quick_edit_total_amount_with_mixed_epd",
    f"{INVOICES}.test_tax_recomputed_when_changing_base_lines",
    # terms
    f"{INVOICES}.test_out_invoice_multiple_switch_payment_terms",
    f"{INVOICES}.test_out_invoice_onchange_invoice_date",
    f"{INVOICES}.test_out_invoice_recomputation_receivable_lines",
    # credit memos and reversal
    f"{INVOICES}.test_out_invoice_create_refund",
    f"{INVOICES}.test_out_invoice_create_refund_auto_post",
    f"{INVOICES}.test_out_invoice_reverse_caba",
    f"{INVOICES}.test_out_invoice_switch_out_refund_1",
    "TestAccountMoveOutRefundOnchanges",
    "TestAccountMoveReconcile.test_reconcile_cash_basis_tax_grid_reversal",
    "TestAccountMoveReconcile.test_reverse_exchange_difference",
    "TestAccountMoveReconcile.test_reverse_with_multiple_lines",
    # payments
    "TestAccountPayment",
    "TestAccountPaymentItems",
    "TestAccountMovePaymentsWidget",
    "TestAccountPaymentRegister",
)
# what only uses it: once a night
NIGHTLY = (
    INVOICES,
    "TestAccountTax",
    "TestInvoiceTaxes",
    "TestTax",
    "TestTaxesBaseLinesTaxDetails",
    "TestTaxesComputation",
    "TestTaxesDispatchingBaseLines",
    "TestTaxesDownPayment",
    "TestTaxesGlobalDiscount",
    "TestTaxesTaxTotalsSummary",
)
EXCLUDED: dict[str, str] = {}
STARTED = re.compile(r"Starting ((\w+)\.\w+) \.\.\.")
# what is expected of a class or test that was never measured
CLASS_SECONDS, TEST_SECONDS = 30, 3


def list_tags(nightly=False):
    """The tests as Odoo's ``--test-tags`` wants them; none is named twice, as parts of
    a lane may run side by side."""
    night = NIGHTLY * nightly
    day = [name for name in TESTS if name.partition(".")[0] not in night]
    return [f"/{ADDON}:{name}" for name in [*day, *night]]


def list_excluded():
    return [f"-/{ADDON}:{name}" for name in EXCLUDED]


def expect(tag):
    return TEST_SECONDS if "." in tag else CLASS_SECONDS


def find(source):
    """Folder of the tests, or None: some packages of Odoo leave them out."""
    addon = source.find_addon(ADDON)
    tests = addon and addon / "tests"
    return tests if tests and (tests / "__init__.py").exists() else None


def report_missing(source):
    """Outcome of a run without them: skipped, and in CI failed."""
    reason = (
        f"the Odoo at {source.root} has no tests of {ADDON}; set ODOO_HOME to a "
        "checkout of Odoo 19.0, which has them"
    )
    problems = [reason] if programs.is_browser_required() else []
    return results.Outcome(skipped=[("core's own tests", reason)], problems=problems)


def find_not_run(lines, tags):
    """Tests which Odoo no longer knows: without this they would be missed by none."""
    started = set()
    for line in lines:
        if match := STARTED.search(line):
            started.update(match.groups())
    names = [tag.removeprefix(f"/{ADDON}:") for tag in tags]
    return [
        f"{ADDON} has no test {name} any more" for name in names if name not in started
    ]
