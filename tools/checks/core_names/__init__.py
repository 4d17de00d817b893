"""Names of Odoo that our add-ons rely on, against the Odoo which is given.

Only what is certain is told: where the model of an expression cannot be known, nothing
is said about its names. Both are read as text; nothing of Odoo runs.
"""

import contextlib
import gc

from .addons import Tree
from .data import check_data
from .imports import ImportCheck, Modules, check_scripts
from .inference import Inference
from .models import Registry, read_orm
from .python import PythonCheck
from .report import Report
from .xmlids import Ids


@contextlib.contextmanager
def no_collector():
    """Syntax trees are many and none is garbage: looking for it takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@no_collector()
def examine(root, source):
    """The report on the add-ons at ``root`` over the Odoo at ``source``."""
    tree, report = Tree(root, source), Report(root)
    orm, modules = read_orm(tree), Modules(tree)
    for addon in tree.own:
        check_depends(tree, report, addon)
        loaded = tree.list_loaded(addon)
        registry, ids = Registry(orm, loaded), Ids(loaded)
        inference = Inference(registry)
        for path, module in {**addon.modules, **addon.tests}.items():
            imports = ImportCheck(modules, report, path)
            PythonCheck(inference, ids, imports, report, path).visit(module)
        check_scripts(tree, report, addon)
        check_data(registry, ids, report, addon, loaded)
    return report


def check_depends(tree, report, addon):
    for name in addon.depends:
        if not tree.find(name):
            path = addon.path / "__manifest__.py"
            report.lack(path, 1, f"depends on {name}: Odoo has no such add-on")


def run(root, source, show=False):
    """Print what is lacking, and with ``show`` what is relied on; 1 if any lacks."""
    report = examine(root, source)
    if show:
        print("\n".join(report.list_relied()))
    print("\n".join(report.findings) or "Odoo has every name, as far as can be read.")
    print(f"{report.count_relied()} names relied on, {len(report.findings)} findings")
    return 1 if report.findings else 0
