"""A page of the web client, driven by Chromium: what all browser tests share."""

import os

import pytest

from tools.sandbox import layout, programs

playwright_api = pytest.importorskip("playwright.sync_api")
expect = playwright_api.expect
SECONDS = 1000
# a machine that does other things, too, needs more than thirty for the first page
WAIT = 90 * SECONDS
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def chromium(system, tmp_path_factory):
    """A browser that keeps what it has compiled of the web client."""
    path = programs.find_browser()
    if not path:
        pytest.skip(programs.NO_BROWSER)
    with playwright_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.getbasetemp() / "profile",
            executable_path=path,
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
            base_url=system.server.url,
            viewport={"width": 1366, "height": 900},
        )
        yield context
        context.close()


@pytest.fixture
def page(chromium, system, request):
    """A page whose console must stay clean; its last picture is kept beside the log."""
    page = chromium.new_page()
    page.set_default_timeout(WAIT)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: keep_error(message, complaints))
    yield page
    page.screenshot(path=layout.folder("log") / f"{request.node.name}.png")
    # what is open would go on asking, and be given a session anew
    page.close()
    forget_user(chromium, system.server.url)
    assert complaints == []


def forget_user(chromium, url):
    """The next test begins logged out, with nothing of this one's in the browser."""
    # the blank page with which the browser was started
    session = chromium.new_cdp_session(chromium.pages[0])
    session.send(
        "Storage.clearDataForOrigin",
        {"origin": url, "storageTypes": "cookies,local_storage,indexeddb"},
    )


def keep_error(message, complaints):
    # a refused login is answered with an error status, which Chromium reports
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(message.text)


def log_in(page, login, password=None):
    page.goto("/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password or f"{login}-secret")
    page.click("button[type=submit]")
