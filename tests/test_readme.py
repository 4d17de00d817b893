"""Pages made from fragments: complete, fresh or said to be stale."""

import subprocess
import sys

import pytest

from tools import readme

MANIFEST = """{
    "name": "Sample Add-on",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Somebody",
    "website": "https://example.com/sample",
    "depends": ["account"],
    "images": ["static/description/shot.png"],
}
"""


@pytest.fixture
def addon(tmp_path):
    folder = tmp_path / "sample"
    (folder / "readme").mkdir(parents=True)
    (folder / "__manifest__.py").write_text(MANIFEST)
    (folder / "readme" / "DESCRIPTION.rst").write_text("It *does* a thing.\n")
    (folder / "readme" / "USAGE.rst").write_text("#. Press the button.\n")
    return folder


def run(*arguments):
    command = [sys.executable, readme.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_both_pages_hold_every_fragment(addon):
    assert run(addon).returncode == 0
    text = (addon / "README.rst").read_text()
    page = (addon / "static/description/index.html").read_text()
    for made in (text, page):
        assert "Sample Add-on" in made
        assert "Press the button." in made
        assert "LGPL-3" in made
    assert "It *does* a thing." in text
    assert "<em>does</em>" in page


def test_a_section_without_a_fragment_is_left_out(addon):
    run(addon)
    assert "Configuration" not in (addon / "README.rst").read_text()


def test_pictures_are_found_from_either_page(addon):
    run(addon)
    assert "image:: static/description/shot.png" in (addon / "README.rst").read_text()
    page = (addon / "static/description/index.html").read_text()
    assert 'src="shot.png"' in page


def test_check_passes_on_fresh_pages_and_writes_nothing(addon):
    run(addon)
    before = (addon / "README.rst").stat().st_mtime_ns
    assert run("--check", addon).returncode == 0
    assert (addon / "README.rst").stat().st_mtime_ns == before


def test_check_fails_on_missing_and_on_stale_pages(addon):
    assert run("--check", addon).returncode == 1
    assert not (addon / "README.rst").exists()
    run(addon)
    (addon / "readme" / "USAGE.rst").write_text("#. Press it twice.\n")
    answer = run("--check", addon)
    assert answer.returncode == 1
    assert "README.rst: stale" in answer.stdout
    assert "index.html: stale" in answer.stdout


def test_broken_markup_is_refused(addon):
    (addon / "readme" / "USAGE.rst").write_text("`never closed <x\n\n*either\n")
    assert run(addon).returncode != 0
