"""The kept demo database: cloned, updated or installed anew, as its add-ons changed."""

import contextlib

import pytest

from tools.sandbox import addons, demo
from tools.sandbox.console import SandboxError

MANIFEST = {"depends": ["account"], "demo": ["demo/all.xml"]}


class Environment:
    """Instead of Odoo: remembers what it was asked to do."""

    fails = ""

    def key(self, *parts):
        return "19.0"


@pytest.fixture
def made(monkeypatch, tmp_path):
    """An add-on in a checkout; ``made()`` refreshes, and says what it ran."""
    monkeypatch.setattr(demo.layout, "CHECKOUT", tmp_path)
    write(tmp_path, "__manifest__.py", repr(MANIFEST))
    write(tmp_path, "demo/all.xml", "<odoo/>")
    write(tmp_path, "models/order.py", "")
    kept, done = {}, []

    def run_odoo(environment, wanted, mode, *options):
        done.append(mode)
        if mode == environment.fails:
            raise SandboxError("no")
        kept.update(wanted)

    def refresh(fails=""):
        done.clear()
        environment = Environment()
        environment.fails = fails
        demo.refresh(environment)
        return list(done)

    monkeypatch.setattr(demo, "run_odoo", run_odoo)
    monkeypatch.setattr(demo, "read_description", lambda: dict(kept))
    monkeypatch.setattr(demo, "step", lambda title: contextlib.nullcontext())
    return refresh


def write(checkout, path, text):
    path = checkout / addons.BASE_ADDON / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_demo_database_is_installed_once(made):
    assert made() == ["-i"]
    assert made() == []


@pytest.mark.parametrize("path", ["models/order.py", "views/new.xml", "i18n/sk.po"])
def test_a_changed_addon_is_updated(made, tmp_path, path):
    made()
    write(tmp_path, path, "# changed")
    assert made() == ["-u"]
    assert made() == []


@pytest.mark.parametrize("path", ["tests/test_a.py", "static/src/a.xml", "README.rst"])
def test_what_odoo_does_not_load_changes_nothing(made, tmp_path, path):
    made()
    write(tmp_path, path, "# changed")
    assert made() == []


def test_what_acts_at_an_installation_is_installed_anew(made, tmp_path):
    made()
    write(tmp_path, "demo/all.xml", "<odoo><record/></odoo>")
    assert made() == ["-i"]
    write(tmp_path, "data/sequence.xml", '<odoo noupdate="1"/>')
    assert made() == ["-i"]
    write(tmp_path, "__manifest__.py", repr({**MANIFEST, "depends": ["sale"]}))
    assert made() == ["-i"]


def test_an_update_that_fails_is_replaced_by_an_installation(made, tmp_path):
    made()
    write(tmp_path, "models/order.py", "# changed")
    assert made(fails="-u") == ["-u", "-i"]
