"""A running Odoo server: started, waited for, stopped."""

import subprocess
import time
import urllib.error
import urllib.request

from . import databases, layout, processes
from .console import SandboxError, say, step, tail

USUAL_PORT = 8069
START_SECONDS = 120
# without one nothing scheduled runs: a mass run of many lines would wait for ever
SCHEDULING = "--max-cron-threads=1"


class Server:
    """One Odoo server on one database; ``name`` names its pid file and its log."""

    def __init__(self, odoo, name, usual_port=USUAL_PORT):
        self.odoo = odoo
        self.name = name
        self.usual_port = usual_port
        self.pid_file = processes.PidFile(layout.folder("run") / f"{name}.json")
        self.log = layout.folder("log") / f"{name}.log"

    @property
    def facts(self):
        """``pid``, ``port`` and ``database`` while the server runs, else empty."""
        return self.pid_file.read()

    @property
    def url(self):
        return f"http://{processes.HOST}:{self.facts['port']}"

    def ensure(self, database):
        """Start the server on ``database``, its jobs too, unless it runs already."""
        facts = self.facts
        if facts.get("database") == database and answers(self.url):
            return self
        self.stop()
        return self.start(database, SCHEDULING)

    def start(self, database, *options):
        with step(f"server on database {database}"):
            self.launch(database, *options)
            self.wait()
        return self

    def launch(self, database, *options):
        """Start the server without waiting until it answers."""
        port = processes.pick_port(self.usual_port)
        databases.set_address(database, port)
        command = self.odoo.command(
            *("-d", database, f"--db-filter=^{database}$"),
            *(f"--http-port={port}", *options),
        )
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.odoo.env,
                # not ended with the terminal that it was started at
                start_new_session=True,
            )
        self.pid_file.write(process.pid, port=port, database=database)

    def wait(self):
        """Return when the server answers; raise with its last lines if it died."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.facts:
                break
            if answers(self.url):
                return
            time.sleep(0.3)
        self.stop()
        raise SandboxError(
            f"The server did not start; see {self.log}\n"
            f"{tail(self.log.read_text(errors='replace'))}"
        )

    def stop(self):
        """True if a server was running."""
        return self.pid_file.stop()


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/web/health", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def stop_all():
    """Stop every server of this sandbox, whatever started it."""
    for path in sorted(layout.folder("run").glob("*.json")):
        if processes.PidFile(path).stop():
            say(f"         stopped the server {path.stem}")


def announce(running):
    say(f"         {running.url}/odoo   login admin, password admin")
    say("         make stop ends it")
