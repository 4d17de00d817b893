"""wkhtmltopdf and Chromium, with the shared libraries and fonts that they need: where
the machine lacks them, or prints would differ from others', Debian's in the sandbox.

A program started through :func:`write_starter` looks there first, and sees no other
fonts: prints are the same on every machine.
"""

import ctypes
import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from . import debian, layout
from .console import SandboxError, run, say, step

# with patched Qt: without it, prints lack header and footer
WKHTMLTOPDF = "wkhtmltopdf-pack"
# the names which Odoo's own tours look for, in its order
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
CHROMIUM = "usr/lib/chromium/chromium"
# The kernel may refuse its own sandbox to a program outside the system's folders; it
# only ever sees pages of a server of ours.
CHROMIUM_OPTIONS = ("--no-sandbox",)
CHROMIUM_CHECK = ("--headless", "--disable-gpu", "--dump-dom", "about:blank")
NO_BROWSER = "this machine has no Chromium; install the package chromium"
# what wkhtmltopdf is linked with
PRINTING = {
    "libXrender.so.1": "libxrender1",
    "libXext.so.6": "libxext6",
    "libX11.so.6": "libx11-6",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libstdc++.so.6": "libstdc++6",
    "libz.so.1": "zlib1g",
}
FONTS = ["fonts-dejavu-core", "fonts-liberation"]
# The C library has to be the machine's; drivers of graphics cards are for nothing here.
WANTED = re.compile(
    r"(?!libc6$|libc-|libllvm|libperl|libz3|mesa-|libgl1-mesa)(lib|fonts-|chromium).*"
)
FONT_CONFIGURATION = """<?xml version="1.0"?>
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  {aliases}
</fontconfig>
"""
ALIAS = "<alias><family>{}</family><prefer><family>{}</family></prefer></alias>"
FAMILIES = {
    "sans-serif": "DejaVu Sans",
    "serif": "DejaVu Serif",
    "monospace": "DejaVu Sans Mono",
    "Arial": "Liberation Sans",
    "Helvetica": "Liberation Sans",
    "Times": "Liberation Serif",
    "Courier": "Liberation Mono",
}


def ensure_wkhtmltopdf():
    """Return a folder for PATH which holds the patched ``wkhtmltopdf``."""
    packed = Path(sys.prefix) / "bin" / WKHTMLTOPDF
    packed.chmod(0o755)
    return write_starter("wkhtmltopdf", packed, ensure_printing())


# -- the browser of tours and system tests -------------------------------------------


def is_browser_required():
    return os.environ.get("CI", "").lower() in ("1", "true")


def find_browser():
    """Path of the browser, or None; in CI a missing one is an error."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    try:
        return fetch_browser()
    except SandboxError as error:
        if is_browser_required():
            raise SandboxError(f"Chromium is required in CI. {error}") from error
        say(f"         no browser tests: {error}")
        return None


def fetch_browser():
    """Chromium in the folder ``bin`` of the sandbox, where Odoo's tours find it."""
    if not debian.find_mirror():
        raise SandboxError("Install the package chromium of this machine's system.")
    root = ensure("browser", ["chromium", *FONTS], "Chromium for the browser tests")
    folder = write_starter(
        "chromium", root / CHROMIUM, root, *CHROMIUM_OPTIONS, check=CHROMIUM_CHECK
    )
    return str(folder / "chromium")


# -- libraries and fonts -------------------------------------------------------------


def ensure_printing():
    """Folder with what prints need, or None where the machine's own has to do."""
    try:
        packages = [*PRINTING.values(), *FONTS]
        return ensure("printing", packages, "libraries and fonts for prints")
    except SandboxError as error:
        refuse_missing()
        say(f"         prints use this machine's libraries and fonts: {error}")
        return None


def check_machine():
    """Where no packages can be fetched, say what is missing before all else."""
    if not debian.has_apt():
        refuse_missing()


def refuse_missing():
    """Name what the machine lacks; better now than at the first print."""
    missing = [name for name in PRINTING if not can_load(name)]
    if missing:
        packages = " ".join(PRINTING[name] for name in missing)
        raise SandboxError(
            f"wkhtmltopdf needs {', '.join(missing)}, which this machine lacks. "
            f"Install them; on Debian and Ubuntu: apt-get install {packages} {FONTS[0]}"
        )


def can_load(name):
    try:
        return bool(ctypes.CDLL(name))
    except OSError:
        return False


def ensure(name, packages, title):
    """Folder with ``packages`` and the libraries they need."""
    if not debian.has_apt():
        raise SandboxError("This machine has no apt-get.")
    target = layout.folder("libraries") / name

    def fetch(part):
        with step(title):
            debian.unpack_from_system(packages, part, WANTED)
            configuration = FONT_CONFIGURATION.format(
                fonts=target / "usr/share/fonts",
                cache=layout.folder("fonts"),
                aliases="\n  ".join(ALIAS.format(*pair) for pair in FAMILIES.items()),
            )
            (part / "fonts.conf").write_text(configuration)

    return layout.make_folder(target, fetch)


def write_starter(name, program, root, *options, check=("--version",)):
    """Script ``name`` for PATH which starts ``program`` with the libraries of ``root``;
    it is tried once, so that what is missing shows now. Return its folder."""
    script = layout.folder("bin") / name
    lines = ["#!/bin/sh", *list_settings(root)]
    lines.append(f'exec {shlex.join(map(str, [program, *options]))} "$@"\n')
    text = "\n".join(lines).encode()
    with layout.lock(f"start-{name}"):
        if not script.is_file() or script.read_bytes() != text:
            part = script.with_suffix(".part")
            part.write_bytes(text)
            part.chmod(0o755)
            run([part, *check], hint=f"{name} does not start on this machine.")
            part.rename(script)
    return script.parent


def list_settings(root):
    if not root:
        return []
    folders = {str(path.parent) for path in Path(root).rglob("lib*.so*")}
    return [
        f"export LD_LIBRARY_PATH={shlex.quote(':'.join(sorted(folders)))}",
        f"export FONTCONFIG_FILE={shlex.quote(str(root / 'fonts.conf'))}",
    ]
