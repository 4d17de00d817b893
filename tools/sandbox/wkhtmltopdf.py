"""wkhtmltopdf with patched Qt: without it, prints lack header and footer."""

import sys
from pathlib import Path

from . import libraries

PACKED_NAME = "wkhtmltopdf-pack"


def ensure():
    """Return a folder for PATH which holds the patched ``wkhtmltopdf``."""
    packed = Path(sys.prefix) / "bin" / PACKED_NAME
    packed.chmod(0o755)
    root = libraries.ensure_printing()
    return libraries.write_starter("wkhtmltopdf", packed, root)
