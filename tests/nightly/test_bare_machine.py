"""A minimal Debian and a user without root: the demo runs there, and the tests."""

import os
import shutil
import subprocess

import pytest

from tools.sandbox import debian, layout
from tools.sandbox.console import run

RELEASES = ("bookworm", "trixie")
PACKAGES = "python3,python3-venv,git,make,ca-certificates"
USER = "tester"
# how this machine reaches the network: names, certificates, package index
NETWORK_FILES = ("etc/resolv.conf", "etc/hosts", "etc/pip.conf")
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
HOUR = 3600
# a namespace of its own: what was started and mounted there ends with the command
ENTER = """
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
exec chroot --userspec="$1" "$0" env -i "HOME=/home/$1" LANG=C.UTF-8 \
    PATH=/usr/bin:/bin sh -c "cd ~/checkout && $2"
"""


class Machine:
    def __init__(self, root):
        self.root = root

    def call(self, command):
        """Run ``command`` in the checkout as a user; return its code and output."""
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        done = subprocess.run(
            [*unshare, "sh", "-ec", ENTER, self.root, USER, command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=HOUR,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


def find_refusal():
    """Why no such machine can be made here, or nothing."""
    if os.geteuid():
        return "only root can make a bare machine"
    if not shutil.which("debootstrap"):
        return "debootstrap is not installed"
    return "" if debian.find_mirror() else "this machine has no Debian mirror"


@pytest.fixture(scope="module", params=RELEASES)
def machine(request, tmp_path_factory):
    if reason := find_refusal():
        pytest.skip(reason)
    root = tmp_path_factory.mktemp(request.param) / "root"
    build(request.param, root)
    yield Machine(root)
    shutil.rmtree(root, ignore_errors=True)


def build(release, root):
    address, _keyring = debian.find_mirror()
    options = ["--variant=minbase", f"--include={PACKAGES}"]
    run(["debootstrap", *options, release, root, address], hint="no machine was made")
    copy_network_settings(root)
    run(["chroot", root, "useradd", "--create-home", USER], hint="no user was made")
    checkout = root / "home" / USER / "checkout"
    command = ["git", "clone", "--quiet", layout.CHECKOUT, checkout]
    run(command, hint="no checkout was made")
    run(["chroot", root, "chown", "-R", USER, f"/home/{USER}"], hint="chown failed")


def copy_network_settings(root):
    for name in (*NETWORK_FILES, CERTIFICATES):
        if os.path.exists(f"/{name}"):
            shutil.copy(f"/{name}", root / name)
    settings = run(["apt-config", "dump"], hint="apt does not work")
    lines = [line for line in settings.splitlines() if line.startswith("Acquire::")]
    (root / "etc/apt/apt.conf.d/90network").write_text("\n".join(lines) + "\n")


def test_the_demo_runs_on_a_bare_machine(machine):
    code, output = machine.call("make demo")
    assert code == 0, output
    assert "MNT/" in output
    prints = machine.root / f"home/{USER}/checkout/.sandbox/out"
    assert len(list(prints.glob("*.pdf"))) > 8


def test_the_system_tests_are_green_on_a_bare_machine(machine):
    code, output = machine.call("CI=true make test LANE=system")
    assert code == 0, output
    assert " 0 failed" in output
