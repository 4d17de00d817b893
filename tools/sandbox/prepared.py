"""Databases that tests clone, made once for what the checkout holds and then kept."""

from functools import partial
from pathlib import Path

from . import addons, databases, layout
from .console import step

WORLD_SCRIPT = Path(__file__).with_name("prepare_world.py")
ASSETS_SCRIPT = Path(__file__).with_name("prepare_assets.py")
# Kinds with records that most tests begin with, and what each of them is a clone of.
# No kind may begin like another: what is outdated is found by the names of databases.
WORLDS = {"world": "installed", "base_world": "alone"}
# what is installed beside all add-ons: charts of accounts of countries, and other apps
BESIDE = {"countries": ("l10n_sk", "l10n_cz"), "neighbours": addons.NEIGHBOURS}


def ensure(environment, kind):
    """Name of the database of that kind, made anew when a file of an add-on changed."""
    prefix = f"{databases.test_name(kind)}_"
    name = prefix + contents_key(environment, kind)
    with layout.lock(prefix):
        if not databases.exists(environment.settings, name):
            drop_outdated(environment, prefix)
            KINDS[kind](environment, name)
    return name


def drop_outdated(environment, prefix):
    for name in databases.list_names(environment.settings, prefix):
        databases.drop(environment.settings, name)


def contents_key(environment, kind):
    """Changes with Odoo, the add-ons and, for the world, with what makes it."""
    if kind == "plain":
        return environment.key(kind, *addons.list_beneath())
    files = [path for name in addons.names() for path in addons.list_loaded(name)]
    if kind in WORLDS:
        files += [WORLD_SCRIPT, *sorted(layout.CHECKOUT.glob("*/tests/common*.py"))]
    return environment.key(kind, *BESIDE.get(kind, ()), addons.hash_files(files))


def install_all(environment, name):
    environment.create_database(name, ",".join(addons.to_install()))
    databases.settle(environment.settings, name)


def install_base(environment, name):
    environment.create_database(name, addons.BASE_ADDON)
    databases.settle(environment.settings, name)


def install_plain(environment, name):
    """What our add-ons are measured against."""
    environment.create_database(name, ",".join(addons.list_beneath()))
    databases.settle(environment.settings, name)


def grow(environment, name, title, work, kind="installed"):
    """A clone of the database of that kind, ``work`` done on it."""
    building = f"{name}_building"
    source = ensure(environment, kind)
    with step(title):
        databases.clone(environment.settings, source, building)
        log = layout.folder("log") / f"{name}.log"
        work(building, log)
        databases.settle(environment.settings, building)
        databases.rename(environment.settings, building, name)


def make_world(environment, name, kind):
    def work(database, log):
        environment.run_script(database, WORLD_SCRIPT, log=log)

    grow(environment, name, "records that most tests begin with", work, kind)


def build_assets(environment, name):
    def work(database, log):
        environment.run_script(database, ASSETS_SCRIPT, log=log)

    grow(environment, name, "web assets that browser tests load", work)


def install_beside(environment, name, kind):
    modules = BESIDE[kind]

    def work(database, log):
        environment.install(database, ",".join(modules), log=log)

    grow(environment, name, f"{', '.join(modules)} beside the add-ons", work)


KINDS = {
    "installed": install_all,
    "alone": install_base,
    "plain": install_plain,
    "served": build_assets,
    **{kind: partial(make_world, kind=source) for kind, source in WORLDS.items()},
    **{kind: partial(install_beside, kind=kind) for kind in BESIDE},
}
