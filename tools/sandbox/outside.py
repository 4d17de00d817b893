"""Add-ons of others that ours glue to: fetched from the package index, beside Odoo."""

from . import addons, layout, venv
from .console import SandboxError, run, step

REQUIREMENTS = layout.CHECKOUT / "tools" / "requirements-queue.txt"


def ensure():
    """The folder with the packages; its name changes with their versions."""
    key = addons.hash_files([REQUIREMENTS])
    return layout.make_folder(layout.folder("outside") / key, fetch)


def find_missing():
    """Why the add-ons cannot be had on this machine, or nothing."""
    try:
        ensure()
    except SandboxError as error:
        return f"{', '.join(addons.OUTSIDE)} cannot be had: {error}"
    return ""


def fetch(part):
    pip = venv.find_pip(venv.find_interpreter())
    with step(f"add-ons of {REQUIREMENTS.name}"):
        run(
            [*pip, "install", "--quiet", "--no-deps", "--target", part]
            + ["-r", REQUIREMENTS],
            hint="Check the network, or the package index that pip is set up with.",
        )


def beside(environment):
    """The same Odoo with these add-ons on its path."""
    folder = ensure()
    return environment.beside(folder, folder / "odoo" / "addons")
