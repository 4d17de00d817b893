"""Views as the web client reads them, and the rights that they need."""

from contextlib import contextmanager

from lxml import etree

ALWAYS = ("1", "True")
TO_MANY = ("one2many", "many2many")


def find_fields(node):
    """The fields of a view, without those of the lists and forms inside of it."""
    level = int(node.xpath("count(ancestor::field)"))
    return node.xpath(
        f".//field[not(ancestor::groupby)][count(ancestor::field) = {level}]"
    )


def list_columns(env, module):
    """What each list of an add-on shows to whoever may see everything.

    :return: dict external id of the view → list of (name, heading) of its fields, those
        left out that are hidden at first or shown in some cases only
    """
    columns = {}
    for view in env["ir.ui.view"].search([("type", "=", "list")]):
        model = env.get(view.model)
        if view.xml_id.startswith(f"{module}.") and model is not None:
            root = etree.fromstring(model.get_view(view.id, "list")["arch"])
            columns[view.xml_id] = [
                (name, node.get("string") or model._fields[name].string)
                for node in find_fields(root)
                if (name := node.get("name"))
                and not node.get("column_invisible")
                and node.get("optional") != "hide"
            ]
    return columns


def find_repeated(columns):
    """Headings that a list has more than once, by the external id of the list."""
    repeated = {}
    for view, fields in columns.items():
        headings = [heading for __, heading in fields]
        if twice := {text for text in headings if headings.count(text) > 1}:
            repeated[view] = twice
    return repeated


def find_status_buttons(env, module):
    """Buttons of an add-on that are called as a status is, which other languages do not
    say in the same word.

    :return: dict external id of the view → labels
    """
    statuses = {
        label
        for model in env.registry.values()
        if model._original_module == module and "state" in model._fields
        for __, label in env[model._name]._fields["state"]._description_selection(env)
    }
    found = {}
    for view in env["ir.ui.view"].search([("type", "!=", "qweb")]):
        if view.xml_id.startswith(f"{module}."):
            buttons = etree.fromstring(view.arch).iter("button")
            if labels := {node.get("string") for node in buttons} & statuses:
                found[view.xml_id] = labels
    return found


def is_tags(node):
    """Shown by names alone, without a view of the rows."""
    return node.get("widget", "").startswith(("many2many_", "x2many_buttons"))


class Views:
    """The views of one user. ``troubles`` tells what he is refused, and where.

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
        self._offered = set()  # models of which a record may be chosen
        self._path = []

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
        return self._parse(model, model.get_view(view_id, kind))

    def _parse(self, model, view):
        root = etree.fromstring(view["arch"])
        root.set("model", model._name)
        root.set("view", str(view["id"]))
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
        """Whoever may change the document may choose another record here."""
        readonly = node.get("readonly", str(field.readonly))
        return readonly not in ALWAYS and not {
            node.get("invisible"),
            node.get("column_invisible"),
        } & {*ALWAYS}

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
