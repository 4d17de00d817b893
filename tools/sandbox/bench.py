"""``make bench``: each ``tests/bench_*.py`` in Odoo's shell, on a clean database."""

from . import addons, databases, layout
from .console import SandboxError, step


def run(environment):
    """The scripts print their medians themselves."""
    scripts = sorted((layout.CHECKOUT / "tests").glob("bench_*.py"))
    if not scripts:
        raise SandboxError("There is no benchmark in tests/.")
    prepared = databases.test_name("bench")
    log = layout.folder("log") / f"{prepared}.log"
    environment.create_database(prepared, ",".join(addons.to_install()))
    for script in scripts:
        with step(script.stem):
            environment.run_script(prepared, script, log=log)
