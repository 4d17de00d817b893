"""The database with demo data: installed once, kept, cloned for each run.

A comment on it says from what it was made. ``-u`` carries changed models, views and
translations of an add-on into it. Demo data, other data that no update touches, hooks
and dependencies act at an installation only: when these change, all is installed anew.
"""

import json

from . import addons, checklog, databases, layout
from .console import SandboxError, say, step

KEPT = "service_demo_kept"
# Odoo's apps that nobody here needs stay away: a third of the time to install, and of
# what each server loads
LEAN = "--skip-auto-install"
# the first of them becomes the language of every user
LANGUAGES = "en_US,fr_FR,sk_SK"
AT_INSTALLATION = ("auto_install", "demo", "depends", "external_dependencies")
NO_UPDATE = b'noupdate="1"'


def prepare(environment, name):
    """Make ``name`` anew: a clone of the kept database, which is brought up to date."""
    with layout.lock(KEPT):
        refresh(environment)
        with step(f"database {name}, cloned from {KEPT}"):
            databases.clone(environment.settings, KEPT, name)


def refresh(environment):
    kept, wanted = read_description(environment.settings), describe(environment)
    if kept.get("base") != wanted["base"]:
        return install(environment, wanted)
    if changed := find_changed(kept, wanted):
        update(environment, wanted, changed)


# -- what it is made from ------------------------------------------------------


def describe(environment):
    """Hashes of what only an installation brings in, and of each add-on's files."""
    manifests = addons.read_manifests()
    base = [environment.key(LEAN, LANGUAGES), *addons.without_neighbours()]
    base += [hash_seed(name, manifest) for name, manifest in manifests.items()]
    return {
        "base": addons.hash_parts(base),
        "addons": {
            name: addons.hash_files(addons.list_loaded(name)) for name in manifests
        },
    }


def hash_seed(name, manifest):
    """Changes with all that acts on a database only when ``name`` is installed."""
    demo = {layout.CHECKOUT / name / path for path in manifest.get("demo", [])}
    files = [
        path for path in addons.list_loaded(name) if path in demo or acts_once(path)
    ]
    facts = [repr(manifest.get(key)) for key in AT_INSTALLATION]
    return addons.hash_parts([name, *facts, addons.hash_files(files)])


def acts_once(path):
    return path.name == "hooks.py" or NO_UPDATE in path.read_bytes()


def find_changed(kept, wanted):
    return [
        name
        for name, key in wanted["addons"].items()
        if kept["addons"].get(name) != key
    ]


def read_description(settings):
    return json.loads(databases.read_comment(settings, KEPT) or "{}")


# -- how it is made ------------------------------------------------------------


def install(environment, wanted):
    modules = ",".join(addons.without_neighbours())
    building = f"{KEPT}_building"
    databases.drop(environment.settings, building)
    with step(f"demo data and all add-ons: -i {modules}"):
        run(
            environment,
            wanted,
            *("-i", modules, LEAN, "--with-demo", f"--load-language={LANGUAGES}"),
        )


def update(environment, wanted, changed):
    """Let Odoo update the add-ons; where it cannot, they are installed anew."""
    modules = ",".join(changed)
    try:
        with step(f"update of what changed since: -u {modules}"):
            databases.clone(environment.settings, KEPT, f"{KEPT}_building")
            run(environment, wanted, "-u", modules, "--i18n-overwrite")
    except SandboxError as error:
        say(f"         not possible, so all is installed anew: {error}")
        install(environment, wanted)


def run(environment, wanted, *options):
    """Run Odoo on the unfinished database; it is kept if the log has no problem.

    Demo data that cannot be loaded is only a warning to Odoo; here it is an error.
    """
    building = f"{KEPT}_building"
    log = layout.folder("log") / f"{KEPT}.log"
    code = environment.run(
        *("-d", building, *options, "--no-http", "--stop-after-init"), log=log
    )
    if code or checklog.check_file(log):
        environment.refuse(options[1], log)
    databases.set_comment(environment.settings, building, json.dumps(wanted))
    databases.drop(environment.settings, KEPT)
    databases.rename(environment.settings, building, KEPT)
