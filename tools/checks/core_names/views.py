"""Views as Odoo shows them: each with everything that extends it, applied in order."""

import copy
import re
import zlib

from lxml import etree

from .xmlids import read_data

PLACE = "core-names-place"  # marks elements of ours with where they stand
SPEC_ONLY = {"position", PLACE}
MADE_BY_ID = re.compile(r"%\(([\w.]+)\)d")
etree.FunctionNamespace(None)["hasclass"] = lambda context, *names: set(names) <= set(
    (context.context_node.get("class") or "").split()
)


class LocateError(Exception):
    """A specification whose target is not there."""

    def __init__(self, spec):
        kept = {k: v for k, v in spec.attrib.items() if k not in SPEC_ONLY}
        shown = etree.tostring(etree.Element(spec.tag, kept), encoding="unicode")
        super().__init__(spec.get("expr") or shown)
        self.place = spec.get(PLACE)


class View:
    """One view or template of a data file."""

    def __init__(self, addon, path, node):
        self.addon, self.path, self.node = addon, path, node
        self.model = self.read("model")
        self.id, self.parent = (
            name if not name or "." in name else f"{addon.name}.{name}"
            for name in (node.get("id"), self.read("inherit_id"))
        )
        is_primary = self.read("mode") == "primary" or node.get("primary")
        self.is_extension = bool(self.parent) and not is_primary
        self.priority = int(self.read("priority") or 16)
        self.is_active = "False" not in str(self.read("active"))
        self.arch = node if node.tag == "template" else node.find("field[@name='arch']")

    def read(self, name):
        """The value of an attribute of a template, of a field of a record."""
        field = self.node.find(f"field[@name='{name}']")
        if self.node.tag == "template" or field is None:
            return self.node.get(name) if self.node.tag == "template" else None
        return field.get("ref") or field.get("eval") or field.text

    def make_arch(self):
        """A copy of what it shows, or of its specifications, as one element."""
        parts = [copy.deepcopy(part) for part in self.arch if isinstance(part.tag, str)]
        if len(parts) == 1 and self.node.tag == "record":
            arch = parts[0]
        else:
            arch = etree.Element("data" if self.parent else "t")
            arch.extend(parts)
        for node in arch.iter(etree.Element):
            for name, value in node.attrib.items():
                node.set(name, MADE_BY_ID.sub(make_number, value))
            if not self.addon.is_core:
                node.set(PLACE, f"{self.path}:{node.sourceline}")
        return arch


def make_number(match):
    """``%(id)d`` becomes the number of a record: any will do if it stays the same."""
    return str(zlib.crc32(match[1].encode()))


class Views:
    """All views that one add-on sees."""

    def __init__(self, loaded):
        self.views, self.children, self.combined = {}, {}, {}
        self.lost = []  # specifications which find nothing
        for addon in loaded:
            for path in addon.list_data(".xml"):
                self.read_file(addon, path)
        for view in self.views.values():
            self.children.setdefault(view.parent, []).append(view)

    def read_file(self, addon, path):
        for node in read_data(etree.parse(path).getroot()):
            is_record = node.get("model") == "ir.ui.view"
            has_arch = is_record and node.find("field[@name='arch']") is not None
            if node.tag == "template" or has_arch:
                view = View(addon, path, node)
                self.views[view.id] = view

    def find_root(self, view):
        """The view that shows what ``view`` adds; None if a parent is lacking."""
        while view and view.is_extension:
            view = self.views.get(view.parent)
        return view

    def combine(self, view):
        """The whole view; None if what it is based on is lacking."""
        if view and view.id not in self.combined:
            arch = view.make_arch()
            if view.parent:
                base = self.combine(self.find_root(self.views.get(view.parent)))
                arch = self.apply(copy.deepcopy(base), arch)
            self.combined[view.id] = self.extend(view, arch)
        return self.combined[view.id] if view else None

    def extend(self, view, arch):
        found = self.children.get(view.id, ())
        for child in sorted(found, key=lambda child: child.priority):
            if child.is_extension and child.is_active:
                arch = self.extend(child, self.apply(arch, child.make_arch()))
        return arch

    def apply(self, arch, specs):
        """Apply what ``specs`` say, those that find nothing left out."""
        for spec in list(specs) if specs.tag == "data" else [specs]:
            if spec.tag == "data":
                arch = self.apply(arch, spec)
            elif arch is not None:
                try:
                    arch = apply(arch, spec)
                except LocateError as error:
                    self.lost.append(error)
        return arch


def apply(arch, spec):
    """Apply ``spec`` to ``arch``; return it, or the root that replaced it."""
    node = locate(arch, spec)
    position = spec.get("position", "inside")
    if position == "attributes":
        set_attributes(node, spec)
    elif position == "replace" and spec.get("mode") == "inner":
        node[:] = take_parts(arch, spec)
    elif position == "replace":
        return replace(arch, node, spec)
    elif position == "inside":
        node.extend(take_parts(arch, spec))
    elif position == "before":
        for part in take_parts(arch, spec):
            node.addprevious(part)
    else:
        for part in reversed(take_parts(arch, spec)):
            node.addnext(part)
    return arch


def locate(arch, spec):
    if spec.tag == "xpath":
        found = etree.ETXPath(spec.get("expr"))(arch)
    else:
        names = (
            ["name"] if spec.tag == "field" else {*spec.attrib} - {"position", PLACE}
        )
        found = [
            node
            for node in arch.iter(spec.tag)
            if all(node.get(name) == spec.get(name) for name in names)
        ]
    if not found:
        raise LocateError(spec)
    return found[0]


def take_parts(arch, spec):
    """What ``spec`` holds; of what it moves, the element itself."""
    parts = [part for part in spec if isinstance(part.tag, str)]
    return [
        locate(arch, part) if part.get("position") == "move" else part for part in parts
    ]


def replace(arch, node, spec):
    for place in spec.xpath(".//*[text()='$0']"):
        place.text = None
        place.append(copy.deepcopy(node))
    parts = take_parts(arch, spec)
    if node.getparent() is None:
        return parts[0]
    for part in parts:
        node.addprevious(part)
    if node.getparent() is not None:
        node.getparent().remove(node)
    return arch


def set_attributes(node, spec):
    if place := spec.get(PLACE):
        node.set(PLACE, place)
    for child in spec.iter("attribute"):
        separator = child.get("separator") or ","
        old = (node.get(child.get("name")) or "").split(separator.strip() or None)
        if child.get("add") or child.get("remove"):
            kept = [value for value in old if value != child.get("remove")]
            text = separator.join([*filter(None, kept), child.get("add") or ""])
        else:
            text = child.text or ""
        node.set(child.get("name"), text.strip())
        if not text:
            del node.attrib[child.get("name")]
