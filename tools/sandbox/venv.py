"""Virtual environments with pinned requirements, one folder per set of pins.

``uv`` fills them, itself in an environment which pip fills; without it pip does all.
It asks the package index that pip is set up with.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import debian, layout
from .console import SandboxError, run, say, step

REQUIREMENTS = layout.CHECKOUT / "tools" / "requirements.txt"
LINT_REQUIREMENTS = layout.CHECKOUT / "tools" / "requirements-lint.txt"
UV_REQUIREMENTS = layout.CHECKOUT / "tools" / "requirements-uv.txt"
OLDEST, NEWEST = (3, 10), (3, 13)
# option of pip -> variable of uv
UV_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "no-index": "UV_NO_INDEX",
    "constraint": "UV_CONSTRAINT",
}
HINT = (
    "The Python requirements could not be installed. Check the network or the "
    "package index that pip is set up with."
)


def find_interpreter():
    """A Python on which Odoo 19 runs: the one that was asked for, else a fast one.

    Version managers build without the optimisations of a distribution, which makes
    Odoo a third slower; so a distribution's Python is preferred where there is one.
    """
    if os.environ.get("SERVICE_PYTHON") and fits(sys.version_info):
        return sys.executable
    found = [sys.executable] if fits(sys.version_info) else []
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    for folder in ("/usr/bin", None):
        found += filter(None, (shutil.which(name, path=folder) for name in names))
    for test in (is_optimized, starts):
        for interpreter in found:
            if test(interpreter):
                return interpreter
    running = ".".join(map(str, sys.version_info[:2]))
    raise SandboxError(
        f"Odoo 19 needs Python 3.10 to 3.13, this is {running}. "
        "Install one of them and run: make PYTHON=python3.12 ..."
    )


def fits(version):
    return OLDEST <= version[:2] <= NEWEST


def is_optimized(interpreter):
    """True for one of a distribution, or built with --enable-optimizations."""
    code = "import sys, sysconfig as s; print(sys.base_prefix == '/usr' or "
    code += "'--enable-optimizations' in str(s.get_config_var('CONFIG_ARGS')))"
    return ask(interpreter, code) == b"True"


def starts(interpreter):
    """False for a version manager's placeholder with nothing behind it."""
    return ask(interpreter, "print(1)") == b"1"


def ask(interpreter, code):
    done = subprocess.run([interpreter, "-c", code], capture_output=True, check=False)
    return done.stdout.strip()


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
    if not is_complete(target):
        with layout.lock(requirements.stem):
            if not is_complete(target):
                layout.ensure_space()
                build(target, requirements, interpreter)
    return target / "bin" / "python"


def is_complete(target):
    python = target / "bin" / "python"
    return (target / "complete").exists() and os.access(python, os.X_OK)


def build(target, requirements, interpreter):
    """Make the environment; the stamp comes last, so a broken one is made again."""
    with step(f"Python environment of {requirements.name}"):
        fill = fill_with_pip if requirements == UV_REQUIREMENTS else fill_with_uv
        fill(target, requirements, interpreter)
        (target / "complete").touch()


def fill_with_uv(target, requirements, interpreter):
    try:
        uv = ensure(UV_REQUIREMENTS).with_name("uv")
        env = make_uv_env(find_pip(interpreter))
        run([uv, "venv", "--clear", "-p", interpreter, target], env=env, hint=HINT)
        python = target / "bin" / "python"
        run(
            [uv, "pip", "install", "-p", python, "-r", requirements], env=env, hint=HINT
        )
    except SandboxError as error:
        say(f"         uv could not do it, now pip tries: {error}")
        fill_with_pip(target, requirements, interpreter)


def make_uv_env(pip):
    """Variables for uv: it asks where pip would, and keeps to the sandbox."""
    options = run([*pip, "config", "list"], hint="The configuration of pip is broken.")
    return {
        **translate(options),
        **os.environ,
        "UV_CACHE_DIR": str(layout.folder("uv")),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def translate(listed):
    """Variables of uv from the output of ``pip config list``."""
    options = read_options(listed)
    settings = {
        variable: " ".join(options[option].split())
        for option, variable in UV_VARIABLES.items()
        if option in options
    }
    # pip takes the best version of all indexes, and the certificates of the machine
    settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    settings.setdefault("UV_SYSTEM_CERTS", "true")
    if "UV_FIND_LINKS" in settings:
        settings["UV_FIND_LINKS"] = settings["UV_FIND_LINKS"].replace(" ", ",")
    return settings


def read_options(listed):
    """``{option: value}``; what stands for one command of pip, or in a variable,
    comes after what stands for all."""
    rows = [line.partition("=") for line in listed.splitlines() if "=" in line]
    found = {}
    for scope in ("global.", "install.", ":env:."):
        for name, _equals, value in rows:
            if name.startswith(scope):
                found[name.removeprefix(scope)] = ast.literal_eval(value)
    return found


def fill_with_pip(target, requirements, interpreter):
    shutil.rmtree(target, ignore_errors=True)
    run(
        [interpreter, "-m", "venv", "--without-pip", target],
        hint="Python cannot make a virtual environment; install python3-venv.",
    )
    pip = find_pip(target / "bin" / "python")
    run([*pip, "install", "--quiet", "-r", requirements], hint=HINT)


def find_pip(python):
    """Pip as ``python`` would install it into new environments, run from its wheel."""
    code = "import ensurepip, sysconfig as s; print(s.get_config_var('WHEEL_PKG_DIR'))"
    code += "; print(ensurepip.__path__[0] + '/_bundled')"
    done = subprocess.run([python, "-c", code], capture_output=True, check=False)
    folders = os.fsdecode(done.stdout).splitlines() or [unpack_debians_pip()]
    for folder in folders:
        if wheels := sorted(Path(folder).glob("pip-*.whl")):
            return [python, wheels[-1] / "pip"]
    raise SandboxError("Python has no pip; install python3-venv or python3-pip.")


def unpack_debians_pip():
    """A bare Debian has no ensurepip; its wheel is in a package of its own."""
    root = layout.folder("pip")
    debian.unpack_from_system(["python3-pip-whl"], root)
    return root / "usr/share/python-wheels"
