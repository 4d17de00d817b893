"""The add-ons of this checkout, read from their manifests."""

import ast
import hashlib

from . import layout
from .console import SandboxError

BASE_ADDON = "service_invoicing"
# Apps of Odoo that ours have to get on with. Only one lane has them: they make every
# database larger and every test slower.
NEIGHBOURS = (
    "sale",
    "sale_project",
    "sale_stock",
    "purchase",
    "purchase_stock",
    "repair",
)
# add-ons of others, fetched where they can be had; one lane has them
OUTSIDE = ("queue_job",)
LOADED = (".csv", ".po", ".py", ".xml")
# folders whose files are read where they lie, or never
NOT_LOADED = {"__pycache__", "readme", "static", "tests"}


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


def without_neighbours():
    """Names of the add-ons that need neither the neighbours nor what is outside."""
    others = [*needing(NEIGHBOURS), *needing(OUTSIDE)]
    return [name for name in names() if name not in others]


def needing(modules):
    """Names of the add-ons that depend on one of these modules."""
    manifests = read_manifests()
    return [
        name
        for name in names()
        if set(modules).intersection(manifests[name]["depends"])
    ]


def to_install():
    """What to install so that all but neighbours and outside is there: glue add-ons
    install themselves, so they are left to do so when what they glue together is."""
    manifests = read_manifests()
    wanted = []
    for name in without_neighbours():
        glue = manifests[name].get("auto_install")
        wanted += manifests[name]["depends"] if glue else [name]
    return list(dict.fromkeys(wanted))


def list_beneath():
    """What all of that stands on: the apps of Odoo that are installed with it."""
    ours = set(names())
    needed = {"account", "account_fleet", *to_install()}
    return sorted(needed - ours)


def list_loaded(name):
    """Files of the add-on which Odoo loads into the database or into its models."""
    folder = layout.CHECKOUT / name
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in LOADED
        and not NOT_LOADED.intersection(path.relative_to(folder).parts)
    ]


def hash_all_loaded():
    return hash_files(path for name in names() for path in list_loaded(name))


def hash_files(paths):
    return hash_parts(f"{path.name} {path.read_text()}" for path in paths)


def hash_parts(parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
