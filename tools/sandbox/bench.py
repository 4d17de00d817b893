"""``make bench``: each ``tests/bench_*.py`` in Odoo's shell, on a clean database."""

from . import addons, layout
from .console import SandboxError, step
from .lanes import database_name


def run(environment):
    """The scripts print their medians themselves."""
    scripts = sorted((layout.CHECKOUT / "tests").glob("bench_*.py"))
    if not scripts:
        raise SandboxError("There is no benchmark in tests/.")
    prepared = database_name("bench")
    log = layout.folder("log") / f"{prepared}.log"
    environment.create_database(prepared, ",".join(addons.to_install()))
    for script in scripts:
        with step(script.stem):
            environment.run_script(prepared, script, log=log)
