"""Accountants and clerks watch large runs, which somebody else works on, from their
chairs."""

import re

from .screen import chromium, expect, log_in, page
from .test_browser_maintenance import PATH, expect_state, press
from .test_maintenance import RUN, create_bill, create_permission, create_run

__all__ = ["chromium", "page"]  # fixtures
# one more than is done while the user waits
LINES = 201
ORDERS = 51
BILLING_RUN = "service.billing.run"


def create_large_run(system, reference):
    """A checked run of the lessor: one invoice of many lines of 10."""
    lessor = system.client("lessor")
    permission = create_permission(system, "vehicle_a", *[(10, 10)] * LINES)
    bill = create_bill(lessor, [permission], reference)
    lessor.call("account.move", "action_post", ids=[bill])
    run = create_run(lessor, [permission])
    lessor.call(RUN, "action_check", ids=[run])
    wake_scheduler(system)
    return run


def wake_scheduler(system, model=RUN):
    """The server of these tests has no scheduler of its own."""
    admin = system.client("admin")
    domain = [["code", "=", "model._cron_continue()"], ["model_id.model", "=", model]]
    (cron,) = admin.call("ir.cron", "search", domain=domain)
    admin.call("ir.cron", "method_direct_trigger", ids=[cron])


def execute(page):
    press(page, "action_execute")
    page.locator(".modal-footer .btn-primary").click()


def test_a_large_run_answers_at_once_and_is_watched_until_its_end(page, system):
    run = create_large_run(system, "GARAGE-WATCHED")
    log_in(page, "lessor")
    page.wait_for_selector(".o_main_navbar")
    page.goto(f"{PATH % 'maintenance_reinvoice_run_action'}/{run}")
    form = page.locator(".o_form_view")
    execute(page)
    expect_state(page, "Running")
    expect(form.locator(".o_service_run_progress [name=left]")).to_have_text("1")
    press(page, "action_stop")
    expect_state(page, "Cancelled")
    form.get_by_role("button", name="Continue").click()
    expect_state(page, "Running")
    wake_scheduler(system)
    # nobody touches the form
    expect_state(page, "Done")
    expect(form.locator("[name=done_count].o_field_integer")).to_have_text("1")
    expect(form.locator("[name=end_date]")).to_be_visible()
    coloured = form.locator(".o_form_statusbar .btn-primary:visible")
    expect(coloured).to_have_text(["Send"])
    (log,) = system.client("lessor").call(
        "maintenance.reinvoice.log",
        "search_read",
        domain=[["run_id", "=", run]],
        fields=["posting_state", "amount"],
    )
    # 201 × 10
    assert (log["posting_state"], log["amount"]) == ("posted", 2010)


def test_the_notice_leads_to_the_run(page, system):
    run = create_large_run(system, "GARAGE-AWAY")
    log_in(page, "lessor")
    page.wait_for_selector(".o_main_navbar")
    lessor = system.client("lessor")
    name = lessor.read_one(RUN, run, "name")["name"]
    lessor.call(RUN, "action_execute", ids=[run])
    wake_scheduler(system)
    notice = page.locator(".o_notification", has_text=f"{name}: Done")
    notice.get_by_role("button", name="Open the run").click()
    expect_state(page, "Done")
    expect(page).to_have_url(re.compile(rf"/{run}$"))


def create_orders(system):
    """Checked work orders over 10 each."""
    advisor, ids = system.client("advisor"), system.facts["ids"]
    line = [0, 0, {"product_id": ids["part"], "price_unit": 10}]
    vals = {"partner_id": ids["customer"], "line_ids": [line]}
    orders = advisor.call("service.work.order", "create", vals_list=[vals] * ORDERS)
    for method in ("action_start", "action_submit_check", "action_confirm_check"):
        advisor.call("service.work.order", method, ids=orders)
    return orders


def test_many_work_orders_are_billed_while_the_clerk_watches(page, system):
    clerk = system.client("clerk")
    orders = create_orders(system)
    action = clerk.call("service.work.order", "action_create_invoices", ids=orders)
    run = action["res_id"]
    log_in(page, "clerk")
    page.wait_for_selector(".o_main_navbar")
    page.goto(f"/odoo/action-service_invoicing.service_billing_run_action/{run}")
    expect_state(page, "Running")
    progress = page.locator(".o_service_run_progress")
    expect(progress.locator("[name=left]")).to_have_text(str(ORDERS))
    press(page, "action_stop")
    expect_state(page, "Stopped")
    page.locator(".o_form_view").get_by_role("button", name="Continue").click()
    expect_state(page, "Running")
    wake_scheduler(system, BILLING_RUN)
    # nobody touches the form
    expect_state(page, "Done")
    notice = page.locator(
        ".o_notification", has_text=f"{ORDERS} of {ORDERS} groups done"
    )
    expect(notice).to_be_visible()
    counts = clerk.read_one(BILLING_RUN, run, "invoice_count", "failed_count")
    assert (counts["invoice_count"], counts["failed_count"]) == (ORDERS, 0)
