"""Where everything lies: one folder for the sandbox, one checkout for the add-ons."""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path

from .console import SandboxError, say

CHECKOUT = Path(__file__).resolve().parents[2]
MIN_FREE_BYTES = 2 * 1024**3


def home():
    """The sandbox folder: ``SERVICE_SANDBOX``, else ``.sandbox`` in the checkout."""
    return Path(os.environ.get("SERVICE_SANDBOX") or CHECKOUT / ".sandbox").absolute()


def folder(*names):
    path = home().joinpath(*names)
    path.mkdir(parents=True, exist_ok=True)
    return path


def ensure_space():
    """Refuse to begin a download which the disk cannot hold."""
    try:
        free = shutil.disk_usage(folder()).free
    except OSError as error:
        raise SandboxError(
            f"The sandbox folder {home()} cannot be written ({error.strerror}). "
            "Set SERVICE_SANDBOX to a folder of yours."
        ) from error
    if free < MIN_FREE_BYTES:
        raise SandboxError(
            f"Only {free // 1024**2} MB are free at {home()}; 2 GB are needed. "
            "Free some space or set SERVICE_SANDBOX to a folder on another disk."
        )


@contextlib.contextmanager
def lock(name):
    """Let one process at a time prepare ``name``; others wait and find it done."""
    path = folder("locks") / name
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"         waiting for another run which prepares {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def replace(part, target):
    """Put a finished folder in place in one step; a half-made one never shows."""
    if target.exists():
        shutil.rmtree(target)
    part.rename(target)


def make_folder(target, make):
    """The folder ``target``; if it is not there ``make`` fills one that becomes it."""
    if not target.is_dir():
        with lock(target.name):
            if not target.is_dir():
                ensure_space()
                part = target.with_suffix(".part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(parents=True)
                make(part)
                replace(part, target)
    return target
