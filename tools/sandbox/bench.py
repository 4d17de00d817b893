"""``make bench``: each ``tests/bench_*.py`` in Odoo's shell, on clean databases."""

from . import databases, layout, prepared
from .console import SandboxError, step


def run(environment):
    """The scripts print their figures themselves; ``PLAIN_DATABASE`` names a database
    without the add-ons, for those that compare."""
    scripts = sorted((layout.CHECKOUT / "tests").glob("bench_*.py"))
    if not scripts:
        raise SandboxError("There is no benchmark in tests/.")
    names = clone_both(environment, "bench")
    log = layout.folder("log") / f"{names['installed']}.log"
    for script in scripts:
        with step(script.stem):
            environment.run_script(
                names["installed"],
                script,
                log=log,
                env={"PLAIN_DATABASE": names["plain"]},
            )


def clone_both(environment, purpose):
    """``{kind: name}`` of a database with the add-ons and of one without them."""
    names = {}
    for kind in ("installed", "plain"):
        names[kind] = databases.test_name(f"{purpose}_{kind}")
        source = prepared.ensure(environment, kind)
        databases.clone(environment.settings, source, names[kind])
    return names
