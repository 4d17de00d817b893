"""``make lint``: every checker beside the others, each with its time.

prettier and eslint are pinned npm packages in the sandbox; Node comes from where it is,
else from a wheel.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from . import addons, console, layout, odoo_source, venv
from .console import call, say, step

TOOLS = layout.CHECKOUT / "tools"
NODE_PACKAGES = TOOLS / "package.json"
NODE_REQUIREMENTS = TOOLS / "requirements-node.txt"
PRETTIER_FILES = ("*.xml", "*.js", "*.css", "*.scss", "*.yaml", "*.yml", "*.json")
OWN_CHECKS = {
    "manifests": "manifests",
    "limits": "sizes of functions and files",
    "layers": "layers of the models, and the order in which they load",
    "promises": "promises of the tests",
    "translations": "every language says everything",
    "text": "no path of a machine, no unfinished work",
}


class Check:
    """One command; it is fine when it ends with 0."""

    def __init__(self, title, command, env=None):
        self.title = title
        self.command = command
        pycache = str(layout.folder("pycache"))
        self.env = {**(env or os.environ), "PYTHONPYCACHEPREFIX": pycache}
        self.output = ""

    def run(self):
        start = time.monotonic()
        done = call(self.command, cwd=layout.CHECKOUT, env=self.env, text=True)
        self.output = done.stdout.strip()
        word = "ok" if not done.returncode else "FAILED"
        say(f"[{time.monotonic() - start:5.1f}s] {self.title}: {word}")
        return not done.returncode


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
        *python_checks(fix),
        *node_checks(fix),
        *own_checks(fix),
        *core_names_checks(),
    ]


def python_checks(fix):
    programs = venv.ensure(venv.LINT_REQUIREMENTS).parent
    names = sorted(addons.read_manifests())
    ruff = programs / "ruff"
    repair = ["--fix"] if fix else []
    repair_format = [] if fix else ["--check"]
    return [
        Check("pylint-odoo", [programs / "pylint", "--rcfile=setup.cfg", *names]),
        Check(
            "oca-odoo-pre-commit-hooks", [programs / "oca-checks-odoo-module", *names]
        ),
        Check("ruff", [ruff, "check", "--quiet", *repair, "."]),
        Check("ruff format", [ruff, "format", *repair_format, "."]),
    ]


def node_checks(fix):
    modules, env = ensure_node()
    plugin = modules / "@prettier/plugin-xml/src/plugin.js"
    prettier = ["node", modules / "prettier/bin/prettier.cjs", f"--plugin={plugin}"]
    prettier += ["--write" if fix else "--check", "--no-color", "--log-level=warn"]
    eslint = ["node", modules / "eslint/bin/eslint.js"]
    return [
        Check("prettier", [*prettier, *list_files(*PRETTIER_FILES)], env),
        Check("eslint", [*eslint, *list_files("*.js", "*.mjs")], env),
    ]


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
    repair = ["--fix"] if fix else []
    checks = [
        Check(title, [sys.executable, "-m", "tools.checks", name, *repair])
        for name, title in OWN_CHECKS.items()
    ]
    readme = [sys.executable, TOOLS / "readme.py", "--check"]
    return [*checks, Check("README pages are fresh", readme)]


def core_names_checks():
    """Names of Odoo that we rely on, where an Odoo is there already: ``make lint``
    fetches none, and ``make test`` looks at them anyway."""
    if not os.environ.get("ODOO_HOME") and not (layout.home() / "odoo").is_dir():
        return []
    source = odoo_source.ensure()
    command = [sys.executable, "-m", "tools.checks.core_names", source.root]
    return [Check("names of Odoo that we rely on", command)]


def ensure_node():
    """Return ``(folder of node_modules, environment to run its programs in)``."""
    env = dict(os.environ)
    if not (shutil.which("npm") and shutil.which("node")):
        folder = venv.ensure(NODE_REQUIREMENTS).parent
        env["PATH"] = f"{folder}{os.pathsep}{env['PATH']}"

    def install(part):
        shutil.copy(NODE_PACKAGES, part)
        with step("prettier and eslint"):
            console.run(
                ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"],
                cwd=part,
                env=env,
                hint="prettier and eslint could not be installed. Check the network or "
                "the package registry that npm is set up with.",
            )

    key = hashlib.sha256(NODE_PACKAGES.read_bytes()).hexdigest()[:8]
    return layout.make_folder(
        layout.folder("node") / key, install
    ) / "node_modules", env
