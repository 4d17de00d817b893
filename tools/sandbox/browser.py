"""The browser of tours and system tests: the machine's Chromium, else Debian's in the
sandbox."""

import os
import shutil

from . import debian, libraries
from .console import SandboxError, say

# the names which Odoo's own tours look for, in its order
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
SKIP_REASON = "this machine has no Chromium; install the package chromium"
PROGRAM = "usr/lib/chromium/chromium"
# The kernel may refuse its own sandbox to a program outside the system's folders; it
# only ever sees pages of a server of ours.
OPTIONS = ("--no-sandbox",)
CHECK = ("--headless", "--disable-gpu", "--dump-dom", "about:blank")


def is_required():
    return os.environ.get("CI", "").lower() in ("1", "true")


def find():
    """Path of the browser, or None; in CI a missing one is an error."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    try:
        return fetch()
    except SandboxError as error:
        if is_required():
            raise SandboxError(f"Chromium is required in CI. {error}") from error
        say(f"         no browser tests: {error}")
        return None


def fetch():
    """Chromium in the folder ``bin`` of the sandbox, where Odoo's tours find it."""
    if not debian.find_mirror():
        raise SandboxError("Install the package chromium of this machine's system.")
    packages = ["chromium", *libraries.FONTS]
    root = libraries.ensure("browser", packages, "Chromium for the browser tests")
    program = root / PROGRAM
    folder = libraries.write_starter("chromium", program, root, *OPTIONS, check=CHECK)
    return str(folder / "chromium")
