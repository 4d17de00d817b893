"""The sandbox's own decisions: what it takes from the user, what it keeps apart."""

import contextlib
import fnmatch
import os
import sys

import pytest

from tools.sandbox import debian, layout, odoo, odoo_source, postgres, venv
from tools.sandbox.console import SandboxError, run


def test_database_url_becomes_settings():
    url = "postgresql://clerk:p%40ss@db.example:5444/x?sslmode=require"
    assert postgres.read_settings({"DATABASE_URL": url}) == {
        "PGHOST": "db.example",
        "PGPORT": "5444",
        "PGUSER": "clerk",
        "PGPASSWORD": "p@ss",
        "PGSSLMODE": "require",
    }


def test_database_url_of_another_kind_is_refused():
    with pytest.raises(SandboxError, match="DATABASE_URL"):
        postgres.read_settings({"DATABASE_URL": "mysql://localhost/x"})


def test_without_settings_the_own_server_is_used():
    assert postgres.read_settings({"PGUSER": "clerk"}) == {}


def test_the_user_postgres_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PGHOST", "localhost")
    monkeypatch.setenv("PGUSER", "postgres")
    with pytest.raises(SandboxError, match="createuser"):
        postgres.ensure()


def test_a_folder_without_odoo_is_refused(tmp_path):
    with pytest.raises(SandboxError, match="ODOO_HOME"):
        odoo_source.read_version(tmp_path)


def test_another_version_of_odoo_is_refused(tmp_path):
    release = tmp_path / "odoo" / "release.py"
    release.parent.mkdir()
    release.write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    with pytest.raises(SandboxError, match="not 19.0"):
        odoo_source.read_version(tmp_path)
    release.write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    assert odoo_source.read_version(tmp_path) == "19.0"


@pytest.mark.parametrize(
    "name, wanted",
    [("fr", True), ("sk", True), ("fr_CA", False), ("es", False), ("sl", False)],
)
def test_only_the_tested_languages_are_unpacked(name, wanted):
    path = f"./usr/odoo/addons/account/i18n/{name}.po"
    patterns = odoo_source.unwanted_files()
    dropped = any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)
    assert dropped != wanted


def create_repository(path, version):
    """A git repository with a branch 19.0 that looks like Odoo's."""
    release = path / "odoo" / "release.py"
    release.parent.mkdir(parents=True)
    release.write_text(f"version_info = ({version}, FINAL, 0, '')\n")
    git = ["git", "-C", path, "-c", "user.name=x", "-c", "user.email=x@example.com"]
    run(["git", "init", "-q", "-b", odoo_source.BRANCH, path], hint="git")
    run([*git, "add", "."], hint="git")
    run([*git, "commit", "-q", "-m", "x"], hint="git")


@pytest.fixture
def without_odoo(monkeypatch, tmp_path):
    """An empty sandbox on a machine which has no Debian mirror."""
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path / "sandbox"))
    monkeypatch.setattr(odoo_source.debian, "find_mirror", lambda: None)
    monkeypatch.setattr(odoo_source, "REPOSITORY", (tmp_path / "upstream").as_uri())
    return tmp_path


def test_without_a_debian_mirror_odoo_is_cloned(without_odoo):
    create_repository(without_odoo / "upstream", "19, 0, 0")
    source = odoo_source.ensure()
    assert source.version == "19.0"
    assert (source.root / "odoo" / "release.py").exists()
    assert odoo_source.ensure().root == source.root  # found again, not cloned


def test_a_clone_cut_short_is_made_again(without_odoo):
    create_repository(without_odoo / "upstream", "19, 0, 0")
    half = layout.folder("odoo.part") / "odoo"
    half.mkdir()
    assert (odoo_source.ensure().root / "odoo" / "release.py").exists()
    assert not half.exists()


def test_no_network_is_said_with_the_way_out(without_odoo):
    with pytest.raises(SandboxError, match="Check the network, or set ODOO_HOME"):
        odoo_source.ensure()


def test_only_debians_own_packages_count_as_a_mirror(monkeypatch):
    listed = """\
https://mirror.example/ubuntu/|Ubuntu||Packages
https://mirror.example/debian-security/|Debian|/keys/d.gpg|Packages
https://mirror.example/debian/|Debian|/keys/d.gpg|Sources
https://mirror.example/debian/|Debian|/keys/d.gpg|Packages
https://other.example/debian/|Debian|$(SIGNED_BY)|Packages
"""
    monkeypatch.setattr(debian, "run", lambda command, hint: listed)
    assert debian.list_targets([]) == [
        ("https://mirror.example/debian/", "/keys/d.gpg"),
        ("https://other.example/debian/", ""),
    ]


# the function itself, before a test puts another one in its place
venv_starts = venv.starts


