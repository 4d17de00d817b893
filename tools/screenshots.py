"""Take pictures of the screens of a running demo server.

The pictures of the add-ons' pages, written into their static/description/:
    screenshots.py --database service_demo
The main screens in every width, for before and after a change, and what differs:
    screenshots.py --database service_demo --folder before
    pictures.py before after

Needs the package playwright and a Chromium on the machine; none is downloaded.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# wider, and the chatter takes its place beside the form
SIZE = {"width": 1380, "height": 1200}
# desks, and a phone
WIDTHS = (1366, 1440, 1920, 375)
SETTLE_MILLISECONDS = 2000


class Screen(NamedTuple):
    """A list, or the form of the newest record found by ``domain``.

    The action's add-on is before the dot.
    """

    name: str
    action: str
    model: str
    domain: list | None = None


WORK_ORDER = Screen(
    "work_order",
    "service_invoicing.service_work_order_action",
    "service.work.order",
    [["claim_ids.state", "=", "approved"]],
)
RUN = Screen(
    "reinvoice_run",
    "maintenance_reinvoice.maintenance_reinvoice_run_action",
    "maintenance.reinvoice.run",
    [["state", "=", "done"]],
)
ADDON_SCREENS = (WORK_ORDER, RUN)
MAIN_SCREENS = (
    WORK_ORDER,
    WORK_ORDER._replace(name="work_orders", domain=None),
    Screen(
        "claims",
        "service_invoicing.service_insurance_claim_action",
        "service.insurance.claim",
    ),
    Screen("releases", "service_invoicing.service_release_action", "service.release"),
    Screen("invoices", "service_invoicing.account_move_action_all", "account.move"),
    Screen(
        "to_authorize",
        "service_invoicing.account_move_action_authorize",
        "account.move",
    ),
    Screen(
        "invoice",
        "service_invoicing.account_move_action_service",
        "account.move",
        [["service_invoice_type", "=", "service"], ["work_order_ids", "!=", False]],
    ),
    Screen(
        "agreement",
        "service_invoicing.service_agreement_action",
        "service.agreement",
        [],
    ),
    Screen("tcd", "service_invoicing.service_tcd_action", "service.tcd"),
    Screen(
        "waiting",
        "service_invoicing.service_unbilled_report_action",
        "service.unbilled.report",
    ),
    RUN,
    Screen(
        "permissions",
        "maintenance_reinvoice.maintenance_permission_action",
        "maintenance.permission",
    ),
    Screen(
        "permission",
        "maintenance_reinvoice.maintenance_permission_action",
        "maintenance.permission",
        [],
    ),
    Screen(
        "contracts",
        "maintenance_reinvoice.maintenance_contract_action",
        "maintenance.contract",
    ),
    Screen(
        "log",
        "maintenance_reinvoice.maintenance_reinvoice_log_action",
        "maintenance.reinvoice.log",
    ),
)


def find_browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        sys.exit(f"No browser was found; install one of: {', '.join(BROWSERS)}.")
    return path


def log_in(page, options):
    page.goto(f"{options.url}/web/login?db={options.database}")
    page.fill("input[name=login]", options.login)
    page.fill("input[name=password]", options.password)
    page.click("button[type=submit]")
    page.wait_for_selector(".o_main_navbar")


def find_record(page, options, screen):
    """Id of the newest record of the screen, asked in the browser's session."""
    params = {
        "model": screen.model,
        "method": "search",
        "args": [screen.domain],
        "kwargs": {"limit": 1, "order": "id desc"},
    }
    answer = page.request.post(
        f"{options.url}/web/dataset/call_kw/{screen.model}/search",
        data={"jsonrpc": "2.0", "method": "call", "params": params},
    ).json()
    if not answer.get("result"):
        sys.exit(f"{screen.model}: no record to show. {answer.get('error', '')}")
    return answer["result"][0]


def find_address(page, options, screen):
    address = f"{options.url}/odoo/action-{screen.action}"
    if screen.domain is None:
        return address
    return f"{address}/{find_record(page, options, screen)}"


def take(page, address, target):
    page.goto(address)
    page.wait_for_selector(".o_view_controller .o_content")
    # the bus never lets the network come to rest
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
    print(target)


def take_all(page, options):
    if not options.folder:
        for screen in ADDON_SCREENS:
            folder = ROOT / screen.action.split(".")[0] / "static/description"
            address = find_address(page, options, screen)
            take(page, address, folder / f"{screen.name}.png")
        return
    for screen in MAIN_SCREENS:
        address = find_address(page, options, screen)
        for width in WIDTHS:
            page.set_viewport_size({**SIZE, "width": width})
            take(page, address, options.folder / f"{screen.name}-{width}.png")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument("--database", required=True)
    parser.add_argument("--login", default="admin")
    parser.add_argument("--password", default="admin")
    parser.add_argument("--folder", type=Path, help="main screens in every width")
    return parser.parse_args()


def main():
    from playwright.sync_api import sync_playwright

    options = read_options()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE, locale="en-US")
        log_in(page, options)
        take_all(page, options)
        browser.close()


if __name__ == "__main__":
    main()
