"""The order in which an add-on's models are built up.

``models/__init__.py`` names packages from the lowest to the highest; later packages
extend earlier ones. Of two methods of one model with the same name the last one loaded
is called first, and calls the others by ``super()``: so the order of loading decides
what is called at all.
"""

import ast
import re
from collections import defaultdict
from typing import NamedTuple

from .files import list_files

MODELS = "models"
# core's names, of any model or of one of its own: whose method is called cannot be
# read off
CORE_NAMES = {"create", "write", "unlink", "copy", "copy_data", "search", "default_get"}
CORE_NAMES |= {"_get_fiscal_position"}
# methods that say the names of others, in the order in which these are called
WRITTEN_LIST = re.compile(r"_get_\w+_(steps|checks|phases)")


class Method(NamedTuple):
    """A method of a model, and where it stands."""

    model: str
    name: str
    path: object
    node: ast.FunctionDef

    @property
    def calls_super(self):
        return any(
            isinstance(node, ast.Name) and node.id == "super"
            for node in ast.walk(self.node)
        )


class AddOn:
    """The model files of one add-on, in the order in which they load."""

    def __init__(self, folder, root):
        self.folder, self.root = folder, root
        self.paths = []
        self.load(folder / "__init__.py", set())
        self.trees = {path: ast.parse(path.read_text()) for path in self.paths}
        self.packages = {
            path.parent: number
            for number, path in enumerate(self.paths)
            if path.parent.parent == folder / MODELS
        }
        self.methods = [
            method
            for path, tree in self.trees.items()
            for method in list_methods(path, tree)
        ]

    def load(self, path, seen):
        """Follow the imports as Python does: what a file imports loads before it."""
        if path in seen:
            return
        seen.add(path)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                base = path.parents[node.level - 1]
                base = base.joinpath(*(node.module or "").split("."))
                for found in (base, *(base / alias.name for alias in node.names)):
                    for file in (found / "__init__.py", found.with_suffix(".py")):
                        if file.is_file():
                            self.load(file, seen)
        if path.name != "__init__.py":
            self.paths.append(path)

    def name(self, path, node):
        return f"{path.relative_to(self.root)}:{node.lineno}"

    def find_cut_off(self, known):
        """What loads before a method that does not call it is never called.

        :param dict known: model and name → place of the method that loads first, also
            in the add-ons that this one builds on
        """
        for method in self.methods:
            key = method.model, method.name
            place = self.name(method.path, method.node)
            other = known.setdefault(key, place)
            if other != place and not method.calls_super:
                yield f"{place}: {'.'.join(key)} without super() cuts off {other}"

    def find_doubled(self):
        """In one package a model has one method of a name."""
        known = {}
        for method in self.methods:
            if method.path.parent in self.packages:
                key = method.path.parent, method.model, method.name
                other = known.setdefault(key, method)
                if other is not method:
                    yield (
                        f"{self.name(method.path, method.node)}: {method.model}."
                        f"{method.name} stands in this package already: "
                        f"{self.name(other.path, other.node)}"
                    )

    def find_upward_calls(self):
        """A method that one package alone defines is called from it or later ones.

        What calls ``super()`` there is core's: whoever calls it does not mean ours.
        """
        homes = defaultdict(set)
        for method in self.methods:
            home = None if method.calls_super else method.path.parent
            homes[method.name].add(home)
        for path, tree in self.trees.items():
            if path.parent not in self.packages:
                continue
            for node in ast.walk(tree):
                name = isinstance(node, ast.Call) and getattr(node.func, "attr", "")
                if not name or name in CORE_NAMES or len(homes.get(name, ())) != 1:
                    continue
                (home,) = homes[name]
                if self.packages.get(home, -1) > self.packages[path.parent]:
                    yield (
                        f"{self.name(path, node)}: {name} stands in the later package "
                        f"{home.name}"
                    )

    def find_dialogs(self):
        """Dialogs stand among the wizards, where linters look for them."""
        for path, tree in self.trees.items():
            for node in tree.body:
                if (
                    path.parent in self.packages
                    and isinstance(node, ast.ClassDef)
                    and any("TransientModel" in ast.unparse(b) for b in node.bases)
                    and read_model(node) != "res.config.settings"
                ):
                    yield f"{self.name(path, node)}: a dialog belongs into wizards/"

    def find_imported_constants(self):
        """Constants stand in ``tools``: an import from a model file would load it."""
        for path, tree in self.trees.items():
            for node in tree.body:
                if (
                    path.parent in self.packages
                    and isinstance(node, ast.ImportFrom)
                    and not (node.module or "").split(".")[0] == "tools"
                    and node.level
                    and any(alias.name.isupper() for alias in node.names)
                ):
                    yield f"{self.name(path, node)}: constants belong into tools/"

    def find_missing_names(self, names):
        """What a written list names exists, here or in an add-on below.

        :param set names: of all methods of all add-ons
        """
        for method in self.methods:
            if WRITTEN_LIST.fullmatch(method.name):
                for node in ast.walk(method.node):
                    if isinstance(node, ast.List):
                        for item in node.elts:
                            name = getattr(item, "value", None)
                            if isinstance(name, str) and name not in names:
                                place = self.name(method.path, item)
                                yield f"{place}: there is no method {name}"


def find(root):
    addons = [AddOn(folder, root) for folder in list_addons(root)]
    names = {method.name for addon in addons for method in addon.methods}
    known, findings = {}, []
    for addon in addons:
        findings += addon.find_missing_names(names)
        findings += addon.find_cut_off(known)
        findings += addon.find_doubled()
        findings += addon.find_dialogs()
        findings += addon.find_imported_constants()
        findings += addon.find_upward_calls()
    return findings


def list_addons(root):
    """Folders of the add-ons, each after those it builds on."""
    depends = {
        path.parent.name: set(ast.literal_eval(path.read_text()).get("depends", ()))
        for path in list_files(root, ":(glob)*/__manifest__.py")
    }
    ordered = []
    while left := [name for name in depends if name not in ordered]:
        ordered += [name for name in left if not depends[name] & set(left)]
    return [root / name for name in ordered]


def list_methods(path, tree):
    """The methods of the classes that define or extend one model."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and (model := read_model(node)):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield Method(model, method.name, path, method)


def read_model(node):
    """Name of the model, else what it extends; None for other classes."""
    values = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(
            statement.value, ast.Constant
        ):
            values[statement.targets[0].id] = statement.value.value
    return values.get("_name") or values.get("_inherit")
