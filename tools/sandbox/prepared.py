"""Databases that tests clone, made once for what the checkout holds and then kept."""

from pathlib import Path

from . import addons, databases, layout
from .console import step

WORLD_SCRIPT = Path(__file__).with_name("prepare_world.py")
ASSETS_SCRIPT = Path(__file__).with_name("prepare_assets.py")
# What is installed, kind by kind. No kind may begin like another: what is outdated is
# found by the names of databases.
INSTALLED = {
    "installed": addons.to_install,
    "alone": lambda: [addons.BASE_ADDON],
    # what our add-ons are measured against
    "plain": addons.list_beneath,
}
# Kinds that are a clone of another one, the script that is run or the modules that are
# installed on it, and what to call that.
GROWN = {
    "world": ("installed", WORLD_SCRIPT, "records that most tests begin with"),
    "base_world": ("alone", WORLD_SCRIPT, "records that most tests begin with"),
    "served": ("installed", ASSETS_SCRIPT, "web assets that browser tests load"),
    "countries": ("installed", "l10n_sk,l10n_cz", "charts of two countries"),
    "neighbours": ("installed", ",".join(addons.NEIGHBOURS), "other apps of Odoo"),
    # only for an Odoo that has them on its path
    "outside": ("installed", ",".join(addons.OUTSIDE), "add-ons of others"),
}


def ensure(environment, kind):
    """Name of the database of that kind, made anew when a file of an add-on changed."""
    prefix = f"{databases.test_name(kind)}_"
    name = prefix + contents_key(environment, kind)
    with layout.lock(prefix):
        if not databases.exists(name):
            for outdated in databases.list_names(prefix):
                databases.drop(outdated)
            make(environment, kind, name)
    return name


def contents_key(environment, kind):
    """Changes with Odoo, the add-ons and what is done on the database; the world also
    with the classes that make it."""
    if kind == "plain":
        return environment.key(kind, *addons.list_beneath())
    files = [path for name in addons.names() for path in addons.list_loaded(name)]
    _source, work, _title = GROWN.get(kind, ("", "", ""))
    if work == WORLD_SCRIPT:
        files += sorted(layout.CHECKOUT.glob("*/tests/common*.py"))
    done = work.read_text() if isinstance(work, Path) else work
    return environment.key(kind, done, addons.hash_files(files))


def make(environment, kind, name):
    if kind in INSTALLED:
        environment.create_database(name, ",".join(INSTALLED[kind]()))
        databases.settle(name)
    else:
        grow(environment, name, *GROWN[kind])


def grow(environment, name, source, work, title):
    """A clone of the database of the kind ``source``, modules installed on it or a
    script run."""
    origin = ensure(environment, source)
    log = layout.folder("log") / f"{name}.log"
    with step(title), databases.build(name, origin) as building:
        if isinstance(work, Path):
            environment.run_script(building, work, log=log)
        else:
            environment.install(building, work, log=log, strict=False)
        databases.settle(building)
