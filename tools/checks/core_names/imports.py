"""What we import from Odoo, in Python and in JavaScript."""

import ast
import re

from .addons import parse
from .models import FUNCTIONS
from .signatures import accepts_call, show

SCRIPT_IMPORT = re.compile(r'import\s*\{([^}]*)\}\s*from\s*"@(\w+)/([\w/.-]+)"')
EXPORTED = r"export\s[^;(=]*\b{}\b|export\s*\*"


class Modules:
    """Python modules of an Odoo source, with the names at their top."""

    def __init__(self, tree):
        self.tree = tree
        self.trees, self.tops = {}, {}

    def find(self, module):
        """The file or folder of ``odoo.a.b``, or None."""
        parts = module.split(".")[1:]
        base = self.tree.source / "odoo"
        if parts[:1] == ["addons"] and len(parts) > 1:
            addon = self.tree.find(parts[1])
            base, parts = (addon.path, parts[2:]) if addon else (base, parts)
        path = base.joinpath(*parts)
        files = [path.with_name(f"{path.name}.py"), path / "__init__.py"]
        found = [file for file in files if file.exists()]
        return found[0] if found else (path if path.is_dir() else None)

    def is_ours(self, module):
        parts = module.split(".")
        addon = self.tree.find(parts[2]) if len(parts) > 2 else None
        return bool(addon) and not addon.is_core

    def is_left_out(self, module):
        """Some packages of Odoo come without tests."""
        head, part, _rest = f"{module}.".partition(".tests.")
        return bool(part and self.find(head)) and not self.find(f"{head}.tests")

    def read_top(self, module):
        """``{name: [statement or (module, name)]}`` of what can be imported."""
        if module not in self.tops:
            top = self.tops[module] = {}
            path = self.find(module)
            if module == "odoo":
                path = path if path.is_file() else path / "init.py"
            if path and path.is_file():
                is_package = path.name in ("__init__.py", "init.py")
                self.read_body(parse(path).body, module, is_package, top)
        return self.tops[module]

    def read_body(self, body, module, is_package, top):
        for node in body:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                top.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.ImportFrom):
                source = read_source(node, module, is_package)
                for alias in node.names:
                    if alias.name == "*":
                        top.update(self.read_top(source))
                    else:
                        name = alias.asname or alias.name
                        top.setdefault(name, []).append((source, alias.name))
            else:
                for name in list_targets(node):
                    top.setdefault(name, []).append(node)
                for part in ("body", "orelse", "handlers", "finalbody"):
                    self.read_body(getattr(node, part, []), module, is_package, top)

    def has(self, module, name):
        return name in self.read_top(module) or bool(self.find(f"{module}.{name}"))

    def find_function(self, module, name):
        """The function behind a name, through what passes it on; None for others."""
        found = self.read_top(module).get(name, [])
        if len(found) != 1:
            return None
        if isinstance(found[0], tuple):
            return self.find_function(*found[0])
        return found[0] if isinstance(found[0], ast.FunctionDef) else None


def read_source(node, module, is_package):
    """The module that ``from ... import`` names, inside ``module``."""
    if not node.level:
        return node.module
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *filter(None, [node.module])])


def list_targets(node):
    """Names that a statement sets: ``a``, ``a, b``, ``odoo.a``."""
    if isinstance(node, ast.Import):
        yield from (alias.asname or alias.name for alias in node.names)
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    for target in targets if isinstance(node, ast.Assign | ast.AnnAssign) else ():
        for part in getattr(target, "elts", [target]):
            yield getattr(part, "id", None) or getattr(part, "attr", None)


class ImportCheck:
    """Checks what one Python file imports, and what it takes of that."""

    def __init__(self, modules, report, path):
        self.modules, self.report, self.path = modules, report, path
        self.imported = {}

    def read(self, node):
        """Check ``from odoo... import``; remember the names."""
        module = node.module or ""
        is_odoo = not node.level and module.split(".")[0] == "odoo"
        if not is_odoo or self.modules.is_ours(module):
            return
        for alias in node.names:
            self.imported[alias.asname or alias.name] = (module, alias.name)
            self.check(node, module, alias.name)

    def check(self, node, module, name):
        if self.modules.has(module, name) or name == "*":
            self.report.rely(f"(module {module})", name)
        elif not self.modules.is_left_out(module):
            text = f"{module}.{name}: cannot be imported from Odoo"
            self.report.lack(self.path, node.lineno, text)

    def check_attribute(self, node):
        """``fields.Char`` of an imported module."""
        module = ".".join(self.imported.get(node.value.id, ()))
        if module and self.modules.find(module):
            self.check(node, module, node.attr)

    def check_call(self, node):
        found = self.imported.get(node.func.id)
        function = self.modules.find_function(*found) if found else None
        if function and not accepts_call(function, node, is_method=False):
            text = f"{found[1]}: the call does not fit {show(function)}"
            self.report.lack(self.path, node.lineno, text)


def check_scripts(tree, report, addon):
    """``import {a} from "@web/core/b"``: the file is there and exports it."""
    for path in sorted(addon.path.glob("static/**/*.js")):
        text = path.read_text()
        for match in SCRIPT_IMPORT.finditer(text):
            core = tree.find(match[2])
            if core and core.is_core:
                line = text.count("\n", 0, match.start()) + 1
                check_script(core, match, report, (path, line))


def check_script(core, match, report, place):
    names, module, file = match.groups()
    source = core.path / "static" / "src" / f"{file}.js"
    content = source.read_text() if source.exists() else ""
    for name in re.findall(r"(\w+)(?:\s+as\s+\w+)?\s*(?:,|$)", names):
        if re.search(EXPORTED.format(name), content):
            report.rely(f"(script @{module}/{file})", name)
        else:
            report.lack(*place, f"@{module}/{file}: {name} cannot be imported")
