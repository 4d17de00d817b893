"""Leaves of domains that are written out, wherever they stand."""

import ast
import re

OPERATORS = set("= != < > <= >= in any like ilike =like =ilike child_of".split())
OPERATORS |= {f"not {operator}" for operator in OPERATORS} | {"parent_of"}


def read_strings(nodes):
    """Those of some expressions that are plain strings."""
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, str)]


def is_domain(node):
    """Whether it is a call ``Domain(...)``."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Domain"


def read_leaf(node):
    """``a.b`` and the operator of the leaf ``("a.b", "=", x)``, else None."""
    parts = node.elts if isinstance(node, ast.Tuple) else []
    parts = node.args if is_domain(node) else parts
    texts = read_strings(parts[:2])
    if len(parts) != 3 or len(texts) != 2 or texts[1] not in OPERATORS:
        return None
    return texts if re.fullmatch(r"[a-z][\w.]*", texts[0]) else None


def list_leaves(registry, node, model):
    """Yield ``(leaf, model, path)`` of a domain on records of ``model``."""
    if leaf := read_leaf(node):
        path, operator = leaf
        yield node, model, path
        if operator.endswith("any"):
            inner = registry.walk(model, path)[0]
            value = (node.args if is_domain(node) else node.elts)[2]
            if inner:
                yield from list_leaves(registry, value, inner)
    elif isinstance(node, ast.List | ast.Tuple):
        for part in node.elts:
            yield from list_leaves(registry, part, model)
    elif is_domain(node) and node.args:
        yield from list_leaves(registry, node.args[0], model)
    elif isinstance(node, ast.BinOp):
        for part in (node.left, node.right):
            yield from list_leaves(registry, part, model)
    elif isinstance(node, ast.UnaryOp):
        yield from list_leaves(registry, node.operand, model)