def test_an_old_python_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(venv.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(venv.shutil, "which", lambda name, path=None: None)
    with pytest.raises(SandboxError, match="needs Python 3.10 to 3.13, this is 3.9"):
        venv.find_interpreter()


def test_another_python_in_path_is_taken(monkeypatch):
    monkeypatch.setattr(venv.sys, "version_info", (3, 14, 0))
    found = {"python3.13": "/placeholder", "python3.12": "/usr/bin/python3.12"}
    monkeypatch.setattr(venv.shutil, "which", lambda name, path=None: found.get(name))
    monkeypatch.setattr(venv, "is_optimized", lambda path: False)
    monkeypatch.setattr(venv, "starts", lambda path: path != "/placeholder")
    assert venv.find_interpreter() == "/usr/bin/python3.12"
    assert not venv_starts("false")
    assert venv_starts(sys.executable)


def test_a_python_built_without_optimisations_gives_way(monkeypatch):
    monkeypatch.delenv("SERVICE_PYTHON", raising=False)
    monkeypatch.setattr(venv, "fits", lambda version: True)
    monkeypatch.setattr(venv.shutil, "which", lambda name, path=None: f"{path}/{name}")
    monkeypatch.setattr(venv, "is_optimized", lambda path: "3.12" in path)
    assert venv.find_interpreter() == "/usr/bin/python3.12"
    monkeypatch.setenv("SERVICE_PYTHON", "python3.11")
    assert venv.find_interpreter() == sys.executable


def test_two_checkouts_of_odoo_share_no_database(monkeypatch, tmp_path):
    versions = set()
    for name in ("one", "two"):
        release = tmp_path / name / "odoo" / "release.py"
        release.parent.mkdir(parents=True)
        release.write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
        monkeypatch.setenv("ODOO_HOME", str(tmp_path / name))
        versions.add(odoo_source.ensure().version)
    assert len(versions) == 2


@pytest.fixture
def other_odoo(monkeypatch, tmp_path):
    """An Odoo 19.0-b, where every database was made with 19.0-a; what it is asked to
    install or update is remembered in ``done``."""
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path))
    environment = odoo.Odoo(odoo_source.OdooSource("/some/odoo", "19.0-b"), "bin")
    environment.done = []
    monkeypatch.setattr(odoo.databases, "read_parameter", lambda name, key: "19.0-a")
    monkeypatch.setattr(
        odoo.databases, "build", lambda name, source: contextlib.nullcontext(name)
    )
    monkeypatch.setattr(
        environment, "install", lambda *what, **options: environment.done.append(what)
    )
    return environment


def test_a_database_of_another_odoo_is_not_opened_as_it_is(monkeypatch, other_odoo):
    message = "made with Odoo 19.0-a, and this is 19.0-b at /some/odoo.*make serve"
    with pytest.raises(SandboxError, match=message):
        other_odoo.refuse_other("mine")
    for own in ("19.0-b", None):
        monkeypatch.setattr(odoo.databases, "read_parameter", lambda *_, own=own: own)
        other_odoo.refuse_other("mine")


def test_a_served_database_of_another_odoo_is_updated(monkeypatch, other_odoo):
    other_odoo.update_other("mine")
    assert other_odoo.done == [("mine", "all")]
    monkeypatch.setattr(odoo.databases, "read_parameter", lambda name, key: "19.0-b")
    other_odoo.update_other("mine")
    assert len(other_odoo.done) == 1


def test_a_full_disk_is_said_before_the_download(monkeypatch, tmp_path):
    monkeypatch.setenv("SERVICE_SANDBOX", str(tmp_path))
    monkeypatch.setattr(layout, "MIN_FREE_BYTES", 2**62)
    with pytest.raises(SandboxError, match="are free"):
        layout.ensure_space()


def test_a_failed_command_shows_the_hint_and_its_last_lines():
    with pytest.raises(SandboxError, match=r"Do this\.\n    the reason"):
        run(["sh", "-c", "echo the reason; exit 3"], hint="Do this.")
    with pytest.raises(SandboxError, match="cannot be started. Do this."):
        run(["no-such-program"], hint="Do this.")


def test_a_program_that_may_not_be_started_is_named(tmp_path):
    closed = tmp_path / "closed"
    closed.touch(mode=0o600)
    with pytest.raises(SandboxError, match="closed cannot be started. Do this."):
        run([closed], hint="Do this.")


def test_a_finished_folder_replaces_an_older_one(tmp_path):
    part, target = tmp_path / "new.part", tmp_path / "new"
    target.mkdir()
    (target / "old").touch()
    part.mkdir()
    (part / "fresh").touch()
    layout.replace(part, target)
    assert os.listdir(target) == ["fresh"]
    assert not part.exists()
