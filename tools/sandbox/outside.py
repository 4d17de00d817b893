"""Add-ons of others: fetched from the package index, beside Odoo."""

from . import addons, layout, venv
from .console import SandboxError, run, step

TOOLS = layout.CHECKOUT / "tools"
# what ours glue to
REQUIREMENTS = TOOLS / "requirements-queue.txt"
# what ours are measured against
MEASURED = TOOLS / "requirements-bench.txt"


def ensure(requirements=REQUIREMENTS):
    """The folder with the packages; its name changes with their versions."""
    key = addons.hash_files([requirements])
    return layout.make_folder(
        layout.folder("outside") / key, lambda part: fetch(part, requirements)
    )


def find_missing():
    """Why the add-ons cannot be had on this machine, or nothing."""
    try:
        ensure()
    except SandboxError as error:
        return f"{', '.join(addons.OUTSIDE)} cannot be had: {error}"
    return ""


def fetch(part, requirements):
    pip = venv.find_pip(venv.find_interpreter())
    with step(f"add-ons of {requirements.name}"):
        run(
            [*pip, "install", "--quiet", "--no-deps", "--target", part]
            + ["-r", requirements],
            hint="Check the network, or the package index that pip is set up with.",
        )


def beside(environment, requirements=REQUIREMENTS):
    """The same Odoo with these add-ons on its path."""
    folder = ensure(requirements)
    return environment.beside(folder, folder / "odoo" / "addons")
