"""Tell which pictures of two folders differ, and by how much.

Usage: pictures.py BEFORE AFTER

The code is 1 if any differs or is in one folder only. Needs the package Pillow.
"""

import sys
from pathlib import Path

from PIL import Image, ImageChops


def measure(before, after):
    """Share of the picture that differs, in percent; what only the larger one has
    counts as different."""
    with Image.open(before) as one, Image.open(after) as other:
        size = tuple(map(max, one.size, other.size))
        differences = ImageChops.difference(*(place(i, size) for i in (one, other)))
    bands = differences.split()
    changed = bands[0]
    for band in bands[1:]:
        changed = ImageChops.lighter(changed, band)
    same = changed.histogram()[0]
    return 100.0 * (1 - same / (size[0] * size[1]))


def place(image, size):
    """The picture in the corner of a larger one that is transparent else."""
    canvas = Image.new("RGBA", size)
    canvas.paste(image.convert("RGBA"))
    return canvas


def compare(before, after):
    """One line per picture that is not the same in both folders."""
    names = {path.name for folder in (before, after) for path in folder.glob("*.png")}
    for name in sorted(names):
        missing = [folder for folder in (before, after) if not (folder / name).exists()]
        if missing:
            yield f"{name}: not in {missing[0]}"
        elif share := measure(before / name, after / name):
            yield f"{name}: {share:.2f} % differ"


def main():
    try:
        before, after = map(Path, sys.argv[1:])
    except ValueError:
        sys.exit(__doc__)
    lines = list(compare(before, after))
    print("\n".join(lines) or "All pictures are the same.")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
