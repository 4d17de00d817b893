"""The main job of each role at the screen, and how many presses it takes.

What a person clicks or fills counts as one, whether it is a button, a field or a choice
in a list: fewer are welcome, more need a reason.
"""

import re
from contextlib import contextmanager

import pytest

from .prints import read_text
from .screen import WAIT, chromium, expect, log_in, page
from .work_order import bill, create_order

__all__ = ["chromium", "page"]  # fixtures
ORDERS = "/odoo/service-work-orders"
TO_INVOICE = "/odoo/service-to-invoice"
RUNS = "/odoo/maintenance-runs"
SLOT = ".o_service_document_slot"
# what the browser hands over when a file is dragged onto it
DRAGGED = """name => {
    const data = new DataTransfer();
    data.items.add(new File(["Signed"], name, {type: "text/plain"}));
    return data;
}"""


class Hand:
    """Does what a person does, and counts it."""

    def __init__(self, page):
        self.page = page
        self.count = 0

    def press(self, target):
        self.count += 1
        found = self.page.locator(target) if isinstance(target, str) else target
        found.first.click()

    def button(self, name, scope=""):
        self.press(f"{scope} button[name={name}]:visible")

    def fill(self, name, value, scope=".o_form_view"):
        self.count += 1
        field = self.page.locator(f"{scope} .o_field_widget[name={name}] input").first
        field.fill(value)
        field.press("Tab")

    def choose(self, name, value, scope=".o_form_view"):
        """Type, and pick what is found: a field and a choice."""
        self.count += 1
        field = self.page.locator(f"{scope} .o_field_widget[name={name}] input").first
        field.fill(value)
        self.press(self.page.locator(".o-autocomplete--dropdown-item", has_text=value))


@pytest.fixture
def hand(page):
    return Hand(page)


@contextmanager
def asked_for(system, name):
    """Orders with a claim need this document; others, and other tests, do not."""
    admin = system.client("admin")
    vals = {"name": name, "needed_for": "insurance"}
    ids = admin.call("service.document.type", "create", vals_list=[vals])
    try:
        yield
    finally:
        admin.call("service.document.type", "action_archive", ids=ids)


@pytest.fixture
def workshop(system):
    """A vehicle whose driver is known, and a job with labour and a part of 9.00."""
    admin, ids = system.client("admin"), system.facts["ids"]
    vals = {"driver_id": ids["customer"]}
    admin.call("fleet.vehicle", "write", ids=[ids["vehicle_a"]], vals=vals)
    admin.call("product.product", "write", ids=[ids["part"]], vals={"list_price": 9})
    lines = [[0, 0, {"product_id": ids[name]}] for name in ("labour", "part")]
    job = {"name": "Brakes, front", "line_ids": lines}
    admin.call("service.job", "create", vals_list=[job])


def expect_state(page, label):
    expect(page.locator(".o_arrow_button_current").first).to_have_text(label)


def drop_file(page, name):
    """Drag a file over the page, and let it fall onto the slot."""
    data = page.evaluate_handle(DRAGGED, name)
    page.dispatch_event("body", "dragenter", {"dataTransfer": data})
    zone = page.locator(".o_service_document_drop")
    expect(zone).to_have_count(1)
    zone.dispatch_event("drop", {"dataTransfer": data})
    expect(page.locator(SLOT)).to_contain_text(name)


def enter_claim(hand):
    """A claim on all that the job brought, approved."""
    hand.press(".o_notebook_headers a:has-text('Insurance Claims')")
    hand.press("[name=claim_ids] .o_field_x2many_list_row_add a")
    row = "[name=claim_ids] .o_selected_row"
    hand.fill("name", "CLAIM-7", row)
    hand.choose("insurer_id", "The insurer", row)
    # a button of a row needs a row that is saved
    hand.press(".o_form_button_save")
    hand.button("action_cover_lines", "[name=claim_ids]")
    expect(hand.page.locator("[name=claim_ids] .o_data_row")).to_contain_text("10.00")
    hand.button("action_approve", "[name=claim_ids]")
    # the form has been read anew
    expect(hand.page.locator("[name=claim_ids] [name=action_approve]")).to_have_count(0)


def test_an_advisor_takes_an_order_from_the_vehicle_to_billing(
    page, hand, system, workshop
):
    with asked_for(system, "Insurer's approval"):
        log_in(page, "advisor")
        page.wait_for_selector(".o_main_navbar")
        page.goto(ORDERS)
        hand.press(".o_list_button_add")
        hand.choose("vehicle_id", "AA-111")
        customer = page.locator("[name=partner_id] input").first
        expect(customer).to_have_value("The customer")
        hand.fill("odometer", "42000")
        hand.choose("job_id", "Brakes, front")
        expect(page.locator("[name=line_ids] .o_data_row")).to_have_count(2)
        enter_claim(hand)
        slot = page.locator(SLOT)
        expect(slot).to_contain_text("Missing")
        drop_file(page, "approval.txt")
        hand.count += 1
        expect(slot).not_to_contain_text("Missing")
        hand.button("action_submit_check")
        expect_state(page, "Document Check")
        hand.button("action_confirm_check")
        expect_state(page, "To Invoice")
    assert hand.count <= 17


