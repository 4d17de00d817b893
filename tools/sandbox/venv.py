"""Virtual environments with pinned requirements, one folder per set of pins."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import debian, layout
from .console import SandboxError, run, step

REQUIREMENTS = layout.CHECKOUT / "tools" / "requirements.txt"
LINT_REQUIREMENTS = layout.CHECKOUT / "tools" / "requirements-lint.txt"
OLDEST, NEWEST = (3, 10), (3, 13)


def find_interpreter():
    """This Python if Odoo 19 runs on it, else another one found in PATH."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and starts(found):
            return found
    running = ".".join(map(str, sys.version_info[:2]))
    raise SandboxError(
        f"Odoo 19 needs Python 3.10 to 3.13, this is {running}. "
        "Install one of them and run: make PYTHON=python3.12 ..."
    )


def starts(interpreter):
    """False for a version manager's placeholder with nothing behind it."""
    done = subprocess.run([interpreter, "-c", ""], capture_output=True, check=False)
    return done.returncode == 0


def requirements_key(requirements, interpreter):
    version = run(
        [interpreter, "-c", "import sys; print(sys.version_info[:3])"],
        hint=f"{interpreter} does not start; set PYTHON to one which does.",
    )
    return hashlib.sha256((version + requirements.read_text()).encode()).hexdigest()[:8]


def ensure(requirements=REQUIREMENTS):
    """Return the ``python`` of the environment which holds ``requirements``."""
    interpreter = find_interpreter()
    name = f"{requirements.stem}-{requirements_key(requirements, interpreter)}"
    target = layout.folder("venv") / name
    python = target / "bin" / "python"
    if not is_complete(target):
        with layout.lock("venv"):
            if not is_complete(target):
                layout.ensure_space()
                build(target, requirements, interpreter)
    return python


def is_complete(target):
    python = target / "bin" / "python"
    return (target / "complete").exists() and os.access(python, os.X_OK)


def build(target, requirements, interpreter):
    """Make the environment; the stamp comes last, so a broken one is made again."""
    shutil.rmtree(target, ignore_errors=True)
    with step(f"Python environment of {requirements.name}"):
        python = create(target, interpreter)
        run(
            [python, "-m", "pip", "install", "--quiet", "-r", requirements],
            hint="The Python requirements could not be installed. "
            "Check the network or the package index that pip is set up with.",
        )
        (target / "complete").touch()


def create(target, interpreter):
    """A bare Debian has no ensurepip: there, pip comes from Debian's own wheel."""
    python = target / "bin" / "python"
    made = subprocess.run(
        [interpreter, "-m", "venv", target], capture_output=True, check=False
    )
    if made.returncode:
        shutil.rmtree(target, ignore_errors=True)
        run(
            [interpreter, "-m", "venv", "--without-pip", target],
            hint="Python cannot make a virtual environment; install python3-venv.",
        )
        install_pip(python)
    return python


def install_pip(python):
    packages = layout.folder("downloads", "pip")
    root = debian.unpack_from_system(["python3-pip-whl"], packages)
    wheels = sorted(Path(root).glob("usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise SandboxError("pip is missing; install python3-venv or python3-pip.")
    run(
        [python, f"{wheels[-1]}/pip", "install", "--quiet", wheels[-1]],
        hint="pip could not be installed; install python3-venv.",
    )
