"""prettier and eslint: pinned npm packages in the sandbox, Node from where it is."""

import hashlib
import os
import shutil
from pathlib import Path

from . import layout, venv
from .console import run, step

PACKAGES = layout.CHECKOUT / "tools" / "package.json"
REQUIREMENTS = layout.CHECKOUT / "tools" / "requirements-node.txt"


def ensure():
    """Return ``(folder of node_modules, environment to run its programs in)``."""
    env = find_node()
    key = hashlib.sha256(PACKAGES.read_bytes()).hexdigest()[:8]
    target = layout.folder("node") / key
    if not target.is_dir():
        with layout.lock("node"):
            if not target.is_dir():
                install(target, env)
    return target / "node_modules", env


def find_node():
    """The environment with node and npm in PATH, from a wheel if need be."""
    if shutil.which("npm") and shutil.which("node"):
        return dict(os.environ)
    folder = Path(venv.ensure(REQUIREMENTS)).parent
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def install(target, env):
    part = target.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    shutil.copy(PACKAGES, part)
    with step("prettier and eslint"):
        run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"],
            cwd=part,
            env=env,
            hint="prettier and eslint could not be installed. Check the network or "
            "the package registry that npm is set up with.",
        )
        layout.replace(part, target)
