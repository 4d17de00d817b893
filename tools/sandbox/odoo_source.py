"""Odoo 19: the user's checkout, what is here, Debian's package, a git clone."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import debian, layout
from .console import SandboxError, run, step

REPOSITORY = "https://github.com/odoo/odoo"
BRANCH = "19.0"
PACKAGES = [
    "odoo-19/sid",
    "libjs-jquery/sid",
    "libjs-jquery-form/sid",
    "libjs-underscore/sid",
    "fonts-roboto-unhinted/sid",
    "fonts-montserrat/sid",
    "fonts-inconsolata/sid",
    "fonts-ocr-b/sid",
    # later releases lack the file names of version 4: no icons would show
    "fonts-font-awesome/bookworm",
]
LANGUAGES = ["cs", "de", "fr", "id", "sk"]
# Left out of Debian's package but named in the asset bundle, where a missing file
# logs an error in the browser's console.
MISSING_ASSET = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class OdooSource:
    """A tree of Odoo that can be run: where it is, and which version it has."""

    def __init__(self, root, version):
        self.root = Path(root)
        self.version = version

    @property
    def addons_paths(self):
        return [path for path in [self.root / "addons"] if path.is_dir()]

    def find_addon(self, name):
        """Folder of one of Odoo's add-ons, or None."""
        folders = [*self.addons_paths, self.root / "odoo" / "addons"]
        paths = (folder / name for folder in folders)
        return next((path for path in paths if path.is_dir()), None)


def ensure():
    """Return the Odoo to use, fetching it if the machine has none."""
    if home := os.environ.get("ODOO_HOME"):
        root = Path(home).expanduser().resolve()
        return OdooSource(root, f"{read_version(root)}-{identify(root)}")
    target = layout.make_folder(layout.folder() / "odoo", fetch)
    root, stamp = find_root(target), target / "package-version"
    package = f"-{stamp.read_text().strip()}" if stamp.exists() else ""
    return OdooSource(root, read_version(root) + package)


def identify(root):
    """Tells one checkout and commit from another, whose databases would not fit."""
    command = ["git", "-C", root, "describe", "--always", "--dirty", "--abbrev=12"]
    described = subprocess.run(command, capture_output=True, text=True, check=False)
    return hashlib.sha256(f"{root} {described.stdout}".encode()).hexdigest()[:8]


def find_root(target):
    packaged = target / "usr/lib/python3/dist-packages"
    return packaged if packaged.is_dir() else target


def read_version(root):
    """The series of the tree at ``root``; only 19.0 is accepted."""
    release = root / "odoo" / "release.py"
    if not release.exists():
        raise SandboxError(
            f"There is no Odoo at {root}; set ODOO_HOME to the folder which holds "
            "odoo/release.py, or unset it."
        )
    match = re.search(r"version_info = \((\d+), (\d+)", release.read_text())
    if not match or match.groups() != ("19", "0"):
        raise SandboxError(f"The Odoo at {root} is not 19.0; set ODOO_HOME to one.")
    return "19.0"


def fetch(part):
    if debian.find_mirror():
        fetch_package(part)
    else:
        clone(part)


def fetch_package(part):
    downloads = layout.folder("downloads") / "odoo"
    with step("Odoo 19 as Debian's package (120 MB)"):
        options = debian.suite_options(["sid", "bookworm"])
        run(["apt-get", *options, "update"], hint=debian.DOWNLOAD_HINT)
        packages = debian.download(PACKAGES, downloads, options)
    with step("unpacking Odoo"):
        for package in packages:
            debian.unpack(package, part, unwanted_files())
        version = next(p.name for p in packages if p.name.startswith("odoo-19"))
        (part / "package-version").write_text(version.split("_")[1] + "\n")
        add_missing_asset(find_root(part) / "odoo" / "addons" / MISSING_ASSET)
        shutil.rmtree(downloads)


def add_missing_asset(path):
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("// not part of Debian's package\n")


def unwanted_files():
    """Two thirds of the package are translations into languages nobody tests."""
    firsts = "".join(sorted({code[0] for code in LANGUAGES}))
    patterns = [f"*/i18n*/[!{firsts}]*.po"]
    for first in firsts:
        seconds = "".join(code[1] for code in LANGUAGES if code[0] == first)
        patterns.append(f"*/i18n*/{first}[!{seconds}]*.po")
    patterns += [f"*/i18n*/{code}?*.po" for code in LANGUAGES]
    return patterns


def clone(part):
    with step(f"Odoo 19 from git (branch {BRANCH}, shallow)"):
        run(
            ["git", "clone", "-q", "--depth=1", f"--branch={BRANCH}", REPOSITORY, part],
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            hint="Odoo could not be cloned. Check the network, or set ODOO_HOME "
            "to a checkout of Odoo 19.0.",
        )
