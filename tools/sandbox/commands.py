"""The commands behind the Makefile."""

import argparse
import os
import subprocess
import sys

from . import databases, layout, odoo, ports
from .console import SandboxError, say


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for function in (prepare, shell, test_module):
        name = function.__name__.replace("_", "-")
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


def shell():
    """Python shell of Odoo on the database DB; a script may come by stdin."""
    name = required("DB", "make shell DB=demo")
    environment = odoo.ensure()
    command = environment.command("-d", name, "--no-http", sub=["shell"])
    return subprocess.call([str(part) for part in command], env=environment.env)


def test_module():
    """Install MODULES on a fresh clone DB and run the tests of TAGS."""
    example = "make test-module MODULES=service_invoicing DB=mine"
    modules = required("MODULES", example)
    name = os.environ.get("DB") or f"test_{modules.replace(',', '_')}"
    tags = os.environ.get("TAGS") or ",".join(f"/{m}" for m in modules.split(","))
    environment = odoo.ensure()
    action = "-u"
    if not os.environ.get("KEEP") or not databases.exists(environment.settings, name):
        environment.clone_template(name)
        action = "-i"
    command = environment.command(
        *("-d", name, action, modules, f"--test-tags={tags}", "--stop-after-init"),
        f"--http-port={ports.pick(8070)}",
    )
    say(f"         {action} {modules}, tests {tags}, database {name}")
    sys.stdout.flush()
    return subprocess.call(
        [str(part) for part in command], env=environment.env, cwd=layout.CHECKOUT
    )
