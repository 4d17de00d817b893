"""Python's packages by uv, which asks where pip would; pip where uv cannot."""

import sys

import pytest

from tools.sandbox import venv
from tools.sandbox.console import SandboxError

LISTED = """\
:env:.index-url='https://env.example/simple'
global.cert='/etc/own.pem'
global.extra-index-url='\\nhttps://a.example/simple\\nfile:///b'
global.find-links='/wheels /more'
global.index-url='https://all.example/simple'
install.trusted-host='env.example'
"""


def test_uv_asks_the_index_that_pip_is_set_up_with():
    settings = venv.translate(LISTED)
    assert settings["UV_DEFAULT_INDEX"] == "https://env.example/simple"
    assert settings["UV_INDEX"] == "https://a.example/simple file:///b"
    assert settings["UV_FIND_LINKS"] == "/wheels,/more"
    assert settings["UV_INSECURE_HOST"] == "env.example"
    assert settings["SSL_CERT_FILE"] == "/etc/own.pem"


def test_without_configuration_uv_keeps_its_own_index():
    settings = venv.translate("")
    assert "UV_DEFAULT_INDEX" not in settings
    assert "SSL_CERT_FILE" not in settings


@pytest.fixture
def requirements(monkeypatch, tmp_path):
    """Requirements of nothing, to be installed into an empty sandbox."""
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path))
    path = tmp_path / "none.txt"
    path.touch()
    return path


def test_the_users_own_settings_of_uv_stay(monkeypatch, requirements):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    monkeypatch.setattr(venv, "run", lambda command, hint: LISTED)
    env = venv.make_uv_env(["pip"])
    assert env["UV_DEFAULT_INDEX"] == "https://own.example/simple"
    assert env["UV_INDEX"] == "https://a.example/simple file:///b"
    assert env["UV_CACHE_DIR"].startswith(str(requirements.parent))


def test_without_uv_pip_installs(monkeypatch, requirements):
    calls = []

    def run(command, **options):
        calls.append([str(part) for part in command])
        if str(command[0]).endswith("uv"):
            raise SandboxError("no uv for this machine")
        return ""

    monkeypatch.setattr(venv, "run", run)
    monkeypatch.setattr(venv, "ensure", lambda requirements: requirements / "python")
    monkeypatch.setattr(venv, "make_uv_env", lambda pip: {})
    monkeypatch.setattr(venv, "find_pip", lambda python: [python, "pip"])
    monkeypatch.setattr(venv, "UV_REQUIREMENTS", requirements)
    target = requirements.parent / "target"
    (target / "bin").mkdir(parents=True)
    venv.fill_with_uv(target, requirements, sys.executable)
    assert calls[-1][1:] == ["pip", "install", "--quiet", "-r", str(requirements)]


def test_pip_runs_from_the_wheel_that_python_brings_along():
    python, wheel = venv.find_pip(sys.executable)
    assert python == sys.executable
    assert wheel.parent.name.startswith("pip-")
