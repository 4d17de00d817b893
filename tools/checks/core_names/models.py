"""Models as the source defines them: their methods, fields and parents."""

import ast
from functools import cache

ORM = "(every model)"
ORM_FILES = ("odoo/orm/models.py", "odoo/orm/models_transient.py")
ORM_CLASSES = {"BaseModel", "AbstractModel", "Model", "TransientModel"}
# what the ORM adds without a line of its source that says so
ORM_NAMES = {"create_uid", "create_date", "write_uid", "write_date", "_log_access"}
RELATIONS = {"Many2one", "One2many", "Many2many"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Definition:
    """One class statement which defines or extends a model."""

    def __init__(self, node, addon=None, path=None):
        self.node, self.addon, self.path = node, addon, path
        self.is_core = addon is None or addon.is_core
        self.methods = {f.name: f for f in node.body if isinstance(f, FUNCTIONS)}
        self.values = dict(read_assignments(node))
        self.fields = {k: v for k, v in self.values.items() if read_kind(v)}
        self.names = {*self.methods, *self.values}
        self.base_names = [b.id for b in node.bases if isinstance(b, ast.Name)]
        inherit = self.read_constant("_inherit") or []
        self.inherit = [inherit] if isinstance(inherit, str) else list(inherit)
        self.inherits = self.read_constant("_inherits") or {}
        only = self.inherit[0] if len(self.inherit) == 1 else None
        self.name = self.read_constant("_name") or only
        self.parents = [name for name in self.inherit if name != self.name]
        self.is_abstract = any("Abstract" in ast.unparse(base) for base in node.bases)

    def read_constant(self, name):
        try:
            return ast.literal_eval(self.values[name])
        except (KeyError, ValueError):
            return None


def read_assignments(node):
    """Names which a class body sets, with their values."""
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                for name in getattr(target, "elts", [target]):
                    if isinstance(name, ast.Name):
                        yield name.id, statement.value
        elif isinstance(statement, ast.AnnAssign):
            if isinstance(statement.target, ast.Name):
                yield statement.target.id, statement.value or statement.annotation
        elif isinstance(statement, ast.If):
            yield from read_assignments(statement)


def read_kind(value):
    """``Many2one`` of ``fields.Many2one(...)``; None for what is no field."""
    function = value.func if isinstance(value, ast.Call) else None
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr if function.value.id == "fields" else None
    is_orm = isinstance(function, ast.Name) and function.id in {"Id", "Char"}
    return function.id if is_orm else None


def read_keyword(call, name):
    """The constant value of a keyword, else None."""
    values = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return values[0].value if values and isinstance(values[0], ast.Constant) else None


def read_comodel(call):
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant):
        return first.value
    return read_keyword(call, "comodel_name")


@cache
def read_definitions(addon):
    """Models of an add-on, and its other classes by name."""
    found, plain = [], {}
    for path, tree in addon.modules.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                definition = Definition(node, addon, path)
                plain[node.name] = definition
                if definition.name:
                    found.append(definition)
    return found, plain


def read_orm(tree):
    """The classes below all models, as one list of definitions."""
    modules = tree.list_core_python(*ORM_FILES).values()
    nodes = [node for module in modules for node in module.body]
    found = [Definition(n) for n in nodes if getattr(n, "name", "") in ORM_CLASSES]
    for definition in found:
        definition.names |= {*ORM_NAMES, *(definition.read_constant("__slots__") or ())}
    return found


class Registry:
    """All models that one add-on sees."""

    def __init__(self, orm, loaded):
        self.models, self.plain = {ORM: orm}, {}
        for addon in loaded:
            found, plain = read_definitions(addon)
            self.plain.update(plain)
            for definition in found:
                self.models.setdefault(definition.name, []).append(definition)
        self.lineages, self.name_sets, self.field_sets = {}, {}, {}
        self.paths = {}

    def lineage(self, model):
        """Definitions that make up ``model``, the one called first at first."""
        if model not in self.lineages:
            self.lineages[model] = []  # for circles
            found = {}
            own = self.models.get(model, [])
            for definition in reversed(own):
                found[definition] = None
                bases = [self.plain.get(name) for name in definition.base_names]
                found.update(dict.fromkeys(base for base in bases if base))
            parents = [name for definition in own for name in definition.parents]
            implied = [ORM] if model == "base" else ["base", ORM] * (model != ORM)
            for parent in [*parents, *implied]:
                found.update(dict.fromkeys(self.lineage(parent)))
            self.lineages[model] = list(found)
        return self.lineages[model]

    def list_fields(self, model):
        """Names of its fields, those of the models it is delegated to among them."""
        if model not in self.field_sets:
            found = self.field_sets[model] = set(ORM_NAMES) | {"id", "display_name"}
            for definition in self.lineage(model):
                found.update(definition.fields)
                for delegate in definition.inherits:
                    found |= self.list_fields(delegate)
        return self.field_sets[model]

    def list_names(self, model):
        """Every attribute its records have; of an abstract one, its heirs' too."""
        if model not in self.name_sets:
            found = self.name_sets[model] = set(self.list_fields(model))
            for definition in self.lineage(model):
                found |= definition.names
            if any(d.is_abstract for d in self.models.get(model, [])):
                for heir in self.list_heirs(model):
                    found |= self.list_names(heir)
        return self.name_sets[model]

    def list_heirs(self, model):
        for name, definitions in self.models.items():
            if any(model in definition.parents for definition in definitions):
                yield name

    def list_methods(self, model, name):
        """Its definitions of a method, with the function: the one called first at
        first; a property is none."""
        return [
            (definition, definition.methods[name])
            for definition in self.lineage(model)
            if name in definition.methods
            and not has_decorator(definition.methods[name], "property")
        ]

    def is_core(self, model, name):
        """Whether the attribute comes from Odoo, ours aside."""
        return any(d.is_core and name in d.names for d in self.lineage(model)) or (
            name in self.list_fields(model)
            and not any(name in d.names for d in self.lineage(model))
        )

    def find_fields(self, model, name):
        """Its definitions of a field: ``(definition, call)``, the last one first."""
        found = []
        for definition in self.lineage(model):
            if name in definition.fields:
                found.append((definition, definition.fields[name]))
            for delegate in definition.inherits:
                found += self.find_fields(delegate, name)
        return found

    def find_comodel(self, model, name):
        """The model that a field's records are of; None if it is not certain."""
        if name in ("create_uid", "write_uid"):
            return "res.users"
        for _definition, call in self.find_fields(model, name):
            if related := read_keyword(call, "related"):
                return self.walk(model, related)[0]
            if read_kind(call) in RELATIONS and (comodel := read_comodel(call)):
                return comodel
        return None

    def walk(self, model, path):
        """Follow ``a.b.c``: the model at its end, and what is lacking on the way as
        ``(model, name)``. Where the model is not certain, nothing is lacking."""
        for name in path.split("."):
            if model not in self.models:
                return None, None
            if name not in self.list_fields(model):
                return None, (model, name)
            model = self.find_comodel(model, name)
        return model, None

    def has_path(self, path):
        """Whether any model has these fields, one after the other."""
        if path not in self.paths:
            found = any(not self.walk(model, path)[1] for model in self.models)
            self.paths[path] = found
        return self.paths[path]


def has_decorator(function, name):
    return any(name in ast.unparse(decorator) for decorator in function.decorator_list)
