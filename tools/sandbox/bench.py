"""``make bench``: each ``tests/bench_*.py`` in Odoo's shell, on a clean database."""

from . import addons, layout
from .console import SandboxError, step
from .lanes import database_name


def run(environment):
    """The scripts print their medians themselves."""
    scripts = sorted((layout.CHECKOUT / "tests").glob("bench_*.py"))
    if not scripts:
        raise SandboxError("There is no benchmark in tests/.")
    names = addons.names()
    prepared = database_name("bench")
    log = layout.folder("log") / f"{prepared}.log"
    with step(f"database with {' and '.join(names)}"):
        environment.clone_template(prepared)
        environment.install(prepared, ",".join(names), log=log)
    for script in scripts:
        with step(script.stem):
            environment.run_script(prepared, script, log=log)
