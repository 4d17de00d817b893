"""Pictures of the screens: all in every width, and compared with those before."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import pictures, screenshots

Image = pytest.importorskip("PIL.Image")
ROOT = Path(screenshots.ROOT)


def paint(path, size=(10, 10), dots=0):
    """A white picture, its first points black."""
    image = Image.new("RGB", size, "white")
    for number in range(dots):
        image.putpixel((number, 0), (0, 0, 0))
    path.parent.mkdir(exist_ok=True)
    image.save(path)


def compare(*folders):
    command = [sys.executable, pictures.__file__, *map(str, folders)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_differs_is_named_with_its_share(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, dots in ((before, 0), (after, 3)):
        paint(folder / "same.png")
        paint(folder / "list-375.png", dots=dots)
    paint(before / "gone.png")
    done = compare(before, after)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"gone.png: not in {after}",
        "list-375.png: 3.00 % differ",
    ]


def test_the_same_pictures_say_so(tmp_path):
    paint(tmp_path / "one.png")
    done = compare(tmp_path, tmp_path)
    assert (done.returncode, done.stdout) == (0, "All pictures are the same.\n")


def test_what_only_the_larger_one_has_differs(tmp_path):
    paint(tmp_path / "small.png", (10, 5))
    paint(tmp_path / "large.png", (10, 10))
    assert pictures.measure(tmp_path / "small.png", tmp_path / "large.png") == 50


def test_every_screen_is_one_of_an_action_that_there_is():
    for screen in screenshots.MAIN_SCREENS:
        addon, action = screen.action.split(".")
        views = "".join(path.read_text() for path in (ROOT / addon).glob("views/*.xml"))
        found = re.search(f'id="{action}".*?res_model">([^<]*)', views, re.S)
        assert found and found[1] == screen.model, screen.name


def test_the_widths_are_those_of_desks_and_of_a_phone():
    assert screenshots.WIDTHS == (1366, 1440, 1920, 375)
