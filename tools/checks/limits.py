"""How large functions and files may grow, so that each can be read at one go."""

import ast
import statistics

from .files import list_files

MEDIAN_LINES = 8
NINE_TENTHS_LINES = 25
LONGEST_LINES = 50
FILE_LINES = 600


def find(root):
    findings = []
    for package, paths in group_by_package(root).items():
        code = [path for path in paths if not is_test(path, root)]
        findings += find_long_files(paths, root)
        findings += find_long_functions(code, root)
        findings += find_average(package, code)
    return findings


def group_by_package(root):
    """Python files by the folder they have at the top of the checkout."""
    groups = {}
    for path in list_files(root, "*.py"):
        groups.setdefault(path.relative_to(root).parts[0], []).append(path)
    return groups


def is_test(path, root):
    return "tests" in path.relative_to(root).parts


def count_lines(path):
    return len(path.read_text().splitlines())


def find_long_files(paths, root):
    for path in paths:
        lines = count_lines(path)
        if lines > FILE_LINES:
            yield f"{path.relative_to(root)}: {lines} lines, at most {FILE_LINES}"


def measure_functions(path):
    """Yield ``(name, line, length)``; the docstring does not count as length."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node):
                length -= node.body[0].end_lineno - node.body[0].lineno + 1
            yield node.name, node.lineno, length


def find_long_functions(paths, root):
    for path in paths:
        for name, line, length in measure_functions(path):
            if length > LONGEST_LINES:
                place = f"{path.relative_to(root)}:{line}"
                yield f"{place}: {name} has {length} lines, at most {LONGEST_LINES}"


def find_average(package, paths):
    lengths = sorted(
        length for path in paths for _name, _line, length in measure_functions(path)
    )
    if not lengths:
        return
    median = statistics.median(lengths)
    tenth = lengths[int(len(lengths) * 0.9) - 1] if len(lengths) > 9 else 0
    if median > MEDIAN_LINES:
        yield f"{package}: the median function has {median} lines, > {MEDIAN_LINES}"
    if tenth > NINE_TENTHS_LINES:
        yield f"{package}: nine tenths reach {tenth} lines, > {NINE_TENTHS_LINES}"
