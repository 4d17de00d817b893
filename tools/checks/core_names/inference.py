"""Which model the records of an expression are of, where that is certain."""

import ast

from .models import FUNCTIONS, ORM

# methods and attributes of records that are records of the same model
SAME = set(
    "sudo with_context with_company with_user with_env with_prefetch browse search "
    "create new exists filtered filtered_domain sorted copy union concat search_fetch "
    "try_lock_for_update ensure_one _origin _filtered_access".split()
)
ENVIRONMENT = {"company": "res.company", "companies": "res.company"}
ENVIRONMENT["user"] = "res.users"
TAKES_RECORD = {"filtered", "mapped", "sorted", "grouped"}
KEEPS_ELEMENTS = {"reversed", "sorted", "list", "tuple", "set", "iter", "max", "min"}
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
INNER = (*FUNCTIONS, ast.ClassDef, ast.Lambda, *COMPREHENSIONS)
# an expression that says nothing, and contradicts nothing: a name built on itself
NEUTRAL = ""


class Scope:
    """Names of one function, lambda or comprehension, each with what it is bound to:
    a model, or ``("value"|"element", expression)``; None is unknown."""

    def __init__(self, parent=None, model=None):
        self.parent = parent
        self.model = model or (parent and parent.model)
        self.bound = {}

    def has(self, name):
        return name in self.bound or bool(self.parent and self.parent.has(name))

    def bind(self, target, binding):
        if isinstance(target, ast.Name):
            self.bound.setdefault(target.id, []).append(binding)
        elif isinstance(target, ast.Tuple | ast.List):
            for number, part in enumerate(target.elts):
                self.bind(part, read_part(binding, number))
        elif isinstance(target, ast.Starred):
            self.bind(target.value, None)

    def bind_arguments(self, arguments, first=None):
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a]
        for number, argument in enumerate(every):
            known = first if number == 0 else None
            if self.model and argument.arg == "self" and number == 0:
                known = self.model
            self.bound[argument.arg] = [known]

    def bind_generators(self, node):
        for generator in node.generators:
            self.bind(generator.target, ("element", generator.iter))


def read_part(binding, number):
    """What the ``number``-th name of an unpacked binding is bound to."""
    kind, node = binding if isinstance(binding, tuple) else (None, None)
    call = node if kind == "element" and isinstance(node, ast.Call) else None
    if call and isinstance(call.func, ast.Name):
        if call.func.id == "enumerate" and number == 1:
            return ("element", call.args[0])
        if call.func.id == "zip" and number < len(call.args):
            return ("element", call.args[number])
    if kind == "value" and isinstance(node, ast.Tuple) and number < len(node.elts):
        return ("value", node.elts[number])
    return None


