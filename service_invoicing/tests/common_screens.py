"""What the web client asks of the server to show a screen, asked by a user."""

from odoo.fields import Date
from odoo.service.model import call_kw
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

from odoo.addons.web.controllers.utils import clean_action

from .common_views import ALWAYS, TO_MANY, Views, find_fields

# how many records of each kind are shown
PAGE = 20
NUMBERS = ("integer", "float", "monetary")
SEARCHED = ("char", "text", "many2one", *TO_MANY)
# buttons of rows are named so when they open something, as smart buttons do
OPENING = ("action_open_", "action_view_")


class Screens(Views):
    """The screens of one user: menus, actions, records, searches and buttons."""

    def __init__(self, user, names):
        super().__init__(user, names)
        self.shown = set()  # models of which a record was shown
        self._pressed = set()
        self._searched = set()
        self._opened = set()  # (form, id of the record)

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
            root = self._parse(model, view)
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

    def show_choices(self):
        """What *Search More* lists of the records that the views offer."""
        for name in sorted(self._offered):
            model = self.env[name]
            with self._at(f"choice of {name}"):
                self._show_records(self._read_view(model, None, "list"), model, [])

    def _show_form(self, root, records, domain=None):
        """Each record once: many menus lead to the same form."""
        form = (records._name, root.get("view"))
        new = records.filtered(lambda record: (form, record.id) not in self._opened)
        self._opened.update((form, key) for key in new.ids)
        if new:
            self._show_records(root, new)
        elif not records and records.has_access("create"):
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
        read = {}
        for button in buttons:
            with self._at(f"button {button.get('name')}"):
                above = tuple(button.iterancestors("field"))
                if above not in read:
                    read[above] = self._read_rows(root, records, above)
                self._press_first(read[above], button)

    def _read_rows(self, root, records, above):
        """Records and their values of the list that stands in these fields."""
        for node in reversed(above):
            records, root = records[node.get("name")], next(node.iterchildren())
        records = records[:PAGE]
        values = records.web_read(self._get_spec(records, root))
        return list(zip(records, values, strict=True))

    def _press_first(self, rows, button):
        for record, values in rows:
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
