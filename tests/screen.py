"""A page of the web client, driven by Chromium: what all browser tests share."""

import os

import pytest

from tools.sandbox import browser, layout

playwright_api = pytest.importorskip("playwright.sync_api")
expect = playwright_api.expect
SECONDS = 1000
WAIT = 30 * SECONDS
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def chromium():
    path = browser.find()
    if not path:
        pytest.skip(browser.SKIP_REASON)
    with playwright_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


@pytest.fixture
def page(chromium, system, request):
    """A page whose console must stay clean; its last picture is kept beside the log."""
    context = chromium.new_context(
        base_url=system.server.url, viewport={"width": 1366, "height": 900}
    )
    page = context.new_page()
    page.set_default_timeout(WAIT)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: keep_error(message, complaints))
    yield page
    page.screenshot(path=layout.folder("log") / f"{request.node.name}.png")
    context.close()
    assert complaints == []


def keep_error(message, complaints):
    # a refused login is answered with an error status, which Chromium reports
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(message.text)


def log_in(page, login, password=None):
    page.goto("/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password or f"{login}-secret")
    page.click("button[type=submit]")
