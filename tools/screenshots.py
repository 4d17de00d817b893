"""Take the screenshots of both add-ons from a running demo server.

Usage: screenshots.py --url http://localhost:8069 --database demo

They are written into each add-on's static/description/. Needs the package
playwright and a Chromium on the machine; none is downloaded.
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
SETTLE_MILLISECONDS = 2000


class Shot(NamedTuple):
    """One picture: the record found by ``domain`` in the form of ``action``."""

    addon: str
    name: str
    action: str
    model: str
    domain: list

    @property
    def target(self):
        return ROOT / self.addon / "static/description" / f"{self.name}.png"


SHOTS = [
    Shot(
        "service_invoicing",
        "work_order",
        "service_invoicing.service_work_order_action",
        "service.work.order",
        [["claim_ids.state", "=", "approved"]],
    ),
    Shot(
        "maintenance_reinvoice",
        "reinvoice_run",
        "maintenance_reinvoice.maintenance_reinvoice_run_action",
        "maintenance.reinvoice.run",
        [["state", "=", "done"]],
    ),
]


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


def find_record(page, options, shot):
    """Id of the newest record of the shot, asked in the browser's session."""
    params = {
        "model": shot.model,
        "method": "search",
        "args": [shot.domain],
        "kwargs": {"limit": 1, "order": "id desc"},
    }
    answer = page.request.post(
        f"{options.url}/web/dataset/call_kw/{shot.model}/search",
        data={"jsonrpc": "2.0", "method": "call", "params": params},
    ).json()
    if not answer.get("result"):
        sys.exit(f"{shot.model}: no record to show. {answer.get('error', '')}")
    return answer["result"][0]


def take(page, options, shot):
    record = find_record(page, options, shot)
    page.goto(f"{options.url}/odoo/action-{shot.action}/{record}")
    page.wait_for_selector(".o_form_view .o_form_sheet, .o_form_view .o_group")
    # the bus never lets the network come to rest
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    shot.target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=shot.target)
    print(shot.target.relative_to(ROOT))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument("--database", required=True)
    parser.add_argument("--login", default="admin")
    parser.add_argument("--password", default="admin")
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
        for shot in SHOTS:
            take(page, options, shot)
        browser.close()


if __name__ == "__main__":
    main()
