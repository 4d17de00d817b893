"""``make demo``: fresh database with demo data, the main job, a running server."""

import shutil

from . import addons, layout, server
from .console import SandboxError, say, step

SCRIPT = layout.CHECKOUT / "tools" / "demo.py"


def run(environment, database):
    """Make ``database`` anew, let the script do the job, print what it printed.

    The server runs before the script, because wkhtmltopdf asks it for style sheets.
    The script finds the folder for its files in the variable ``DEMO_OUT``.
    """
    if not SCRIPT.exists():
        raise SandboxError(f"{SCRIPT.name} is missing in {SCRIPT.parent}.")
    running = server.Server(environment, "server")
    running.stop()
    prepare_database(environment, database)
    running.start(database)
    out = layout.home() / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    play(environment, database, out)
    say(f"         files in {out}")
    server.announce(running)


def prepare_database(environment, database):
    modules = ",".join(addons.to_install())
    environment.create_database(database, modules, demo=True)


def play(environment, database, out):
    """Run the script; what it prints is shown, Odoo's log is kept apart."""
    with step("the main job: invoices, mass run, prints"):
        log = layout.folder("log") / f"{database}-demo.log"
        environment.run_script(database, SCRIPT, log=log, env={"DEMO_OUT": str(out)})
