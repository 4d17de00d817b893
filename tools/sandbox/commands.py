"""The commands behind the Makefile."""

import argparse
import os
import subprocess
import sys

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
    ports,
    postgres,
    runner,
    server,
)
from .console import SandboxError, say

DEMO_DATABASE = "service_demo"


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    functions = (
        prepare,
        run_demo,
        run_tests,
        run_lint,
        run_core_names,
        run_bench,
        serve,
        stop,
        shell,
        test_module,
    )
    for function in functions:
        name = function.__name__.removeprefix("run_").replace("_", "-")
        commands.add_parser(name, help=function.__doc__).set_defaults(run=function)
    return parser.parse_args(arguments).run()


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


def run_bench():
    """What ordinary work costs with and without us, and a mass run core's way."""
    return bench.run(odoo.ensure())


def serve():
    """A server on the database DB, made with all add-ons if it is not there."""
    name = os.environ.get("DB") or DEMO_DATABASE
    environment = odoo.ensure()
    if not databases.exists(environment.settings, name):
        environment.create_database(name, ",".join(addons.to_install()))
    running = server.Server(environment, "server").ensure(name)
    server.announce(running)


def stop():
    """Stop the servers of this sandbox, PostgreSQL too."""
    server.stop_all()
    if not postgres.read_settings(os.environ) and postgres.Embedded().stop():
        say("         stopped PostgreSQL")


def shell():
    """Python shell of Odoo on the database DB; a script may come by stdin."""
    name = required("DB", "make shell DB=service_demo")
    environment = odoo.ensure()
    if not databases.exists(environment.settings, name):
        raise SandboxError(f"There is no database {name}; make serve DB={name}")
    command = environment.command("-d", name, "--no-http", sub=["shell"])
    return subprocess.call([str(part) for part in command], env=environment.env)


def test_module():
    """Install MODULES on a fresh clone DB and run the tests of TAGS.

    With KEEP the database is taken as it is, and the tests begin at once.
    """
    example = "make test-module MODULES=service_invoicing DB=mine"
    modules = required("MODULES", example)
    name = os.environ.get("DB") or f"test_{modules.replace(',', '_')}"
    tags = os.environ.get("TAGS") or ",".join(f"/{m}" for m in modules.split(","))
    environment = odoo.ensure()
    install = []
    if not os.environ.get("KEEP") or not databases.exists(environment.settings, name):
        environment.clone_template(name)
        install = ["-i", modules]
    port = ports.pick(lanes.FIRST_PORT - lanes.PORTS_PER_WORKER)
    databases.set_address(environment.settings, name, port, lanes.REPORT_PORT)
    command = environment.command(
        *("-d", name, *install, f"--test-tags={tags}", "--stop-after-init"),
        *(f"--http-port={port}", lanes.STATISTICS),
    )
    say(f"         {' '.join(install)} tests {tags}, database {name}")
    sys.stdout.flush()
    return subprocess.call(
        [str(part) for part in command], env=environment.env, cwd=layout.CHECKOUT
    )
