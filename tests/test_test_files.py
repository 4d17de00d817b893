"""Odoo runs only what the package of an add-on's tests imports."""

import ast
from pathlib import Path

import pytest

from tools.sandbox import addons

ROOT = Path(__file__).resolve().parent.parent


def list_imported(folder):
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    nodes = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    return {alias.name for node in nodes for alias in node.names}


@pytest.mark.parametrize("addon", addons.names())
def test_every_test_file_of_an_addon_is_run(addon):
    folder = ROOT / addon / "tests"
    files = [path.stem for path in folder.rglob("test_*.py")]
    assert files
    # all modules are members of one package there
    assert sorted(files) == sorted(list_imported(folder))


@pytest.mark.parametrize("addon", addons.names())
def test_tests_stand_in_packages_named_as_those_of_the_models(addon):
    packages = {path.parent.name for path in (ROOT / addon / "tests").glob("*/*.py")}
    models = {path.parent.name for path in (ROOT / addon / "models").glob("*/*.py")}
    assert packages <= models
