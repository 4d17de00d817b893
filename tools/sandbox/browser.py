"""The browser of tours and system tests: Chromium, wherever the machine has it."""

import os
import shutil

from .console import SandboxError

# the names which Odoo's own tours look for, in its order
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
SKIP_REASON = "this machine has no Chromium; install the package chromium"


def is_required():
    return os.environ.get("CI", "").lower() in ("1", "true")


def find():
    """Path of the browser, or None; in CI a missing one is an error."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if is_required():
        raise SandboxError(
            "Chromium is required in CI; install it with: apt-get install chromium"
        )
    return None
