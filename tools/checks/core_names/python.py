"""Names of Odoo in our Python: what records are asked for, what is overridden."""

import ast
from functools import cache

from .domains import list_leaves, read_leaf, read_strings
from .inference import TAKES_RECORD, Scope, is_super, open_function
from .models import ORM, RELATIONS, Definition, read_comodel, read_keyword, read_kind
from .signatures import accepts_call, accepts_override, show

PATH_DECORATORS = {"depends", "constrains", "onchange"}
METHOD_KEYWORDS = ("compute", "inverse", "search")
DOMAIN_METHODS = {"search", "search_count", "search_fetch", "filtered_domain"}
DOMAIN_METHODS |= {"_read_group", "search_read", "_search", "formatted_read_group"}
PATH_METHODS = {"mapped", "filtered", "sorted", "grouped"}
VALUE_METHODS = {"create", "write", "new", "update"}
XMLID_METHODS = {"ref", "_for_xml_id", "has_group"}


class PythonCheck(ast.NodeVisitor):
    """Walks one file of an add-on."""

    def __init__(self, inference, ids, imports, report, path):
        self.inference, self.registry = inference, inference.registry
        self.ids, self.imports = ids, imports
        self.report, self.path = report, path
        self.scope, self.model = Scope(), None

    # -- what is said ----------------------------------------------------------

    def lack(self, node, text):
        self.report.lack(self.path, node.lineno, text)

    def check_model(self, node, name):
        if name not in self.registry.models:
            self.lack(node, f"{name}: Odoo has no such model")
        elif any(d.is_core for d in self.registry.models[name]):
            self.report.rely(name, "(model)")

    def check_name(self, node, model, name):
        if name in self.registry.list_names(model) or name.startswith("__"):
            self.rely(model, name)
        else:
            self.lack(node, f"{model}.{name}: Odoo has no such name")

    def rely(self, model, name):
        if self.registry.is_core(model, name):
            lineage = self.registry.lineage(model)
            owners = [d.addon for d in lineage if name in d.names]
            self.report.rely(ORM if owners and not any(owners) else model, name)

    def check_path(self, node, model, path):
        """A path of fields like ``line_ids.account_id``."""
        at = model
        for name in path.split("."):
            _comodel, lacking = self.registry.walk(at, name) if at else (None, None)
            if lacking:
                self.lack(node, f"{at}.{name}: Odoo has no such field")
                return
            if at in self.registry.models:
                self.rely(at, name)
            at = self.registry.walk(at, name)[0] if at else None

    def check_method(self, node, model, name):
        if not self.registry.list_methods(model, name):
            self.lack(node, f"{model}.{name}: Odoo has no such method")
        self.rely(model, name)

    # -- scopes ----------------------------------------------------------------

    def enter(self, scope, nodes):
        outer, self.scope = self.scope, scope
        for node in nodes:
            self.visit(node)
        self.scope = outer

    def visit_ClassDef(self, node):
        outer = self.model, self.scope
        definition = Definition(node)
        is_model = definition.name in self.registry.models
        self.model = definition.name if is_model else None
        self.scope = Scope(self.scope, self.model)
        if is_model:
            self.check_class(definition)
        self.generic_visit(node)
        self.model, self.scope = outer

    def visit_FunctionDef(self, node):
        for decorator in node.decorator_list:
            self.visit(decorator)
            self.check_decorator(decorator)
        self.enter(open_function(node, self.scope, self.model), node.body)

    def visit_Lambda(self, node, record=None):
        scope = Scope(self.scope)
        scope.bind_arguments(node.args, record)
        self.enter(scope, [*node.args.defaults, node.body])

    def visit_generators(self, node):
        scope = Scope(self.scope)
        scope.bind_generators(node)
        self.enter(scope, ast.iter_child_nodes(node))

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_generators
    visit_DictComp = visit_ListComp

    # -- classes ---------------------------------------------------------------

    def check_class(self, definition):
        for name in definition.parents:
            self.check_model(definition.node, name)
        for name, function in definition.methods.items():
            self.check_override(definition.name, name, function)
        for name, call in definition.fields.items():
            self.check_field(definition.name, name, call)

    def check_override(self, model, name, function):
        """A method that calls ``super()`` extends one; all keep its signature."""
        methods = self.registry.list_methods(model, name)
        extends = calls_super(function, name)
        core = [d for d, _function in methods if d.is_core and (d.addon or extends)]
        bases = [f for d, f in methods if not d.is_core and not calls_super(f, name)]
        signature = f"{model}.{name}{show(function)}"
        if not core and not bases and extends:
            self.lack(function, f"{signature}: Odoo has no such method")
        if core:
            self.rely(model, name)
            first = self.find_first(model, name)
            if not accepts_override(function, first):
                self.lack(function, f"{signature}: signature differs: {show(first)}")

    def find_first(self, model, name):
        """The core method others extend: that of the model itself, else inherited."""
        methods = self.registry.list_methods(model, name)
        core = [(d, f) for d, f in methods if d.is_core]
        own = [f for d, f in core if d.name == model]
        return own[-1] if own else core[0][1]

    def check_field(self, model, name, call):
        found = self.registry.find_fields(model, name)
        kinds = {read_kind(core) for definition, core in found if definition.is_core}
        self.rely(model, name)
        if read_keyword_node(call, "selection_add") and len(found) < 2:
            self.lack(call, f"{model}.{name}: Odoo has no such field")
        if kinds and read_kind(call) not in kinds:
            self.lack(call, f"{model}.{name}: type differs: {', '.join(kinds)}")
        for keyword in METHOD_KEYWORDS:
            if isinstance(method := read_keyword(call, keyword), str):
                self.check_method(call, model, method)
        if related := read_keyword(call, "related"):
            self.check_path(call, model, related)
        if read_kind(call) in RELATIONS:
            self.check_relation(call)
        if groups := read_keyword(call, "groups"):
            self.ids.check(self.report, self.path, call.lineno, groups)

    def check_relation(self, call):
        comodel = read_comodel(call)
        if not isinstance(comodel, str):
            return
        self.check_model(call, comodel)
        inverse = call.args[1] if len(call.args) > 1 else None
        if comodel in self.registry.models:
            if read_kind(call) == "One2many" and isinstance(inverse, ast.Constant):
                self.check_path(call, comodel, inverse.value)
            if domain := read_keyword_node(call, "domain"):
                self.check_domain(domain, comodel)

    def check_decorator(self, node):
        function = node.func if isinstance(node, ast.Call) else None
        if self.model and getattr(function, "attr", None) in PATH_DECORATORS:
            for path in read_strings(node.args):
                self.check_path(node, self.model, path)

    # -- expressions -----------------------------------------------------------

    def visit_ImportFrom(self, node):
        self.imports.read(node)

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and not self.scope.has(node.value.id):
            self.imports.check_attribute(node)
        if self.inference.is_environment(node.value):
            return
        if model := self.infer(node.value):
            self.check_name(node, model, node.attr)

    def infer(self, node):
        return self.inference.infer(node, self.scope)

    def visit_Subscript(self, node):
        self.generic_visit(node)
        name = getattr(node.slice, "value", None)
        if not isinstance(name, str):
            return
        if self.inference.is_environment(node.value):
            self.check_model(node, name)
        elif model := self.infer(node.value):
            self.check_path(node, model, name)

    def visit_Call(self, node):
        name = getattr(node.func, "attr", None)
        model = self.infer(node.func.value) if name else None
        self.visit(node.func)
        for argument in [*node.args, *(k.value for k in node.keywords)]:
            if model and name in TAKES_RECORD and isinstance(argument, ast.Lambda):
                self.visit_Lambda(argument, model)
            else:
                self.visit(argument)
        self.check_leaf(node)
        if name:
            self.check_method_call(node, model, name)
        elif isinstance(node.func, ast.Name) and not self.scope.has(node.func.id):
            self.imports.check_call(node)

    def check_method_call(self, node, model, name):
        if name in XMLID_METHODS:
            for text in read_strings(node.args[:1]):
                self.ids.check(self.report, self.path, node.lineno, text)
        if is_super(node.func.value):
            if self.model and not node.func.value.args:
                methods = self.registry.list_methods(self.model, name)
                core = [f for definition, f in methods if definition.is_core]
                self.check_call(node, self.model, name, core)
        elif model:
            methods = self.registry.list_methods(model, name)
            self.check_call(node, model, name, [f for _definition, f in methods])
            self.check_arguments(node, model, name)

    def check_call(self, node, model, name, functions):
        """The call fits one of the definitions: they call each other."""
        if functions and not any(accepts_call(f, node) for f in functions):
            text = f"the call does not fit {show(functions[-1])}"
            self.lack(node, f"{model}.{name}: {text}")

    def check_arguments(self, node, model, name):
        first = node.args[0] if node.args else None
        if name in DOMAIN_METHODS:
            self.check_domain(first, model)
        elif name in PATH_METHODS:
            for text in read_strings(node.args[:1]):
                for path in text.split(","):  # sorted("date desc, id")
                    self.check_path(node, model, path.split()[0])
        elif name in VALUE_METHODS:
            self.check_values(first, model)
        if name == "_read_group":
            self.check_group(node, model)

    def check_group(self, node, model):
        """``date:month``, ``amount:sum``, but not ``__count``."""
        named = [k.value for k in node.keywords if k.arg in ("groupby", "aggregates")]
        for part in [*node.args[1:3], *named]:
            for text in read_strings(getattr(part, "elts", [])):
                if not text.startswith("__"):
                    self.check_path(node, model, text.split(":")[0])

    def check_domain(self, node, model):
        """Field paths of a domain which is written out."""
        for leaf, at, path in list_leaves(self.registry, node, model):
            self.check_path(leaf, at, path)

    def check_values(self, node, model):
        """Keys of a dictionary of values, or of a list of them."""
        for key in getattr(node, "keys", []):
            for name in read_strings([key]):
                self.check_path(key, model, name)
        for part in getattr(node, "elts", []):
            self.check_values(part, model)

    def visit_Tuple(self, node):
        self.generic_visit(node)
        self.check_leaf(node)

    def check_leaf(self, node):
        """A domain's leaf whose model is not known: some model must have the path."""
        leaf = read_leaf(node)
        if leaf and not self.registry.has_path(leaf[0]):
            self.lack(node, f"{leaf[0]}: no model of Odoo has these fields")


@cache
def calls_super(function, name):
    return any(
        isinstance(node, ast.Attribute) and is_super(node.value) and node.attr == name
        for node in ast.walk(function)
    )


def read_keyword_node(call, name):
    return next((k.value for k in call.keywords if k.arg == name), None)
