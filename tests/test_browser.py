"""A billing clerk at the screen: Chromium on a real server."""

import re
from typing import NamedTuple

import pytest

from tools.sandbox import addons

from .prints import read_text
from .screen import WAIT, chromium, expect, log_in, page, playwright_api
from .work_order import bill, create_order

__all__ = ["chromium", "page"]  # fixtures
# a view in the page, or a wizard in a dialog
# as a menu does it, without loading the whole client for each
DO_ACTION = """action => odoo.__WOWL_DEBUG__.root.env.services.action.doAction(
    action, {clearBreadcrumbs: true})"""
ACTION = ".o_action_manager > .o_action, .modal .o_form_view"
# a small laptop, whose lists have the least room; and where forms have the least,
# because the chatter stands beside them
LAPTOP = {"width": 1366, "height": 900}
BESIDE_CHATTER = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 700}
PHONE_CARDS = {"Insurance Claims", "Waiting for Billing", "Re-invoicing Log"}


class Billed(NamedTuple):
    """One invoice of the example: button, list, payer and the total in words."""

    label: str
    path: str
    payer: str
    words: str


BILLED = [
    Billed(
        "Service Invoice",
        "/odoo/service-invoices",
        "The customer",
        "One thousand, four hundred and seventy-six dollars and thirty cents",
    ),
    Billed(
        "Program Invoice",
        "/odoo/program-invoices",
        "The sponsor",
        "Five hundred and fifty-five dollars",
    ),
    Billed(
        "Insurance Invoice",
        "/odoo/insurance-invoices",
        "The insurer",
        "One thousand, eight hundred and eighty-seven dollars",
    ),
]


def open_app(page):
    page.click(".o_navbar_apps_menu button")
    page.get_by_role("menuitem", name="Service Billing").click()
    expect(page.locator(".o_menu_brand")).to_have_text("Service Billing")


def open_order(page, name):
    page.click(".o_menu_sections >> text=Work Orders")
    page.click(".dropdown-item >> text=To Invoice")
    # the middle of a row may be a widget that does not open it
    row = page.locator(".o_data_row", has_text=name).first
    row.locator("td[name=name]").click()
    expect(page.locator(".o_form_view")).to_contain_text(name)


def test_a_clerk_presses_one_button_and_sees_the_fresh_invoice(page, system):
    advisor = system.client("advisor")
    order = create_order(advisor, system.facts["ids"])
    name = advisor.read_one("service.work.order", order, "name")["name"]
    log_in(page, "clerk")
    open_app(page)
    open_order(page, name)
    page.click(".o_statusbar_buttons button:has-text('Service Invoice')")
    form = page.locator(".o_form_view")
    expect(form).to_contain_text("The customer")
    expect(form).to_contain_text("1,476.30")
    expect(form).to_contain_text(re.compile("Fresh"))


def press_next_invoice(page, label):
    """Press the one button, see its invoice, come back to the order."""
    buttons = page.locator("button[name=action_create_next_invoice]:visible")
    expect(buttons).to_have_count(1)
    expect(buttons).to_have_text(label)
    buttons.click()
    form = page.locator(".o_form_view")
    expect(form).to_contain_text("Fresh")
    page.locator(".o_breadcrumb a, .o_breadcrumb .o_back_button").last.click()
    expect(page.locator(".o_field_widget[name=repair_type]")).to_be_visible()


def find_row(page, path, order_name):
    page.goto(path)
    row = page.locator(".o_data_row", has_text=order_name)
    expect(row).to_have_count(1)
    return row


def print_from_row(page, row, folder):
    """Click three dots, then Print; the text of the file that is downloaded."""
    row.locator(".o_service_row_menu").click()
    with page.expect_download(timeout=2 * WAIT) as download:
        page.locator(".o_service_row_print").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return read_text(file)


def test_a_clerk_bills_three_payers_and_prints_their_invoices(page, system, tmp_path):
    advisor = system.client("advisor")
    order = create_order(advisor, system.facts["ids"])
    name = advisor.read_one("service.work.order", order, "name")["name"]
    log_in(page, "clerk")
    open_app(page)
    open_order(page, name)
    for billed in BILLED:
        press_next_invoice(page, billed.label)
    button = page.locator("button[name=action_create_next_invoice]:visible")
    expect(button).to_have_count(0)
    for billed in BILLED:
        row = find_row(page, billed.path, name)
        number = row.locator("[name=service_number]").inner_text()
        text = print_from_row(page, row, tmp_path)
        for expected in (billed.payer, billed.words, number, name):
            assert expected in text
        # the list is still there: the row was not opened
        expect(row).to_be_visible()


