"""The commands behind the Makefile, which tells what each of them does."""

import os

from ..checks import core_names
from . import (
    addons,
    bench,
    databases,
    demo,
    lanes,
    layout,
    lint,
    odoo,
    odoo_source,
    outside,
    postgres,
    processes,
    runner,
    server,
)
from .console import SandboxError, say, step

DEMO_DATABASE = "service_demo"
# parameter of a database for tests: what its add-ons were loaded from
LOADED = "service_sandbox.loaded"


def required(name, example):
    value = os.environ.get(name)
    if not value:
        raise SandboxError(f"{name} is not set; for example: {example}")
    return value


def prepare():
    """Make everything ready: Odoo, PostgreSQL, template database."""
    odoo.ensure().ensure_template()


def run_demo():
    """The main job on a fresh database with demo data; leaves a server running."""
    return demo.run(odoo.ensure(), os.environ.get("DB") or DEMO_DATABASE)


def run_tests():
    """Everything that is checked, or only the lanes named in LANE."""
    only = [name for name in os.environ.get("LANE", "").split(",") if name]
    return runner.run_all(only)


def run_lint():
    """Style, conventions and manifests; FIX=1 repairs what can be repaired."""
    return lint.run(fix=bool(os.environ.get("FIX")))


def run_core_names():
    """Names of Odoo that we rely on and its source lacks; LIST=1 lists all."""
    source = odoo_source.ensure()
    show = bool(os.environ.get("LIST"))
    return core_names.run(layout.CHECKOUT, source.root, show)


def serve():
    """A server on the database DB, made with all add-ons if it is not there."""
    name = os.environ.get("DB") or DEMO_DATABASE
    environment = odoo.ensure()
    running = server.Server(environment, "server")
    if not databases.exists(name):
        environment.create_database(name, ",".join(addons.to_install()))
    elif environment.find_other(name):
        running.stop()
        environment.update_other(name)
    server.announce(running.ensure(name))


def stop():
    """Stop the servers of this sandbox, PostgreSQL too."""
    server.stop_all()
    if not postgres.read_settings(os.environ) and postgres.Embedded().stop():
        say("         stopped PostgreSQL")


def shell():
    """Python shell of Odoo on the database DB; a script may come by stdin."""
    name = required("DB", "make shell DB=service_demo")
    environment = odoo.ensure()
    if not databases.exists(name):
        raise SandboxError(f"There is no database {name}; make serve DB={name}")
    environment.refuse_other(name)
    return environment.run_here("-d", name, "--no-http", sub=["shell"])


def test_module():
    """Install MODULES on a fresh clone DB and run the tests of TAGS.

    With KEEP the database is taken as it is, and the tests begin at once: unless what
    Odoo loads into it has changed since it was made here, then that is updated first.
    """
    example = "make test-module MODULES=service_invoicing DB=mine"
    modules = required("MODULES", example)
    name = os.environ.get("DB") or f"test_{modules.replace(',', '_')}"
    tags = os.environ.get("TAGS") or ",".join(f"/{m}" for m in modules.split(","))
    environment = odoo.ensure()
    if set(modules.split(",")) & set(addons.needing(addons.OUTSIDE)):
        environment = outside.beside(environment)
    install, loaded = [], addons.hash_all_loaded()
    if os.environ.get("KEEP") and databases.exists(name):
        environment.refuse_other(name)
        if databases.read_parameter(name, LOADED) not in (None, loaded):
            log = layout.folder("log") / f"{name}-update.log"
            with step(f"database {name}, brought up to date"):
                environment.install(name, addons.BASE_ADDON, log=log, mode="-u")
    else:
        databases.clone(environment.ensure_template(), name)
        install = ["-i", modules]
    databases.write_parameters(name, {LOADED: loaded})
    port = processes.pick_port(lanes.FIRST_PORT - lanes.PORTS_PER_WORKER)
    databases.set_address(name, port, lanes.REPORT_PORT)
    say(f"         {' '.join(install)} tests {tags}, database {name}")
    return environment.run_here(
        *("-d", name, *install, f"--test-tags={tags}", "--stop-after-init"),
        *(f"--http-port={port}", lanes.STATISTICS),
    )


COMMANDS = {
    "prepare": prepare,
    "demo": run_demo,
    "tests": run_tests,
    "lint": run_lint,
    "core-names": run_core_names,
    "bench": bench.run,
    "serve": serve,
    "stop": stop,
    "shell": shell,
    "test-module": test_module,
}
