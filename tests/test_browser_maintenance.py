"""A fleet accountant at the screen: from the garage's work to a credited row."""

import re

from .screen import chromium, expect, log_in, page

__all__ = ["chromium", "page"]  # fixtures
PERMISSION = "maintenance.permission"
PATH = "/odoo/action-maintenance_reinvoice.%s"
GARAGE_BILL = "GARAGE-TOUR"


def fill(page, name, value):
    """Type into a field and leave it, so that the form works out the rest."""
    field = page.locator(f".o_field_widget[name={name}] input").first
    field.fill(value)
    field.press("Tab")


def choose(page, name, value, scope=".o_form_view"):
    """Choose a record by its name in a many2one field."""
    field = page.locator(f"{scope} .o_field_widget[name={name}] input").first
    field.fill(value)
    page.locator(".o-autocomplete--dropdown-item", has_text=value).first.click()


def press(page, name, scope=".o_form_view"):
    page.locator(f"{scope} button[name={name}]:visible").first.click()


def confirm(page):
    press(page, "action_confirm", ".modal")
    expect(page.locator(".modal")).to_have_count(0)


def expect_state(page, label):
    expect(page.locator(".o_arrow_button_current").first).to_have_text(label)


def enter_permission(page):
    """One line of 450, which the customer is to pay; approved at once."""
    page.goto(PATH % "maintenance_permission_action")
    page.locator(".o_list_button_add").first.click()
    choose(page, "vehicle_id", "AA-111")
    expect(page.locator("[name=partner_id] input").first).to_have_value("The lessee")
    choose(page, "vendor_id", "The garage")
    page.locator(".o_field_x2many_list_row_add a").first.click()
    row = ".o_data_row.o_selected_row"
    choose(page, "product_id", "Garage repair", row)
    page.locator(f"{row} [name=purchase_price] input").fill("450")
    page.locator(f"{row} [name=reinvoice] input").click()
    expect(page.locator(f"{row} [name=amount_to_reinvoice] input")).to_have_value(
        re.compile("450.00")
    )
    press(page, "action_approve")
    expect_state(page, "Approved")


def enter_bill(page):
    """The garage's bill, posted; back on the permission it is closed."""
    press(page, "action_create_bill")
    fill(page, "vendor_reference", GARAGE_BILL)
    confirm(page)
    expect(page.locator(".o_form_view")).to_contain_text(GARAGE_BILL)
    press(page, "action_post")
    expect_state(page, "Posted")
    page.locator(".o_breadcrumb a, .o_breadcrumb .o_back_button").last.click()
    expect_state(page, "Closed")


def run_month_end(page):
    """Check, then execute and print; everything that can be re-invoiced is."""
    page.goto(PATH % "maintenance_reinvoice_run_action")
    page.locator(".o_list_button_add").first.click()
    press(page, "action_check")
    expect_state(page, "Checked")
    press(page, "action_execute_print")
    with page.expect_popup():
        page.locator(".modal-footer .btn-primary").click()
    # the form shows what came of it, although a file was answered
    expect_state(page, "Done")


def open_invoice(page):
    """450 and 23 % of it on the collective invoice: 553.50."""
    press(page, "action_view_invoices")
    expect(page.locator(".o_form_view")).to_contain_text("553.50")
    expect_state(page, "Posted")


def credit_row(page):
    """Tick the only row and credit it, to be re-invoiced again."""
    press(page, "action_maintenance_cancel")
    dialog = page.locator(".modal")
    expect(dialog).to_contain_text("450.00")
    confirm(page)
    expect(page.locator(".oe_title")).to_contain_text("Credit Memo")
    expect(page.locator(".o_form_view")).to_contain_text("553.50")


def test_an_accountant_goes_from_a_permission_to_a_credited_row(page, system):
    log_in(page, "lessor")
    page.wait_for_selector(".o_main_navbar")
    enter_permission(page)
    enter_bill(page)
    run_month_end(page)
    open_invoice(page)
    credit_row(page)
    admin = system.client("admin")
    (line,) = admin.call(
        "maintenance.permission.line",
        "search_read",
        domain=[["bill_line_ids.move_id.ref", "=", GARAGE_BILL]],
        fields=["reinvoiced", "permission_state", "credit_ids"],
    )
    assert not line["reinvoiced"]
    assert line["permission_state"] == "closed"
    assert len(line["credit_ids"]) == 1