def test_three_dots_offer_a_credit_memo_once_the_invoice_is_authorized(page, system):
    advisor = system.client("advisor")
    order = create_order(advisor, system.facts["ids"])
    name = advisor.read_one("service.work.order", order, "name")["name"]
    invoices = bill(system.client("clerk"), order)
    log_in(page, "clerk")
    page.wait_for_selector(".o_main_navbar")
    dots = find_row(page, BILLED[0].path, name).locator(".o_service_row_menu")
    dots.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".o_service_row_print")).to_be_visible()
    expect(page.locator(".o_service_row_credit")).to_have_count(0)
    page.keyboard.press("Escape")
    authorizer = system.client("authorizer")
    authorizer.call("account.move", "action_service_authorize", ids=invoices)
    dots = find_row(page, BILLED[0].path, name).locator(".o_service_row_menu")
    dots.focus()
    page.keyboard.press("Enter")
    page.locator(".o_service_row_credit").click()
    expect(page.locator(".modal")).to_contain_text("Credit")
    page.keyboard.press("Escape")


def test_an_advisor_prints_the_proforma(page, system, tmp_path):
    """From the Print menu of the order, without a right on invoices."""
    order = create_order(system.client("advisor"), system.facts["ids"])
    log_in(page, "advisor")
    page.wait_for_selector(".o_main_navbar")
    page.goto(f"/odoo/service.work.order/{order}")
    page.click(".o_cp_action_menus button")
    with page.expect_download(timeout=2 * WAIT) as download:
        page.locator(".dropdown-item", has_text="Proforma Invoice").click()
    file = tmp_path / "proforma.pdf"
    download.value.save_as(file)
    text = read_text(file)
    assert text.count("Proforma Invoice") >= len(BILLED)
    for billed in BILLED:
        assert billed.payer in text
        assert billed.words in text


def test_a_long_name_of_a_product_is_read_in_full_in_a_draft(page, system):
    vals = {"name": "Windscreen, heated, with rain sensor and camera mount"}
    products = system.client("admin").call(
        "product.product", "create", vals_list=[vals]
    )
    line = [0, 0, {"product_id": products[0]}]
    order = {"partner_id": system.facts["ids"]["customer"], "line_ids": [line]}
    (order,) = system.client("advisor").call(
        "service.work.order", "create", vals_list=[order]
    )
    log_in(page, "advisor")
    page.wait_for_selector(".o_main_navbar")
    page.set_viewport_size(BESIDE_CHATTER)
    page.goto(f"/odoo/service.work.order/{order}")
    name = page.locator(".o_data_row td[name=product_id] .text-truncate")
    expect(name).to_have_text(vals["name"])
    assert name.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_an_advisor_is_not_offered_the_invoice(page, system):
    advisor = system.client("advisor")
    order = create_order(advisor, system.facts["ids"])
    log_in(page, "advisor")
    page.wait_for_selector(".o_main_navbar")
    page.goto(f"/odoo/service.work.order/{order}")
    expect(page.locator(".o_form_view")).to_contain_text("Back to Check")
    button = page.locator("button[name=action_create_next_invoice]")
    expect(button).to_have_count(0)


def test_a_wrong_password_is_refused_in_words(page):
    page.goto("/web/login")
    page.fill("input[name=login]", "clerk")
    page.fill("input[name=password]", "wrong")
    page.click("button[type=submit]")
    expect(page.locator(".alert-danger")).to_contain_text("Wrong login/password")


def list_menu_actions(admin):
    """``{full name of the menu: id of its action}`` of both add-ons."""
    rows = admin.call(
        "ir.model.data",
        "search_read",
        domain=[["model", "=", "ir.ui.menu"], ["module", "in", addons.names()]],
        fields=["res_id"],
    )
    menus = admin.call(
        "ir.ui.menu",
        "read",
        ids=[row["res_id"] for row in rows],
        fields=["complete_name", "action"],
    )
    return {
        menu["complete_name"]: int(menu["action"].partition(",")[2])
        for menu in menus
        if menu["action"]
    }


def open_all_views(page, action):
    """Open the action, each of its views, and a new record where there may be one.

    :return: what did not fit, see ``list_too_wide``
    """
    page.set_viewport_size(LAPTOP)
    page.evaluate(DO_ACTION, action)
    expect(page.locator(ACTION).first).to_be_visible()
    if page.locator(".modal").count():
        # what lies below a dialog is not reached
        return list_too_wide(page)
    views = page.locator("button.o_switch_view")
    for number in reversed(range(views.count())):
        views.nth(number).click()
        expect(views.nth(number)).to_have_class(re.compile("active"))
    # the list is the first of the views
    too_wide = list_too_wide(page)
    new = page.locator(".o_list_button_add, .o-kanban-button-new").first
    if new.is_visible():
        page.set_viewport_size(BESIDE_CHATTER)
        new.click()
        expect(page.locator(".o_form_view, .o_data_row.o_selected_row")).to_be_visible()
        for tab in page.locator(".o_form_view .o_notebook_headers a:visible").all():
            tab.click()
            too_wide += list_too_wide(page)
    return too_wide


