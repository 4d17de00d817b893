"""``make lint``: every checker beside the others, each with its time."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import addons, layout, node, odoo_source, venv
from .console import say

README_SCRIPT = layout.CHECKOUT / "tools" / "readme.py"
PRETTIER_FILES = ("*.xml", "*.js", "*.css", "*.scss", "*.yaml", "*.yml", "*.json")


class Check:
    """One command; it is fine when it ends with 0."""

    def __init__(self, title, command, env=None):
        self.title = title
        self.command = [str(part) for part in command]
        self.env = {**(env or os.environ), "PYTHONPYCACHEPREFIX": str(pycache())}
        self.output = ""

    def run(self):
        start = time.monotonic()
        done = subprocess.run(
            self.command,
            cwd=layout.CHECKOUT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.output = done.stdout.strip()
        word = "ok" if not done.returncode else "FAILED"
        say(f"[{time.monotonic() - start:5.1f}s] {self.title}: {word}")
        return not done.returncode


def pycache():
    return layout.folder("pycache")


def run(fix=False):
    """Run all checks; print what the failing ones found; 0 if none did."""
    checks = list_checks(fix)
    with ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        passed = list(pool.map(Check.run, checks))
    failed = [check for check, fine in zip(checks, passed, strict=True) if not fine]
    for check in failed:
        print(f"\n--- {check.title}\n{check.output}")
    print(f"lint: {len(checks) - len(failed)} of {len(checks)} checks are fine")
    return 1 if failed else 0


def list_checks(fix):
    """The slow ones first, so that none is left alone at the end."""
    return [
        *pylint_checks(),
        *node_checks(fix),
        *ruff_checks(fix),
        *own_checks(fix),
        *core_names_checks(),
    ]


def checker(name):
    return Path(venv.ensure(venv.LINT_REQUIREMENTS)).with_name(name)


def pylint_checks():
    names = find_addons()
    if not names:
        return []
    return [
        Check("pylint-odoo", [checker("pylint"), "--rcfile=setup.cfg", *names]),
        Check("oca-odoo-pre-commit-hooks", [checker("oca-checks-odoo-module"), *names]),
    ]


def find_addons():
    return sorted(addons.read_manifests())


def ruff_checks(fix):
    ruff = checker("ruff")
    repair = ["--fix"] if fix else []
    repair_format = [] if fix else ["--check"]
    return [
        Check("ruff", [ruff, "check", "--quiet", *repair, "."]),
        Check("ruff format", [ruff, "format", *repair_format, "."]),
    ]


def node_checks(fix):
    modules, env = node.ensure()
    checks = []
    if files := list_files(*PRETTIER_FILES):
        plugin = modules / "@prettier/plugin-xml/src/plugin.js"
        mode = "--write" if fix else "--check"
        command = ["node", modules / "prettier/bin/prettier.cjs", mode]
        command += ["--no-color", "--log-level=warn", f"--plugin={plugin}", *files]
        checks.append(Check("prettier", command, env))
    if scripts := list_files("*.js", "*.mjs"):
        command = ["node", modules / "eslint/bin/eslint.js", *scripts]
        checks.append(Check("eslint", command, env))
    return checks


def list_files(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=layout.CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(listed.stdout.splitlines()))
    return [name for name in names if (layout.CHECKOUT / name).is_file()]


def own_checks(fix):
    titles = {
        "manifests": "manifests",
        "limits": "sizes of functions and files",
        "layers": "layers of the models, and the order in which they load",
        "promises": "promises of the tests",
        "translations": "every language says everything",
        "text": "no path of a machine, no unfinished work",
    }
    repair = ["--fix"] if fix else []
    checks = [
        Check(title, [sys.executable, "-m", "tools.checks", name, *repair])
        for name, title in titles.items()
    ]
    if README_SCRIPT.exists():
        command = [sys.executable, README_SCRIPT, "--check"]
        checks.append(Check("README pages are fresh", command))
    return checks


def core_names_checks():
    """Names of Odoo that we rely on, where an Odoo is there already: ``make lint``
    fetches none, and ``make test`` looks at them anyway."""
    if not os.environ.get("ODOO_HOME") and not (layout.home() / "odoo").is_dir():
        return []
    source = odoo_source.ensure()
    command = [sys.executable, "-m", "tools.checks.core_names", source.root]
    return [Check("names of Odoo that we rely on", command)]
