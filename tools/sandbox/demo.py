"""``make demo``: fresh database with demo data, the main job, a running server."""

import shutil
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from . import demo_database, layout, server
from .console import SandboxError, say, step

SCRIPT = layout.CHECKOUT / "tools" / "demo.py"
# the styles of all prints, whatever their version is
STYLES = (
    "/web/assets/any/web.report_assets_common.autoprefixed.min.css",
    "/web/assets/any/web.report_assets_pdf.autoprefixed.min.css",
)


def run(environment, database):
    """Make ``database`` anew, let the script do the job, print what it printed.

    The server starts beside the script, which waits for it before it prints, because
    wkhtmltopdf asks it for style sheets: the server makes these in the meantime.
    """
    if not SCRIPT.exists():
        raise SandboxError(f"{SCRIPT.name} is missing in {SCRIPT.parent}.")
    running = server.Server(environment, "server")
    running.stop()
    demo_database.prepare(environment, database)
    out = layout.home() / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    running.launch(database)
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
