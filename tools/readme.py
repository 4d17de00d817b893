"""Make README.rst and static/description/index.html from readme/ fragments.

Usage: readme.py [--check] [ADDON_FOLDER...]

Without folders every add-on beside tools/ is made. --check writes nothing and
fails when a page is not what its fragments and manifest say.
"""

import argparse
import ast
import sys
from pathlib import Path

from docutils.core import publish_parts

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = {
    "DESCRIPTION": None,
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known limits",
    "DEVELOP": "For developers",
    "CONTRIBUTORS": "Contributors",
}
NOTICE = ".. Made by tools/readme.py from the fragments in readme/: edit them.\n"
PAGE = """<!DOCTYPE html>
<!-- Made by tools/readme.py from the fragments in readme/: edit them. -->
<html lang="en">
<head>
<meta charset="utf-8" />
<title>{name}</title>
</head>
<body>
<section class="oe_container">
<h1>{name}</h1>
{body}
</section>
</body>
</html>
"""
SETTINGS = {
    "doctitle_xform": False,
    "file_insertion_enabled": False,
    "halt_level": 2,
    "initial_header_level": 2,
    "raw_enabled": False,
    "report_level": 2,
    "section_self_link": False,
    "syntax_highlight": "none",
}


def read_manifest(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))


def heading(title, line):
    return f"{title}\n{line * len(title)}\n"


def screenshots(manifest):
    """The manifest's images but for its icon, as reStructuredText."""
    return [
        f".. image:: {image}\n   :alt: {manifest['name']}\n   :width: 100%\n"
        for image in manifest.get("images", [])
    ]


def sections(addon, manifest):
    """Blocks of the page below its title; a missing fragment has no section."""
    blocks = []
    for name, title in SECTIONS.items():
        fragment = addon / "readme" / f"{name}.rst"
        if not fragment.exists():
            continue
        if title:
            blocks.append(heading(title, "="))
        blocks.append(fragment.read_text(encoding="utf-8").strip() + "\n")
        if not title:
            blocks += screenshots(manifest)
    return blocks + credit_block(manifest)


def credit_block(manifest):
    depends = ", ".join(f"``{name}``" for name in manifest["depends"])
    facts = [
        f"* Version {manifest['version']}, licence {manifest['license']}",
        f"* Authors: {manifest['author']}",
        f"* Depends on: {depends}",
        f"* Home: `{manifest['website']} <{manifest['website']}>`__",
    ]
    return [heading("Credits", "="), "\n".join(facts) + "\n"]


def make_readme(addon, manifest):
    title = manifest["name"]
    top = f"{'=' * len(title)}\n{title}\n{'=' * len(title)}\n"
    return "\n".join([NOTICE, top, *sections(addon, manifest)])


def make_page(addon, manifest):
    """The page the Apps list shows; its images are beside it."""
    source = "\n".join(sections(addon, manifest))
    source = source.replace("static/description/", "")
    parts = publish_parts(source, writer_name="html5", settings_overrides=SETTINGS)
    return PAGE.format(name=manifest["name"], body=parts["body"].strip())


def pages(addon):
    """Path and text of the pages of one add-on."""
    manifest = read_manifest(addon)
    return {
        addon / "README.rst": make_readme(addon, manifest),
        addon / "static/description/index.html": make_page(addon, manifest),
    }


def is_stale(path, text):
    return not path.exists() or path.read_text(encoding="utf-8") != text


def find_addons(folders):
    if folders:
        return [Path(folder).resolve() for folder in folders]
    return sorted(path.parent for path in ROOT.glob("*/__manifest__.py"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("addons", nargs="*", help="folders, all without them")
    options = parser.parse_args()
    stale = False
    for addon in find_addons(options.addons):
        for path, text in pages(addon).items():
            if not is_stale(path, text):
                continue
            stale = True
            print(f"{path}: {'stale, run tools/readme.py' * options.check or 'made'}")
            if not options.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
