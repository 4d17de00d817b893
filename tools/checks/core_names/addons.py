"""Add-ons on disk: those of an Odoo source, and ours; in the order they load."""

import ast
from functools import cached_property
from pathlib import Path

from ...sandbox.addons import OUTSIDE

LEFT_OUT = {"tests", "migrations", "upgrades", "static"}


class Addon:
    """One folder with a manifest."""

    def __init__(self, path, is_core):
        self.path = path
        self.name = path.name
        self.is_core = is_core

    @cached_property
    def manifest(self):
        return ast.literal_eval((self.path / "__manifest__.py").read_text())

    @property
    def depends(self):
        return self.manifest.get("depends", []) if self.name != "base" else []

    @cached_property
    def modules(self):
        """Its Python files but tests, parsed: ``{path: tree}``."""
        return {path: parse(path) for path in self.list_python() if is_code(path, self)}

    @cached_property
    def tests(self):
        paths = self.path.glob("tests/**/*.py")
        return {path: parse(path) for path in sorted(paths)}

    def list_python(self):
        return sorted(self.path.rglob("*.py"))

    def list_data(self, *suffixes):
        """Data and demo files which the manifest names, those that exist."""
        names = [*self.manifest.get("data", []), *self.manifest.get("demo", [])]
        paths = [self.path / name for name in names if name.endswith(suffixes)]
        return [path for path in paths if path.is_file()]


def is_code(path, addon):
    parts = path.relative_to(addon.path).parts
    return not LEFT_OUT.intersection(parts) and path.name != "__manifest__.py"


def parse(path):
    return ast.parse(path.read_text())


class Tree:
    """Odoo at ``source`` and the add-ons at ``root``."""

    def __init__(self, root, source):
        self.source = Path(source)
        self.root = Path(root)
        self.known = {}

    @cached_property
    def own(self):
        """Our add-ons, but for those that stand on add-ons of others, too: only their
        tests can tell."""
        manifests = sorted(self.root.glob("*/__manifest__.py"))
        found = [Addon(path.parent, False) for path in manifests]
        return [addon for addon in found if not set(OUTSIDE) & set(addon.depends)]

    def find(self, name):
        """The add-on ``name``, or None; a packaged Odoo has all beside base."""
        if name not in self.known:
            core = [self.source / "odoo" / "addons", self.source / "addons"]
            paths = [folder / name for folder in core]
            found = [path for path in paths if (path / "__manifest__.py").exists()]
            addon = Addon(found[0], True) if found else None
            own = (addon for addon in self.own if addon.name == name)
            self.known[name] = next(own, addon)
        return self.known[name]

    def list_loaded(self, addon):
        """What is loaded before ``addon``, and it: base first."""
        loaded = {}

        def load(name):
            found = self.find(name)
            if found and name not in loaded:
                for needed in found.depends:
                    load(needed)
                loaded[name] = found

        load("base")
        load("web")  # installs itself everywhere
        load(addon.name)
        return list(loaded.values())

    def list_core_python(self, *names):
        return {name: parse(self.source / name) for name in names}
