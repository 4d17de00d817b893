"""Names of Odoo in our data files and views: ids, models, fields and methods."""

import ast
import csv
import re

from lxml import etree

from .domains import list_leaves
from .views import PLACE, Views

IN_TEXT = re.compile(r"%\(([\w.]+)\)d|ref\('([\w.]+)'\)")
ID_ATTRIBUTES = ("id", "ref", "inherit_id", "parent", "action", "t-call", "groups")
CONDITIONS = ("invisible", "readonly", "required")
# names which Odoo's client knows in conditions, beside fields
KNOWN = set(
    "context uid parent id self today now current_date context_today time datetime "
    "relativedelta allowed_company_ids current_company_id companies active_id "
    "active_ids active_model abs len bool float str set".split()
)


class DataCheck:
    """Checks the data files of one add-on."""

    def __init__(self, registry, ids, report):
        self.registry, self.ids, self.report = registry, ids, report

    def check_files(self, addon):
        for path in addon.list_data(".xml"):
            for node in etree.parse(path).iter(etree.Element):
                self.check_element(path, node)
        for path in addon.list_data(".csv"):
            self.check_csv(path)

    def check_element(self, path, node):
        texts = [node.get(name) for name in ID_ATTRIBUTES if node.get(name)]
        for text in [*node.attrib.values(), node.text or ""]:
            texts += [a or b for a, b in IN_TEXT.findall(text)]
        for text in texts:
            self.ids.check(self.report, path, node.sourceline, text)
        if node.tag == "record":
            self.check_record(path, node)
        if name := node.get("t-field"):
            self.check_expression(path, node, name)

    def check_record(self, path, node):
        model = node.get("model")
        if self.has_model(path, node.sourceline, model):
            for field in node.findall("field"):
                self.check_path(path, field.sourceline, model, field.get("name"))
                name = field.get("name")
                if name in ("res_model", "model") and field.text:
                    self.has_model(path, field.sourceline, field.text.strip())

    def check_expression(self, path, node, text):
        """``o.partner_id.name``: whatever ``o`` is, some model must have the rest."""
        match = re.fullmatch(r"\w+\.([\w.]+)", text)
        if match and not self.registry.has_path(match[1]):
            text = f"{match[1]}: no model of Odoo has these fields"
            self.report.lack(path, node.sourceline, text)

    def check_csv(self, path):
        """The columns of ids; ``ir.model.access.csv`` above all."""
        with path.open(newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), 2):
                for column, text in row.items():
                    if column.endswith(":id"):
                        self.ids.check(self.report, path, number, text)

    def has_model(self, path, line, model):
        if model in self.registry.models:
            return True
        self.report.lack(path, line, f"{model}: Odoo has no such model")
        return False

    def check_path(self, path, line, model, name):
        at, lacking = self.registry.walk(model, name)
        if lacking:
            text = f"{'.'.join(lacking)}: Odoo has no such field"
            self.report.lack(path, line, text)
        else:
            first = name.split(".")[0]
            if model in self.registry.models and self.registry.is_core(model, first):
                self.report.rely(model, first)
        return at


class ViewCheck:
    """Checks what our views put into those of Odoo, where it ends up."""

    def __init__(self, checks, addon):
        self.checks, self.addon = checks, addon
        self.registry, self.report = checks.registry, checks.report

    def check_views(self, views):
        own = [view for view in views.views.values() if view.addon is self.addon]
        roots = {view.id: view for view in map(views.find_root, own) if view}
        for view in roots.values():
            arch = views.combine(view)
            if view.model and arch is not None:
                self.walk(arch, view.model, None)
        for error in views.lost:
            if error.place and self.is_ours(error.place):
                self.lack(error.place, f"{error}: nothing of Odoo's view is found so")

    def is_ours(self, place):
        return place.startswith(f"{self.addon.path}/")

    def lack(self, place, text):
        path, _colon, line = place.rpartition(":")
        self.report.lack(path, line, text)

    def walk(self, node, model, parent):
        """Check ``node``, shown for records of ``model`` inside those of ``parent``."""
        place = node.get(PLACE)
        if place and self.is_ours(place):
            self.check_node(node, model, parent, place)
        inner = model
        if node.tag in ("field", "groupby") and len(node) and model:
            inner = self.registry.find_comodel(model, node.get("name"))
        for child in node.iterchildren(etree.Element):
            self.walk(child, inner, parent if inner == model else model)

    def check_node(self, node, model, parent, place):
        path, _colon, line = place.rpartition(":")
        if model not in self.registry.models:
            return
        at = model
        if node.tag in ("field", "groupby"):
            at = self.checks.check_path(path, line, model, node.get("name"))
        if node.tag == "button" and node.get("type") == "object":
            if node.get("name") not in self.registry.list_names(model):
                name = f"{model}.{node.get('name')}"
                self.lack(place, f"{name}: Odoo has no such method")
        for name in CONDITIONS:
            self.check_condition(node.get(name), model, parent, place)
        self.check_domain(node.get("domain"), at, place)

    def check_condition(self, text, model, parent, place):
        """Fields that ``invisible="state != 'draft'"`` asks for."""
        if not (tree := parse(text)):
            return
        for part in ast.walk(tree):
            found = None
            if isinstance(part, ast.Name) and part.id not in KNOWN:
                found = model, part.id
            elif isinstance(part, ast.Attribute) and parent:
                is_parent = getattr(part.value, "id", None) == "parent"
                found = (parent, part.attr) if is_parent else None
            if found:
                path, _colon, line = place.rpartition(":")
                self.checks.check_path(path, line, *found)

    def check_domain(self, text, model, place):
        tree = parse(text)
        if not tree or model not in self.registry.models:
            return
        for _leaf, at, name in list_leaves(self.registry, tree.body, model):
            path, _colon, line = place.rpartition(":")
            self.checks.check_path(path, line, at, name)


def parse(text):
    """The expression, or None: there is none, or Odoo's client reads it otherwise."""
    try:
        return ast.parse(text.strip(), mode="eval") if text else None
    except SyntaxError:
        return None


def check_data(registry, ids, report, addon, loaded):
    checks = DataCheck(registry, ids, report)
    checks.check_files(addon)
    ViewCheck(checks, addon).check_views(Views(loaded))
