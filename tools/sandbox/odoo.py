"""Odoo as a program: its environment, its configuration, its templates."""

import os
import subprocess
import sys

from . import (
    addons,
    checklog,
    databases,
    layout,
    odoo_source,
    postgres,
    programs,
    venv,
)
from .console import SandboxError, call, run, step, tail

BASE_MODULES = "account,account_fleet"
TIMED_OUT = 124  # as the program timeout has it
# system parameter of each database: the Odoo it was installed or updated with
MADE_WITH = "service_sandbox.odoo"
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

    def __init__(self, source, binaries):
        self.source = source
        self.binaries = binaries
        self.configuration = layout.folder() / "odoo.conf"
        self.program = ["-m", "odoo"]
        self.python_path = [source.root]
        self.more_addons = []

    def beside(self, packages, more_addons):
        """The same Odoo with a folder of Python packages, and one of add-ons, more."""
        other = Odoo(self.source, self.binaries)
        other.python_path = [*self.python_path, packages]
        other.more_addons = [*self.more_addons, more_addons]
        return other

    @property
    def env(self):
        """Variables of every Odoo process: nothing of the user's leaks in."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in postgres.VARIABLES.values()
            or not name.startswith(("PG", "ODOO_", "PYTHON"))
        }
        path = [self.binaries, f"{sys.prefix}/bin", kept.get("PATH", os.defpath)]
        return {
            **kept,
            "PATH": os.pathsep.join(map(str, path)),
            "PYTHONPATH": os.pathsep.join(map(str, self.python_path)),
            "PYTHONPYCACHEPREFIX": str(layout.folder("pycache")),
            "PYTHONUNBUFFERED": "1",
        }

    def command(self, *arguments, sub=()):
        """The command line of Odoo with add-ons taken from this checkout."""
        return [
            *(sys.executable, *self.program, *sub),
            *("-c", self.configuration),
            self.addons_option,
            *arguments,
        ]

    @property
    def addons_option(self):
        paths = [*self.source.addons_paths, layout.CHECKOUT, *self.more_addons]
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

    def run_here(self, *arguments, sub=()):
        """Run Odoo at this terminal; return the code."""
        command = [str(part) for part in self.command(*arguments, sub=sub)]
        return subprocess.call(command, env=self.env, cwd=layout.CHECKOUT)

    def uninstall(self, database, modules, *, log):
        command = [sys.executable, "-m", "odoo", self.addons_option, "module"]
        command += ["uninstall", "-c", self.configuration, "-d", database, *modules]
        return self.call(command, log)

    def call(self, command, log, seconds=None):
        """Return the code of ``command``, or TIMED_OUT when ``seconds`` are over."""
        with log.open("wb") as output:
            try:
                return call(command, output, env=self.env, timeout=seconds).returncode
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

    def install(self, database, modules, *options, log, mode="-i", strict=True):
        """Install ``modules``, or update them with ``-u``; raise with the reason if
        Odoo could not, or was not content."""
        options = [*options, "--no-http", "--stop-after-init"]
        code = self.run("-d", database, mode, modules, *options, log=log)
        if code or (strict and checklog.check_file(log)):
            reasons = "\n".join(f"    {line}" for line in checklog.read_reasons(log))
            raise SandboxError(f"{mode} {modules} failed; see {log}\n{reasons}")
        databases.write_parameters(database, {MADE_WITH: self.source.version})

    def create_database(self, name, modules):
        """Make ``name`` anew with ``modules``; it appears only when it is complete."""
        template = self.ensure_template()
        log = layout.folder("log") / f"{name}-install.log"
        with step(f"database {name} with {modules}"):
            with databases.build(name, template) as building:
                self.install(building, modules, log=log)

    # -- databases made with another Odoo ------------------------------------

    def find_other(self, name):
        """The Odoo which the database ``name`` was made with, if it is not this one."""
        made = databases.read_parameter(name, MADE_WITH)
        return made if made != self.source.version else None

    def refuse_other(self, name):
        if made := self.find_other(name):
            raise SandboxError(
                f"{name} was made with Odoo {made}, and this is {self.source.version} "
                f"at {self.source.root}. Update it by 'make serve DB={name}', or set "
                "ODOO_HOME as it was."
            )

    def update_other(self, name):
        """Let this Odoo update a database that another one has made."""
        if made := self.find_other(name):
            log = layout.folder("log") / f"{name}-update.log"
            with step(f"update of {name} from Odoo {made} to {self.source.version}"):
                with databases.build(name, name) as building:
                    self.install(building, "all", log=log, mode="-u", strict=False)

    # -- templates -----------------------------------------------------------

    def key(self, *parts):
        """Changes with Odoo's version, the pins of its requirements and ``parts``."""
        pins = venv.REQUIREMENTS.read_text()
        return addons.hash_parts([self.source.version, pins, *parts])

    def ensure_template(self):
        """Return a database with the dependencies installed, to be cloned."""
        name = f"service_template_{self.key(BASE_MODULES)}"
        with layout.lock(name):
            if not databases.exists(name):
                log = layout.folder("log") / f"{name}.log"
                with step(f"template database with {BASE_MODULES}"):
                    with databases.build(name) as building:
                        self.install(building, BASE_MODULES, log=log, strict=False)
        return name


def ensure():
    """Everything that a run of Odoo needs, made or started if it is not there."""
    source = odoo_source.ensure()
    postgres.ensure()
    odoo = Odoo(source, programs.ensure_wkhtmltopdf())
    odoo.write_configuration()
    odoo.try_once()
    return odoo
