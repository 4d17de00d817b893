"""Shared libraries and fonts of programs which bring none: Debian's, in the sandbox.

A program started through :func:`write_starter` looks there first, and sees no other
fonts: prints are the same on every machine.
"""

import ctypes
import re
import shlex
import shutil
from pathlib import Path

from . import debian, layout
from .console import SandboxError, run, say, step

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
    if not target.is_dir():
        with layout.lock(name):
            if not target.is_dir():
                fetch(target, packages, title)
    return target


def fetch(target, packages, title):
    layout.ensure_space()
    part = target.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    with step(title):
        debian.unpack_from_system(packages, part, WANTED)
        (part / "fonts.conf").write_text(
            FONT_CONFIGURATION.format(
                fonts=target / "usr/share/fonts",
                cache=layout.folder("fonts"),
                aliases="\n  ".join(ALIAS.format(*pair) for pair in FAMILIES.items()),
            )
        )
        layout.replace(part, target)


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
