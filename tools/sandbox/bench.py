"""``make bench``: each ``tests/bench_*.py`` in Odoo's shell, on a clean database."""

from . import databases, layout, prepared
from .console import SandboxError, step


def run(environment):
    """The scripts print their medians themselves."""
    scripts = sorted((layout.CHECKOUT / "tests").glob("bench_*.py"))
    if not scripts:
        raise SandboxError("There is no benchmark in tests/.")
    database = databases.test_name("bench")
    log = layout.folder("log") / f"{database}.log"
    installed = prepared.ensure(environment, "installed")
    databases.clone(environment.settings, installed, database)
    for script in scripts:
        with step(script.stem):
            environment.run_script(database, script, log=log)
