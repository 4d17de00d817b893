"""What the tests promise, as a list that may grow but shrinks only by hand.

A promise is the name of a test in words.  Tests that are alike may become rows of one
table: then the words stand in the row, as the text that names its ``subTest``.
"""

import ast

from .files import list_files

LIST = "tests/promises.txt"
MISSING = "no test keeps this promise any more; if that is meant, take it off the list"
UNLISTED = "a new promise: make lint FIX=1 puts it on the list"


def find(root):
    listed = read_list(root)
    named, said = collect(root)
    for promise in sorted(listed - named - said):
        yield f"{LIST}: {promise}: {MISSING}"
    for promise in sorted(named - listed):
        yield f"{LIST}: {promise}: {UNLISTED}"


def fix(root):
    """Add the new promises; none is taken off."""
    named, _said = collect(root)
    promises = sorted(read_list(root) | named)
    (root / LIST).write_text("".join(f"{promise}\n" for promise in promises))


def read_list(root):
    path = root / LIST
    return set(path.read_text().splitlines()) if path.exists() else set()


def collect(root):
    """``(names of tests in words, texts in tests)``, each with its add-on before it."""
    named, said = set(), set()
    for path in list_files(root, "*test*.py", "tests/reinstall.py"):
        if "tests" in path.parts:
            addon = path.relative_to(root).parts[0]
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    named.add(f"{addon}: {to_words(node.name)}")
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    said.add(f"{addon}: {node.value}")
    return named, said


def to_words(name):
    return name.removeprefix("test_").replace("_", " ")
