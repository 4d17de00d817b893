"""Databases that tests clone: when they are made again, and when they are kept."""

import pytest

from tools.sandbox import addons, layout, prepared


class FakeOdoo:
    def key(self, *parts):
        return addons.hash_parts(parts)


@pytest.fixture
def write(monkeypatch, tmp_path):
    """Write a file of an add-on; return the keys of a plain database and the world."""
    monkeypatch.setattr(layout, "CHECKOUT", tmp_path)
    monkeypatch.setattr(addons.layout, "CHECKOUT", tmp_path)
    (tmp_path / "addon").mkdir()
    (tmp_path / "addon" / "__manifest__.py").write_text("{'depends': ['account']}")

    def write(name, content):
        path = tmp_path / "addon" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        kinds = ("installed", "world")
        return [prepared.contents_key(FakeOdoo(), kind) for kind in kinds]

    return write


def test_a_changed_model_or_view_makes_the_databases_anew(write):
    before = write("models/a.py", "a = 1")
    after = write("models/a.py", "a = 2")
    assert before[0] != after[0] and before[1] != after[1]
    assert write("views/a.xml", "<odoo/>")[0] != after[0]


def test_changed_tests_pictures_and_texts_leave_them(write):
    before = write("models/a.py", "a = 1")
    write("tests/test_a.py", "def test_a(): pass")
    write("static/description/a.svg", "<svg/>")
    assert write("readme/DESCRIPTION.rst", "More") == before


def test_the_world_follows_what_makes_it(write):
    before = write("tests/common_a.py", "price = 1")
    after = write("tests/common_a.py", "price = 2")
    assert before[0] == after[0]
    assert before[1] != after[1]
