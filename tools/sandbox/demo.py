"""``make demo``: a fresh database with demo data, the main job, a running server.

The database with demo data is installed once, kept and cloned for each run.  It knows
from what it was made.  ``-u`` carries changed models, views and translations of an
add-on into it.  Demo data, other data that no update touches, hooks and dependencies
act at an installation only: when these change, all is installed anew.
"""

import json
import shutil
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from . import addons, databases, layout, server
from .console import SandboxError, say, step

SCRIPT = layout.CHECKOUT / "tools" / "demo.py"
# the styles of all prints, whatever their version is
STYLES = (
    "/web/assets/any/web.report_assets_common.autoprefixed.min.css",
    "/web/assets/any/web.report_assets_pdf.autoprefixed.min.css",
)
KEPT = "service_demo_kept"
# system parameter of the kept database: what it was made from
MADE_FROM = "service_sandbox.made_from"
# Odoo's apps that nobody here needs stay away: a third of the time to install, and of
# what each server loads
LEAN = "--skip-auto-install"
# the first of them becomes the language of every user
LANGUAGES = "en_US,fr_FR,sk_SK"
AT_INSTALLATION = ("auto_install", "demo", "depends", "external_dependencies")
NO_UPDATE = b'noupdate="1"'


def run(environment, database):
    """Make ``database`` anew, let the script do the job, print what it printed.

    The server starts beside the script, which waits for it before it prints, because
    wkhtmltopdf asks it for style sheets: the server makes these in the meantime.
    """
    running = server.Server(environment, "server")
    running.stop()
    prepare(environment, database)
    out = layout.home() / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    running.launch(database, server.SCHEDULING)
    with ThreadPoolExecutor() as pool:
        serving = pool.submit(serve_styles, running)
        play(environment, database, out, url=running.url)
        serving.result()
    say(f"         files in {out}")
    server.announce(running)


def serve_styles(running):
    running.wait()
    for path in STYLES:
        urllib.request.urlopen(running.url + path, timeout=60).close()


def play(environment, database, out, url=""):
    """Run the script; what it prints is shown, Odoo's log is kept apart.

    It finds the folder for its files in the variable ``DEMO_OUT``, and the address of
    the server it has to wait for in ``DEMO_SERVER``.
    """
    with step("the main job: invoices, mass run, prints"):
        log = layout.folder("log") / f"{database}-demo.log"
        variables = {"DEMO_OUT": str(out), "DEMO_SERVER": url}
        environment.run_script(database, SCRIPT, log=log, env=variables)


# -- the kept database ---------------------------------------------------------------


def prepare(environment, name):
    """Make ``name`` anew: a clone of the kept database, which is brought up to date."""
    with layout.lock(KEPT):
        refresh(environment)
        with step(f"database {name}, cloned from {KEPT}"):
            databases.clone(KEPT, name)


def refresh(environment):
    kept, wanted = read_description(), describe(environment)
    if kept.get("base") != wanted["base"]:
        return install(environment, wanted)
    if changed := find_changed(kept, wanted):
        update(environment, wanted, changed)


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


def read_description():
    return json.loads(databases.read_parameter(KEPT, MADE_FROM) or "{}")


def install(environment, wanted):
    modules = ",".join(addons.without_neighbours())
    with step(f"demo data and all add-ons: -i {modules}"):
        options = [LEAN, "--with-demo", f"--load-language={LANGUAGES}"]
        run_odoo(environment, wanted, "-i", modules, *options)


def update(environment, wanted, changed):
    """Let Odoo update the add-ons; where it cannot, they are installed anew."""
    modules = ",".join(changed)
    try:
        with step(f"update of what changed since: -u {modules}"):
            run_odoo(environment, wanted, "-u", modules, "--i18n-overwrite")
    except SandboxError as error:
        say(f"         not possible, so all is installed anew: {error}")
        install(environment, wanted)


def run_odoo(environment, wanted, mode, modules, *options):
    """Demo data that cannot be loaded is a warning to Odoo; here it is an error."""
    log = layout.folder("log") / f"{KEPT}.log"
    source = KEPT if mode == "-u" else None
    with databases.build(KEPT, source) as building:
        environment.install(building, modules, *options, log=log, mode=mode)
        databases.write_parameters(building, {MADE_FROM: json.dumps(wanted)})
