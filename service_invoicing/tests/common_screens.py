"""What the web client asks of the server to show a screen, asked in Python by a user."""

from contextlib import contextmanager

from lxml import etree

from odoo.fields import Date
from odoo.service.model import call_kw
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

from odoo.addons.web.controllers.utils import clean_action

ALWAYS = ("1", "True")
# how many records of each kind are shown
PAGE = 20
TO_MANY = ("one2many", "many2many")
NUMBERS = ("integer", "float", "monetary")
SEARCHED = ("char", "text", "many2one", *TO_MANY)
# buttons of rows are named so when they open something, as smart buttons do
OPENING = ("action_open_", "action_view_")


def find_fields(node):
    """The fields of a view, without those of the lists and forms inside of it."""
    level = int(node.xpath("count(ancestor::field)"))
    return node.xpath(
        f".//field[not(ancestor::groupby)][count(ancestor::field) = {level}]"
    )


def is_tags(node):
    """Shown by names alone, without a view of the rows."""
    return node.get("widget", "").startswith(("many2many_", "x2many_buttons"))


class Screens:
    """The screens of one user. ``troubles`` tells what he was refused, and where.

    :param names: fields and buttons that are tried, by the model of the view; what
        core shows of its own to a role that may not read it is core's matter
    """

    def __init__(self, user, names):
        context = {
            "lang": "en_US",
            "tz": "UTC",
            "uid": user.id,
            "allowed_company_ids": user.company_ids.ids,
        }
        self.env = user.env(user=user.id, su=False, context=context)
        self.names = names
        self.troubles = []
        self.shown = set()  # models of which a record was shown
        self._offered = set()  # models of which a record may be chosen
        self._path = []
        self._pressed = set()
        self._searched = set()

    @contextmanager
    def _at(self, place):
        """Whatever goes wrong inside is one trouble of this place, and is undone."""
        self._path.append(str(place))
        try:
            with self.env.cr.savepoint():
                yield
        except Exception as error:
            self.env.clear()
            self._complain(f"{type(error).__name__}: {error}")
        finally:
            self._path.pop()

    def _complain(self, text):
        where = " / ".join((self.env.user.login, *self._path))
        self.troubles.append(f"{where}: {' '.join(text.split())[:300]}")

    # -- what a view needs -------------------------------------------------------

    def check_view(self, view):
        """Names of the rights a view needs and its user lacks, among the troubles."""
        model = self.env[view.model]
        with self._at(view.xml_id or view.name):
            self._check_node(model, self._read_view(model, view.id, view.type))

    def _read_view(self, model, view_id, kind):
        return self._parse(model, model.get_view(view_id, kind)["arch"])

    def _parse(self, model, arch):
        root = etree.fromstring(arch)
        root.set("model", model._name)
        return root

    def _is_ours(self, node):
        """Our view or our extension of a view shows it."""
        model = node.getroottree().getroot().get("model")
        return node.get("name") in self.names.get(model, ())

    def _check_node(self, model, root):
        changes = model.has_access("write") or model.has_access("create")
        if root.tag != "form" and not root.get("editable"):
            changes = False
        for node in find_fields(root):
            field = model._fields[node.get("name")]
            if not model._has_field_access(field, "read"):
                self._complain(f"{field} is in the view and cannot be read")
            if field.relational and self._is_ours(node):
                chosen = changes and self._is_chosen(field, node)
                self._check_relation(field, chosen, root.tag == "search")
            for child in node:
                self._check_node(self.env[field.comodel_name], child)
        for button in root.xpath(".//button[@type='action'][not(ancestor::field)]"):
            self._check_button(button)

    def _check_relation(self, field, chosen, searched):
        comodel = self.env[field.comodel_name]
        if comodel.has_access("read"):
            if chosen and not searched:
                self._offered.add(comodel._name)
        elif field.type in TO_MANY:
            self._complain(f"{field} shows {comodel._name}")
        elif chosen or searched:
            self._complain(f"{field} offers {comodel._name}")

    def _is_chosen(self, field, node):
        """A person may choose another record; a fixed expression would be evaluated."""
        readonly = node.get("readonly", str(field.readonly))
        return readonly not in ALWAYS and not {
            node.get("invisible"),
            node.get("column_invisible"),
        } & {*ALWAYS}

    def show_choices(self):
        """What *Search More* lists of the records that the views offer."""
        for name in sorted(self._offered):
            model = self.env[name]
            with self._at(f"choice of {name}"):
                self._show_records(self._read_view(model, None, "list"), model, [])

    def _check_button(self, button):
        action = self.env["ir.actions.actions"].sudo().browse(int(button.get("name")))
        action = self.env[action.type].sudo().browse(action.id)
        if action._name != "ir.actions.act_window":
            return
        groups = action.group_ids
        if groups and not groups & self.env.user.all_group_ids:
            self._complain(f"button to {action.xml_id} is for others")
        if not self.env[action.res_model].has_access("read"):
            self._complain(f"button to {action.xml_id} shows {action.res_model}")

    # -- menus and actions -------------------------------------------------------

    def walk_menus(self, menus):
        """Open those of the menus that the user sees.

        :return: what he sees
        """
        visible = self.env["ir.ui.menu"]._visible_menu_ids()
        menus = menus.with_env(self.env).filtered(
            lambda menu: {int(x) for x in menu.parent_path.split("/")[:-1]} <= visible
        )
        for menu in menus.filtered("action"):
            with self._at(menu.complete_name):
                self.open_action(self._load(menu.action))
        return menus

    def show_form(self, view):
        """The first records of a form that may be reached from many places."""
        model = self.env[view.model]
        if model.has_access("read"):
            with self._at(view.xml_id):
                root = self._read_view(model, view.id, "form")
                records = model.search([], limit=PAGE)
                self._show_form(root, records)
                self._press_buttons(root, records)

    def _load(self, action):
        """As the client gets it by its id."""
        action = action.sudo()
        if action._name == "ir.actions.act_window":
            found = action._get_action_dict()
        elif action._name == "ir.actions.server":
            found = action.sudo(False).run()
        else:
            return {}
        return clean_action(found, self.env) if found else {}

    def open_action(self, action, source=None):
        """Load the views of an action, look for records, show them, press buttons.

        :param source: the record whose button it is
        """
        if action.get("type") != "ir.actions.act_window":
            return
        context = self._evaluate(action.get("context") or {}, source)
        model = self.env[action["res_model"]].with_context(**context)
        domain = self._evaluate(action.get("domain") or [], source, **context)
        search_id = action.get("search_view_id") or [False]
        views = [*action["views"], (search_id[0], "search")]
        archs = model.get_views(views, {"action_id": action.get("id")})["views"]
        records = model.browse(action.get("res_id") or [])
        if not records and not model._transient:
            records = model.search(domain, limit=PAGE)
        for kind, view in archs.items():
            root = self._parse(model, view["arch"])
            with self._at(f"{model._name} {kind}"):
                if kind != "search":
                    show = getattr(self, f"_show_{kind}", self._show_records)
                    show(root, records, domain)
                elif view["id"] not in self._searched:
                    self._searched.add(view["id"])
                    self._show_search(root, records, domain)
                if source is None:
                    self._press_buttons(root, records)

    def _evaluate(self, expression, source=None, /, **values):
        if not isinstance(expression, str):
            return expression
        source = self.env["base"] if source is None else source
        values = {
            **self.env.context,
            "active_id": source[:1].id,
            "active_ids": source.ids,
            "active_model": source._name,
            "context": self.env.context,
            "context_today": datetime.date.today,
            "current_date": Date.to_string(datetime.date.today()),
            "datetime": datetime,
            "relativedelta": dateutil.relativedelta.relativedelta,
            "time": time,
            **values,
        }
        return safe_eval(expression, values)

    # -- views -------------------------------------------------------------------

    def _show_form(self, root, records, domain=None):
        if records:
            self._show_records(root, records)
        elif records.has_access("create"):
            self._forget()
            records.onchange({}, [], self._get_spec(records, root))

    def _show_records(self, root, records, domain=None):
        self._forget()
        spec = self._get_spec(records, root)
        if domain is None or root.tag == "form":
            records.web_read(spec)
        else:
            records.web_search_read(domain, spec, limit=PAGE, count_limit=10001)
        if records:
            self.shown.add(records._name)

    def _show_pivot(self, root, records, domain):
        self._forget()
        groups, measures = [], ["__count"]
        for node in find_fields(root):
            field = records._fields[node.get("name")]
            if node.get("type") == "measure" or field.type in NUMBERS:
                measures.append(f"{field.name}:sum")
            else:
                groups.append(self._get_group(field, node.get("interval")))
        records.formatted_read_group(domain, groups, measures)

    _show_graph = _show_pivot

    def _get_group(self, field, interval=None):
        dated = field.type in ("date", "datetime")
        return f"{field.name}:{interval or 'month'}" if dated else field.name

    def _show_search(self, root, records, domain):
        for node in root.xpath(".//filter"):
            with self._at(f"filter {node.get('name')}"):
                self._apply_filter(node, records, domain)
        for node in root.xpath(".//searchpanel/field"):
            with self._at(f"panel {node.get('name')}"):
                records.search_panel_select_range(node.get("name"))
        for node in root.xpath("./field"):
            field = records._fields[node.get("name")]
            if self._is_ours(node) and field.type in SEARCHED:
                with self._at(f"search by {field.name}"):
                    self._search_by(field, node, records)

    def _apply_filter(self, node, model, domain):
        self._forget()
        if node.get("domain"):
            found = self._evaluate(node.get("domain"), **model.env.context)
            model.search([*domain, *found], limit=1)
        group = self._evaluate(node.get("context") or "{}").get("group_by")
        if group and group in model._fields:
            group = self._get_group(model._fields[group])
        if group:
            model.web_read_group(domain, [group], ["__count"])

    def _search_by(self, field, node, model):
        self._forget()
        operator = node.get("operator", "ilike")
        found = node.get("filter_domain") or f"[('{field.name}', '{operator}', self)]"
        model.search(self._evaluate(found, self="x"), limit=1)
        if field.type == "many2one":
            self.env[field.comodel_name].name_search("", limit=1)

    def _forget(self):
        """What was read for others, or as the superuser, must not help this user."""
        self.env.invalidate_all()

    # -- what the client asks for ------------------------------------------------

    def _get_spec(self, model, root):
        """Specification for `web_read` of what a view shows."""
        spec = {}
        for node in find_fields(root):
            field = model._fields[node.get("name")]
            asked = spec.setdefault(field.name, {})
            hidden = node.get("invisible") in ALWAYS
            if field.type in ("many2one", "reference"):
                names = {} if hidden else {"display_name": {}}
                asked.setdefault("fields", {}).update(names)
            elif field.type in TO_MANY and not hidden:
                comodel = self.env[field.comodel_name]
                if not self._is_ours(node) and not comodel.has_access("read"):
                    del spec[field.name]
                    continue
                rows = self._get_row_spec(root, node, comodel)
                if rows:
                    asked.setdefault("fields", {}).update(rows)
        return spec

    def _get_row_spec(self, root, node, comodel):
        """The rows of a list, and what a form of theirs reads when one is opened."""
        if is_tags(node):
            return {"display_name": {}}
        if root.tag != "form":
            return {}
        roots = [child for child in node if child.tag in ("list", "kanban", "form")]
        if not any(child.tag != "form" for child in roots):
            refs = self.env["ir.ui.view"]._get_view_refs(node)
            comodel = comodel.with_context(**refs)
            roots.append(self._read_view(comodel, None, "list"))
        spec = {}
        for child in roots:
            spec.update(self._get_spec(comodel, child))
        return spec

    # -- buttons -----------------------------------------------------------------

    def _press_buttons(self, root, records):
        """Each smart button of the view, on the first record that shows it."""
        buttons = [
            button
            for button in root.iter("button")
            if self._is_ours(button)
            and (
                "oe_stat_button" in button.get("class", "")
                or button.get("name").startswith(OPENING)
            )
        ]
        for button in buttons:
            with self._at(f"button {button.get('name')}"):
                self._press_first(root, records, button)

    def _press_first(self, root, records, button):
        rows = records
        for node in reversed([*button.iterancestors("field")]):
            rows, root = rows[node.get("name")], next(node.iterchildren())
        spec = self._get_spec(rows, root)
        rows = rows[:PAGE]
        for record, values in zip(rows, rows.web_read(spec), strict=True):
            if self._is_shown(button, record, values):
                self._press(button, record, values)
                return

    def _is_shown(self, button, record, values):
        names = ("invisible", "column_invisible")
        if any(button.get(name) in ALWAYS for name in names):
            return False
        values = {name: self._simplify(value) for name, value in values.items()}
        return not any(
            self._evaluate(node.get("invisible"), record, **values)
            for node in (button, *button.iterancestors())
            if node.get("invisible") and not self._is_above(node, button)
        )

    def _is_above(self, node, button):
        """Outside of the list the button stands in: another record's condition."""
        count = "count(ancestor-or-self::field)"
        return node.xpath(count) < button.xpath(count)

    def _simplify(self, value):
        """As expressions of views see it: ids instead of records."""
        if isinstance(value, dict):
            return value.get("id")
        if isinstance(value, list):
            return [self._simplify(part) for part in value]
        return value

    def _press(self, button, record, values):
        key = (record._name, button.get("name"), record.id)
        if key in self._pressed:
            return
        self._pressed.add(key)
        self._forget()
        context = self._evaluate(button.get("context") or "{}", record, **values)
        if button.get("type") == "action":
            action = self.env["ir.actions.actions"].browse(int(button.get("name")))
            action = self._load(self.env[action.sudo().type].browse(action.id))
        else:
            kwargs = {"context": {**record.env.context, **context}}
            action = call_kw(record.browse(), button.get("name"), [record.ids], kwargs)
            action = clean_action(action, self.env) if action else {}
        self.open_action(action, source=record)
