"""No file of the project hides a method of the same model that another one defines.

Models are spread over files and add-ons; of two methods with one name only the last one
loaded is called, unless it calls ``super()``.
"""

import ast

from .files import list_files


def find(root):
    findings, known = [], {}
    for path in list_files(root, "*.py"):
        if "tests" in path.relative_to(root).parts:
            continue
        for model, method in list_methods(ast.parse(path.read_text())):
            if calls_super(method):
                continue
            place = f"{path.relative_to(root)}:{method.lineno}"
            other = known.setdefault((model, method.name), place)
            if other != place:
                findings.append(
                    f"{place}: {model}.{method.name} without super() hides {other}"
                )
    return findings


def list_methods(tree):
    """Yield ``(model, method)`` of the classes that define or extend one model."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and (model := read_model(node)):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield model, method


def read_model(node):
    """Name of the model, else what it extends; None for other classes."""
    values = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(
            statement.value, ast.Constant
        ):
            values[statement.targets[0].id] = statement.value.value
    return values.get("_name") or values.get("_inherit")


def calls_super(method):
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "super"
        for node in ast.walk(method)
    )