def open_function(function, parent=None, model=None):
    """The scope of a function, everything bound that its body binds."""
    scope = Scope(parent, model)
    scope.bind_arguments(function.args)
    for node in walk_body(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                scope.bind(target, ("value", node.value))
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            scope.bind(node.target, ("value", node.value))
        elif isinstance(node, ast.For | ast.AsyncFor):
            scope.bind(node.target, ("element", node.iter))
        elif isinstance(node, ast.withitem) and node.optional_vars:
            scope.bind(node.optional_vars, None)
        elif isinstance(node, (*FUNCTIONS, ast.ExceptHandler, ast.ClassDef)):
            scope.bound[node.name] = [None]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                scope.bound[alias.asname or alias.name] = [None]
    return scope


def walk_body(function):
    """Nodes of a function, without those of the functions inside it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        for name in () if isinstance(node, INNER) else node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)


class Inference:
    """Models of expressions, by the fields and methods of a registry."""

    def __init__(self, registry):
        self.registry = registry
        self.returned, self.pending = {}, set()

    def is_environment(self, node):
        if isinstance(node, ast.Call):
            node = node.func
        name = getattr(node, "attr", None) or getattr(node, "id", None)
        return name == "env"

    def infer(self, node, scope):
        """The model; None if it is not certain, NEUTRAL if it is open."""
        method = getattr(self, f"infer_{type(node).__name__.lower()}", None)
        model = method(node, scope) if method else None
        return model if not model or model in self.registry.models else None

    def agree(self, models):
        known = {model for model in models if model != NEUTRAL}
        return known.pop() if len(known) == 1 else (None if known else NEUTRAL)

    def infer_name(self, node, scope):
        while scope and node.id not in scope.bound:
            scope = scope.parent
        if not scope or (key := (id(scope), node.id)) in self.pending:
            return NEUTRAL if scope else None
        self.pending.add(key)
        found = self.agree(self.resolve(b, scope) for b in scope.bound[node.id])
        self.pending.discard(key)
        return found

    def resolve(self, binding, scope):
        if not isinstance(binding, tuple):
            return binding
        kind, node = binding
        return (
            self.infer_element(node, scope)
            if kind == "element"
            else (self.infer(node, scope))
        )

    def infer_element(self, node, scope):
        """The model of what a loop over ``node`` yields."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            keeps = node.func.id in KEEPS_ELEMENTS and len(node.args) == 1
            return self.infer_element(node.args[0], scope) if keeps else None
        return self.infer(node, scope)

    def infer_subscript(self, node, scope):
        if self.is_environment(node.value):
            return getattr(node.slice, "value", None)
        model = self.infer(node.value, scope)
        if model and isinstance(node.slice, ast.Constant):
            name = node.slice.value
            if isinstance(name, str):
                return self.registry.find_comodel(model, name)
        is_place = isinstance(node.slice, ast.Slice | ast.Constant | ast.UnaryOp)
        return model if is_place else None

    def infer_attribute(self, node, scope):
        if self.is_environment(node.value):
            return ENVIRONMENT.get(node.attr)
        model = self.infer(node.value, scope)
        if node.attr in SAME:
            return model
        return self.registry.find_comodel(model, node.attr) if model else None

    def infer_binop(self, node, scope):
        return self.agree([self.infer(n, scope) for n in (node.left, node.right)])

    def infer_boolop(self, node, scope):
        return self.agree([self.infer(value, scope) for value in node.values])

    def infer_ifexp(self, node, scope):
        return self.agree([self.infer(n, scope) for n in (node.body, node.orelse)])

    def infer_namedexpr(self, node, scope):
        return self.infer(node.value, scope)

    def infer_call(self, node, scope):
        function = node.func
        if not isinstance(function, ast.Attribute):
            return None
        if is_super(function.value):
            return NEUTRAL
        model = self.infer(function.value, scope)
        if function.attr in SAME or not model:
            return model if function.attr in SAME else None
        if function.attr == "mapped" and node.args:
            return self.infer_mapped(model, node.args[0], scope)
        return self.infer_returned(model, function.attr)

    def infer_mapped(self, model, path, scope):
        if isinstance(path, ast.Lambda):
            inner = Scope(scope)
            inner.bind_arguments(path.args, model)
            return self.infer(path.body, inner)
        is_path = isinstance(path, ast.Constant) and isinstance(path.value, str)
        return self.registry.walk(model, path.value)[0] if is_path else None

    def infer_returned(self, model, name):
        """What a method returns, if all its definitions agree."""
        key = (model, name)
        if key in self.pending:
            return NEUTRAL
        if key not in self.returned:
            self.pending.add(key)
            methods = self.registry.list_methods(model, name)
            models = [self.infer_returns(model, f) for _definition, f in methods]
            self.returned[key] = self.agree(models) or None
            self.pending.discard(key)
        return self.returned[key]

    def infer_returns(self, model, function):
        nodes = list(walk_body(function))
        if model == ORM or any(isinstance(n, ast.Yield | ast.YieldFrom) for n in nodes):
            return None
        scope = open_function(function, model=model)
        values = [n.value for n in nodes if isinstance(n, ast.Return)]
        return self.agree([self.infer(v, scope) if v else None for v in values]) or None


def is_super(node):
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Name) and function.id == "super"
