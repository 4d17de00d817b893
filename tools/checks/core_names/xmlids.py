"""External ids which the data of loaded add-ons define."""

import csv
import re

from lxml import etree

# ids which Odoo makes itself for models, fields and modules
MADE = re.compile(r"(model|field|selection|constraint|module)_|\d")
TAGS = {"record", "template", "menuitem", "act_window", "report", "asset"}


class Ids:
    """The ids of the add-ons that are loaded, ours among them."""

    def __init__(self, loaded):
        self.core = {addon.name for addon in loaded if addon.is_core}
        self.known = set()
        for addon in loaded:
            if addon.is_core:
                self.known |= read_ids(addon)

    def check(self, report, path, line, text):
        """Every id of a text like ``base.group_user,!base.group_portal``."""
        for part in text.split(","):
            module, dot, name = part.strip().lstrip("!").partition(".")
            if not dot or module not in self.core or MADE.match(name):
                continue
            if f"{module}.{name}" in self.known:
                report.rely(f"(ids of {module})", name)
            else:
                report.lack(path, line, f"{module}.{name}: Odoo has no such id")


def read_ids(addon):
    found = set()
    for path in addon.list_data(".xml"):
        for node in read_data(etree.parse(path).getroot()):
            found.add(node.get("id", ""))
    for path in addon.list_data(".csv"):
        with path.open(newline="") as lines:
            found |= {row.get("id") or "" for row in csv.DictReader(lines)}
    # base's first records come by SQL
    for path in addon.path.glob("data/*.sql"):
        found |= set(re.findall(r"'(\w+)'", path.read_text()))
    return {name if "." in name else f"{addon.name}.{name}" for name in found if name}


def read_data(root):
    """Elements of a data file that make records, in their order."""
    for node in root:
        if node.tag == "data":
            yield from read_data(node)
        elif node.tag in TAGS:
            yield node
            yield from node.iter("menuitem") if node.tag == "menuitem" else ()
