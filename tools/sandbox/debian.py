"""Debian packages without touching the system: a private apt state, no root.

The mirror and its keyring are read from the machine's own apt configuration; only
the suite is ours.
"""

import os
import re
import shutil
import subprocess
import time

from . import layout
from .console import SandboxError, run

TARGET_FORMAT = "$(REPO_URI)|$(ORIGIN)|$(SIGNED_BY)|$(CREATED_BY)"
LISTS_SECONDS = 3600  # so long what was listed can be downloaded
DOWNLOAD_HINT = (
    "Debian's packages could not be fetched. Check the network, or set ODOO_HOME "
    "to a checkout of Odoo 19.0."
)


def has_apt():
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def find_mirror():
    """``(address, keyring)`` of the machine's Debian mirror, or None elsewhere."""
    if not has_apt():
        return None
    listed = list_targets([]) or list_targets(prepare_system_lists())
    return listed[0] if listed else None


def list_targets(options):
    output = run(
        ["apt-get", *options, "indextargets", "--format", TARGET_FORMAT],
        hint="apt-get does not work on this machine.",
    )
    rows = [line.split("|") for line in output.splitlines() if line.count("|") == 3]
    return [
        (uri, keyring if keyring.startswith("/") else "")
        for uri, origin, keyring, kind in rows
        if origin == "Debian" and kind == "Packages" and "security" not in uri
    ]


def prepare_system_lists():
    """Options for the machine's own suites, with lists as fresh as the mirror's.

    Before the first ``apt-get update`` apt does not know whose mirror it has. Nothing
    counts as installed, so that what is asked for comes with all it needs.
    """
    state = layout.folder("apt", "system")
    status, stamp = state / "status", state / "updated"
    options = [*state_options(state), "-o", f"Dir::State::status={status}"]
    with layout.lock("apt"):
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > LISTS_SECONDS:
            status.touch()
            run(["apt-get", *options, "update"], hint=DOWNLOAD_HINT)
            stamp.touch()
    return options


def state_options(state):
    """Options which keep lists, cache and locks of apt below ``state``."""
    for name in ("lists/partial", "cache/archives/partial"):
        (state / name).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State": state,
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state / "cache",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        "Acquire::Retries": "3",
    }
    if os.geteuid() == 0:
        options["APT::Sandbox::User"] = "root"
    return [part for key, value in options.items() for part in ("-o", f"{key}={value}")]


def suite_options(suites):
    """Apt options for a private state which knows ``suites`` of the mirror."""
    mirror = find_mirror()
    if not mirror:
        raise SandboxError("This machine has no Debian mirror.")
    address, keyring = mirror
    state = layout.folder("apt", "-".join(suites))
    signed = f"[signed-by={keyring}] " if keyring else ""
    sources = state / "sources.list"
    sources.write_text(
        "".join(f"deb {signed}{address} {suite} main\n" for suite in suites)
    )
    return [
        *state_options(state),
        *("-o", f"Dir::Etc::SourceList={sources}"),
        *("-o", "Dir::Etc::SourceParts=/dev/null"),
    ]


def download(names, target, options):
    """Fetch ``names`` (``package`` or ``package/suite``) as .deb files."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    run(["apt-get", *options, "download", *names], cwd=target, hint=DOWNLOAD_HINT)
    return sorted(target.glob("*.deb"))


def unpack(package, root, excludes=()):
    """Unpack one .deb below ``root``, leaving out what matches ``excludes``."""
    root.mkdir(parents=True, exist_ok=True)
    options = [f"--exclude={pattern}" for pattern in excludes]
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE
    ) as source:
        run(
            ["tar", "-x", "--no-same-owner", "-C", root, *options],
            stdin=source.stdout,
            hint=f"{package.name} could not be unpacked; is the disk full?",
        )
    if source.returncode:
        raise SandboxError(f"{package.name} is damaged; run the command again.")


def unpack_from_system(names, root, wanted=None):
    """Packages of the machine's own suites below ``root``, and of those they need all
    whose name matches the expression ``wanted``."""
    options = prepare_system_lists()
    if wanted:
        names = [*names, *filter(wanted.fullmatch, list_needed(names, options))]
    debs = root.with_suffix(".debs")
    for package in download(sorted(set(names)), debs, options):
        unpack(package, root)
    shutil.rmtree(debs)


def list_needed(names, options):
    """Names of all packages which apt would install beside ``names``."""
    command = ["apt-get", *options, "install", "--simulate", "--no-install-recommends"]
    output = run([*command, *names], hint=DOWNLOAD_HINT)
    return re.findall(r"^Inst ([^ :]+)", output, re.MULTILINE)
