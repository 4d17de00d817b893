"""Odoo as a program: its environment, its configuration, its templates."""

import hashlib
import os
import subprocess
import sys

from . import checklog, databases, layout, odoo_source, postgres, venv, wkhtmltopdf
from .console import SandboxError, run, step, tail

BASE_MODULES = "account,account_fleet"
TIMED_OUT = 124  # as the program timeout has it
CONFIGURATION = """[options]
data_dir = {data}
list_db = False
http_interface = 127.0.0.1
limit_time_real = 3600
limit_time_cpu = 3600
max_cron_threads = 0
"""


class Odoo:
    """Odoo 19 ready to run: source, PostgreSQL, wkhtmltopdf, configuration."""

    def __init__(self, source, settings, binaries):
        self.source = source
        self.settings = settings
        self.binaries = binaries
        self.configuration = layout.folder() / "odoo.conf"

    @property
    def env(self):
        """Variables of every Odoo process: nothing of the user's leaks in."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PG", "ODOO_", "PYTHON"))
        }
        path = [self.binaries, f"{sys.prefix}/bin", kept.get("PATH", os.defpath)]
        return {
            **kept,
            **self.settings,
            "PATH": os.pathsep.join(map(str, path)),
            "PYTHONPATH": str(self.source.root),
            "PYTHONPYCACHEPREFIX": str(layout.folder("pycache")),
            "PYTHONUNBUFFERED": "1",
        }

    def command(self, *arguments, sub=()):
        """The command line of Odoo with add-ons taken from this checkout."""
        return [
            *(sys.executable, "-m", "odoo", *sub),
            *("-c", self.configuration),
            self.addons_option,
            *arguments,
        ]

    @property
    def addons_option(self):
        paths = [*self.source.addons_paths, layout.CHECKOUT]
        return f"--addons-path={','.join(map(str, paths))}"

    def write_configuration(self):
        part = self.configuration.with_suffix(".part")
        part.write_text(CONFIGURATION.format(data=databases.data_dir()))
        part.rename(self.configuration)

    def try_once(self):
        """Start Odoo for its version: what this machine lacks shows now, not later."""
        stamp = layout.folder("run") / f"odoo-{self.key()}-starts"
        if not stamp.exists():
            run(
                [sys.executable, "-m", "odoo", "--version"],
                env=self.env,
                hint="Odoo does not start with this Python; see the last line.",
            )
            stamp.touch()

    def run(self, *arguments, log, seconds=None):
        """Run Odoo to its end, its output in the file ``log``; return the code."""
        return self.call(self.command(*arguments), log, seconds)

    def uninstall(self, database, modules, *, log):
        command = [sys.executable, "-m", "odoo", self.addons_option, "module"]
        command += ["uninstall", "-c", self.configuration, "-d", database, *modules]
        return self.call(command, log)

    def call(self, command, log, seconds=None):
        """Return the code of ``command``, or TIMED_OUT when ``seconds`` are over."""
        with log.open("wb") as output:
            try:
                return subprocess.run(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=self.env,
                    timeout=seconds,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                return TIMED_OUT

    def run_script(self, database, script, *, log, env=None):
        """Run the file ``script`` in Odoo's shell; raise if it fails.

        The script sees ``env`` and commits what it wants to keep.  What it prints is
        shown; the log of Odoo goes to the file ``log``.
        """
        command = self.command("-d", database, "--no-http", sub=["shell"])
        with script.open("rb") as stdin, log.open("wb") as errors:
            code = subprocess.run(
                [str(part) for part in command],
                stdin=stdin,
                stderr=errors,
                env={**self.env, **(env or {})},
                check=False,
            ).returncode
        if code:
            lines = tail(log.read_text(errors="replace"))
            raise SandboxError(f"{script.name} failed; see {log}\n{lines}")

    def install(self, database, modules, *, log):
        """Install ``modules``; raise with the reason if Odoo could not."""
        code = self.run(
            *("-d", database, "-i", modules, "--no-http", "--stop-after-init"), log=log
        )
        if code:
            self.refuse(modules, log)

    def refuse(self, modules, log):
        reasons = "\n".join(f"    {line}" for line in checklog.read_reasons(log))
        raise SandboxError(f"{modules} could not be installed; see {log}\n{reasons}")

    def create_database(self, name, modules):
        """Make ``name`` anew with ``modules``; it appears only when it is complete."""
        building = f"{name}_building"
        template = self.ensure_template()
        with step(f"database {name} with {modules}"):
            databases.clone(self.settings, template, building)
            log = layout.folder("log") / f"{name}-install.log"
            self.install(building, modules, log=log)
            if checklog.check_file(log):
                self.refuse(modules, log)
            databases.drop(self.settings, name)
            databases.rename(self.settings, building, name)

    # -- templates -----------------------------------------------------------

    def key(self, *parts):
        """Changes with Odoo's version, the pins of its requirements and ``parts``."""
        text = "\n".join([self.source.version, venv.REQUIREMENTS.read_text(), *parts])
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def template_name(self):
        return f"service_template_{self.key(BASE_MODULES)}"

    def ensure_template(self):
        """Return a database with the dependencies installed, to be cloned."""
        name = self.template_name()
        if not databases.exists(self.settings, name):
            with layout.lock(name):
                if not databases.exists(self.settings, name):
                    self.build_template(name)
        return name

    def build_template(self, name):
        building = f"{name}_building"
        databases.drop(self.settings, building)
        with step(f"template database with {BASE_MODULES}"):
            log = layout.folder("log") / f"{name}.log"
            self.install(building, BASE_MODULES, log=log)
            databases.rename(self.settings, building, name)

    def clone_template(self, name):
        databases.clone(self.settings, self.ensure_template(), name)


def ensure():
    """Everything that a run of Odoo needs, made or started if it is not there."""
    source = odoo_source.ensure()
    odoo = Odoo(source, postgres.ensure(), wkhtmltopdf.ensure())
    odoo.write_configuration()
    odoo.try_once()
    return odoo