def list_cut_on_phone(page, action):
    """Cards of the action that are wider than a phone, and lists in their place."""
    page.evaluate(DO_ACTION, action)
    renderer = page.locator(".o_kanban_renderer, .o_list_renderer").first
    expect(renderer).to_be_visible()
    return page.evaluate(
        """() => {
            const isCut = (node) => node.scrollWidth > node.clientWidth + 1;
            const cards = [...document.querySelectorAll(".o_kanban_record")];
            return [
                ...cards.filter(isCut).map((card) => card.innerText),
                ...[...document.querySelectorAll(".o_list_renderer")].map(() => "list"),
            ];
        }"""
    )


def list_too_wide(page):
    """Lists on the page whose columns need more room than they have, and what is cut
    of headings, numbers and other single words."""
    return page.evaluate(
        """() => {
            const isCut = (node) => node.scrollWidth > node.clientWidth + 1;
            // a fraction of a pixel takes the last letters
            const isShortened = (head) => {
                const text = document.createRange();
                text.selectNodeContents(head);
                const room = head.getBoundingClientRect().width;
                return isCut(head) || text.getBoundingClientRect().width > room + 0.1;
            };
            const name = (node) =>
                node.closest(".o_field_widget")?.getAttribute("name") || "list";
            const lists = [...document.querySelectorAll(".o_list_renderer")];
            const heads = document.querySelectorAll("thead th .text-truncate");
            const cells = document.querySelectorAll("td.o_data_cell");
            const isWord = (cell) => /^\\S+$/.test(cell.innerText.trim());
            return [
                ...lists.filter(isCut).map((list) =>
                    `${name(list)}: ${list.scrollWidth} of ${list.clientWidth} pixels`
                ),
                ...[...heads].filter(isShortened).map((head) =>
                    `${name(head)}: ${head.textContent} is cut`
                ),
                ...[...cells].filter(isWord).filter(isCut).map((cell) =>
                    `${name(cell)}: ${cell.innerText} is cut`
                ),
            ];
        }"""
    )


def test_every_menu_opens_with_all_its_views_that_fit_the_screen(page, system):
    actions = list_menu_actions(system.client("admin"))
    assert len(actions) > 10
    log_in(page, "admin", "admin")
    page.wait_for_selector(".o_main_navbar")
    broken, too_wide = {}, {}
    for name, action in actions.items():
        try:
            if found := open_all_views(page, action):
                too_wide[name] = found
        except (AssertionError, playwright_api.Error) as error:
            broken[name] = str(error).splitlines()[0]
        dialog = page.locator(".o_error_dialog")
        if dialog.count():
            broken[name] = dialog.first.inner_text()
    assert broken == {}
    assert too_wide == {}


@pytest.fixture
def in_slovak(system):
    """The administrator's screens are in Slovak, whose words are longer."""
    admin = system.client("admin")
    languages = admin.call(
        "res.lang",
        "search",
        domain=[["code", "=", "sk_SK"]],
        context={"active_test": False},
    )
    wizards = admin.call(
        "base.language.install", "create", vals_list=[{"lang_ids": [[6, 0, languages]]}]
    )
    admin.call("base.language.install", "lang_install", ids=wizards)
    users = admin.call("res.users", "search", domain=[["login", "=", "admin"]])
    admin.call("res.users", "write", ids=users, vals={"lang": "sk_SK"})
    yield
    admin.call("res.users", "write", ids=users, vals={"lang": "en_US"})


def test_headings_of_lists_are_read_in_full_in_slovak(page, system, in_slovak):
    create_order(system.client("advisor"), system.facts["ids"])
    actions = list_menu_actions(system.client("admin"))
    log_in(page, "admin", "admin")
    page.wait_for_selector(".o_main_navbar")
    page.set_viewport_size(LAPTOP)
    cut = {}
    for name, action in actions.items():
        page.evaluate(DO_ACTION, action)
        expect(page.locator(ACTION).first).to_be_visible()
        if found := list_too_wide(page):
            cut[name] = found
    assert cut == {}


def list_card_actions(admin):
    """``{name: id}`` of the actions of menus that have cards as well as a list."""
    actions = admin.call(
        "ir.actions.act_window",
        "search_read",
        domain=[["id", "in", list(list_menu_actions(admin).values())]],
        fields=["name", "view_mode"],
    )
    return {
        row["name"]: row["id"]
        for row in actions
        if {"list", "kanban"} <= set(row["view_mode"].split(","))
    }


def test_a_phone_shows_cards_that_fit_in_place_of_lists(page, system):
    create_order(system.client("advisor"), system.facts["ids"])
    actions = list_card_actions(system.client("admin"))
    assert PHONE_CARDS <= actions.keys()
    log_in(page, "admin", "admin")
    page.wait_for_selector(".o_main_navbar")
    page.set_viewport_size(PHONE)
    cut = {name: list_cut_on_phone(page, action) for name, action in actions.items()}
    assert {name: found for name, found in cut.items() if found} == {}
