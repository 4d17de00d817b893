"""What programs need beside the C library is in the sandbox, or named at once."""

import subprocess
import sys

import pytest

from tools.sandbox import debian, programs
from tools.sandbox.console import SandboxError


@pytest.fixture(autouse=True)
def sandbox(monkeypatch, tmp_path):
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path))
    return tmp_path


def test_without_apt_missing_libraries_are_named_with_the_command(monkeypatch):
    monkeypatch.setattr(debian, "has_apt", lambda: False)
    monkeypatch.setattr(programs, "can_load", lambda name: "Xrender" not in name)
    with pytest.raises(SandboxError, match="libXrender.so.1.*apt-get install libxren"):
        programs.check_machine()
    monkeypatch.setattr(programs, "can_load", lambda name: True)
    programs.check_machine()
    assert programs.ensure_printing() is None


def test_an_unreachable_mirror_is_no_matter_where_nothing_lacks(monkeypatch):
    def refuse(*arguments):
        raise SandboxError("no network")

    monkeypatch.setattr(debian, "has_apt", lambda: True)
    monkeypatch.setattr(debian, "unpack_from_system", refuse)
    monkeypatch.setattr(programs, "can_load", lambda name: True)
    assert programs.ensure_printing() is None
    monkeypatch.setattr(programs, "can_load", lambda name: False)
    with pytest.raises(SandboxError, match="this machine lacks"):
        programs.ensure_printing()


@pytest.mark.parametrize(
    "package, wanted",
    [
        ("libfreetype6", True),
        ("fonts-liberation", True),
        ("libc6", False),
        ("libc-bin", False),
        ("libcairo2", True),
        ("systemd", False),
        ("libllvm19", False),
    ],
)
def test_only_libraries_and_fonts_are_taken_along(package, wanted):
    assert bool(programs.WANTED.fullmatch(package)) == wanted


def test_a_program_finds_the_libraries_and_fonts_of_the_sandbox(sandbox):
    root = sandbox / "root"
    (root / "usr/lib/some").mkdir(parents=True)
    (root / "usr/lib/some/libx.so.1").touch()
    program = sandbox / "program"
    program.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH $FONTCONFIG_FILE $*"\n')
    program.chmod(0o755)
    folder = programs.write_starter("tool", program, root, "--option")
    said = subprocess.check_output([folder / "tool", "a b"], text=True)
    assert said == f"{root}/usr/lib/some {root}/fonts.conf --option a b\n"


def test_a_link_of_an_older_sandbox_is_replaced(sandbox):
    (sandbox / "bin").mkdir()
    (sandbox / "bin" / "tool").symlink_to(sys.executable)
    folder = programs.write_starter("tool", "/bin/echo", None)
    assert not (folder / "tool").is_symlink()


def test_a_program_that_does_not_start_is_noticed_when_it_is_made_ready(sandbox):
    for _attempt in range(2):
        with pytest.raises(SandboxError, match="tool does not start"):
            programs.write_starter("tool", "/bin/false", None)
    assert not (sandbox / "bin" / "tool").exists()


def test_without_a_browser_its_tests_are_skipped_but_not_in_ci(monkeypatch):
    monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    monkeypatch.setattr(debian, "find_mirror", lambda: None)
    monkeypatch.delenv("CI", raising=False)
    assert programs.find_browser() is None
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SandboxError, match="required in CI. Install the package chrom"):
        programs.find_browser()


def test_the_machines_own_browser_comes_first(monkeypatch):
    monkeypatch.setattr(programs.shutil, "which", {"chromium": "/x/chromium"}.get)
    assert programs.find_browser() == "/x/chromium"