def test_a_document_is_attached_by_click_and_removed(page, system):
    advisor = system.client("advisor")
    order = create_order(advisor, system.facts["ids"])
    advisor.call(
        "service.work.order", "action_back_to_check", ids=[order], reason="Look again"
    )
    with asked_for(system, "Approval of the insurer"):
        log_in(page, "advisor")
        page.wait_for_selector(".o_main_navbar")
        page.goto(f"/odoo/service.work.order/{order}")
        page.click("button[name=action_confirm_check]")
        missing = "the document “Approval of the insurer” is missing"
        expect(page.locator(".modal")).to_contain_text(missing)
        page.keyboard.press("Escape")
        slot = page.locator(SLOT)
        with page.expect_file_chooser() as chooser:
            slot.get_by_role("button", name=re.compile("Click or drop")).click()
        file = {"name": "scan.txt", "mimeType": "text/plain", "buffer": b"Signed"}
        chooser.value.set_files([file])
        link = slot.get_by_role("link", name="scan.txt")
        expect(link).to_be_visible()
        assert page.request.get(link.get_attribute("href")).body() == b"Signed"
        slot.get_by_role("button", name="Remove").click()
        expect(slot).to_contain_text("Missing")


def test_an_advisor_prints_an_invoice_and_sees_what_is_due(page, system, tmp_path):
    order = create_order(system.client("advisor"), system.facts["ids"])
    invoices = bill(system.client("clerk"), order)
    authorizer = system.client("authorizer")
    authorizer.call("account.move", "action_service_authorize", ids=invoices)
    log_in(page, "advisor")
    page.wait_for_selector(".o_main_navbar")
    page.goto(f"/odoo/service.work.order/{order}")
    page.click(".o_notebook_headers a:text-is('Invoices')")
    row = page.locator("[name=order_invoice_ids] .o_data_row", has_text="The sponsor")
    expect(row).to_contain_text("555.00")
    with page.expect_download(timeout=2 * WAIT) as download:
        row.locator("button[name=action_print]").click()
    file = tmp_path / "invoice.pdf"
    download.value.save_as(file)
    text = read_text(file)
    assert "The sponsor" in text
    assert "Five hundred and fifty-five dollars" in text


def test_a_clerk_bills_three_payers(page, hand, system):
    advisor = system.client("advisor")
    order = create_order(advisor, system.facts["ids"])
    name = advisor.read_one("service.work.order", order, "name")["name"]
    log_in(page, "clerk")
    page.wait_for_selector(".o_main_navbar")
    page.goto(TO_INVOICE)
    hand.press(page.locator(".o_data_row", has_text=name).locator("td[name=name]"))
    hand.button("action_create_next_invoice")
    for label in ("Program Invoice", "Insurance Invoice"):
        button = page.locator("button[name=action_service_next_invoice]:visible")
        expect(button).to_have_text(re.compile(rf"Next:\s*{label}"))
        hand.press(button)
    expect(page.locator(".o_form_view")).to_contain_text("1,887.00")
    assert hand.count <= 4


def test_an_authorizer_authorizes_what_waits_in_one_go(page, hand, system):
    advisor = system.client("advisor")
    order = create_order(advisor, system.facts["ids"])
    name = advisor.read_one("service.work.order", order, "name")["name"]
    invoices = bill(system.client("clerk"), order)
    log_in(page, "authorizer")
    page.wait_for_selector(".o_main_navbar")
    page.goto(ORDERS)
    hand.press(".o_menu_sections a:has-text('To Authorize')")
    rows = page.locator(".o_data_row", has_text=name)
    expect(rows).to_have_count(3)
    # the receivable of 555 stands first
    entries = rows.filter(has_text="The sponsor").locator("[name=service_entries]")
    expect(entries).to_contain_text("555.00 / Cr")
    for row in rows.all():
        hand.press(row.locator(".o_list_record_selector input"))
    coloured = page.locator(".o_control_panel button.btn-primary:visible")
    expect(coloured).to_have_count(1)
    expect(coloured).to_have_attribute("name", "action_service_authorize")
    hand.button("action_service_authorize")
    expect(rows).to_have_count(0)
    moves = system.client("admin").call(
        "account.move", "read", ids=invoices, fields=["service_status"]
    )
    assert {move["service_status"] for move in moves} == {"authorized"}
    # the menu, a tick of each, the button
    assert hand.count <= 5


def test_an_accountant_chooses_what_a_run_looks_at(page, hand, system):
    log_in(page, "accountant")
    page.wait_for_selector(".o_main_navbar")
    page.goto(RUNS)
    hand.press(".o_list_button_add")
    hand.choose("vendor_ids", "The garage")
    hand.button("action_check")
    expect_state(page, "Checked")
    expect(page.locator("[name=vendor_ids]")).to_contain_text("The garage")
    assert hand.count <= 4
