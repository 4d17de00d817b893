"""The add-ons of this checkout, read from their manifests."""

import ast

from . import layout
from .console import SandboxError

BASE_ADDON = "service_invoicing"


def read_manifests():
    """``{name: manifest}`` of every add-on at the top of the checkout."""
    manifests = {}
    for path in sorted(layout.CHECKOUT.glob("*/__manifest__.py")):
        manifests[path.parent.name] = ast.literal_eval(path.read_text())
    return manifests


def names():
    """Names of all add-ons, the one which the others need first."""
    found = list(read_manifests())
    if not found:
        raise SandboxError(f"There is no add-on in {layout.CHECKOUT}.")
    return sorted(found, key=lambda name: (name != BASE_ADDON, name))


def to_install():
    """What to install so that everything is there: glue add-ons install themselves,
    so they are left to do so when what they glue together is installed."""
    manifests = read_manifests()
    wanted = []
    for name in names():
        glue = manifests[name].get("auto_install")
        wanted += manifests[name]["depends"] if glue else [name]
    return list(dict.fromkeys(wanted))
