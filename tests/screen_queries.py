"""What the browser asks the server for when a person opens a list or a form.

Used in Odoo's shell by ``bench_lists.py``.
"""

from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo.fields import Domain
from odoo.tools.safe_eval import datetime, safe_eval

PAGE = 80
SUBLIST = 40
COUNT_LIMIT = 10001
TAGS = "many2many_tags"


class Screen(NamedTuple):
    """A menu's list as it opens: what is searched, grouped and read."""

    records: object
    domain: Domain
    groupby: list
    spec: dict
    order: str
    limit: int

    def read_list(self):
        """The first page; of a grouped list the groups, and what is in the first."""
        if not self.groupby:
            self.read_page(self.domain)
            return
        found = self.records.web_read_group(
            self.domain, self.groupby[:1], self.get_aggregates(), limit=self.limit
        )
        for group in found["groups"][:1]:
            self.read_page(self.domain & Domain(group["__extra_domain"]))

    def read_page(self, domain):
        self.records.web_search_read(
            domain,
            self.spec,
            limit=self.limit,
            order=self.order,
            count_limit=COUNT_LIMIT,
        )

    def get_aggregates(self):
        fields = {name: self.records._fields[name] for name in self.spec}
        return [
            f"{name}:{field.aggregator}"
            for name, field in fields.items()
            if field.store and field.aggregator and field.type != "boolean"
        ]

    def get_first(self):
        return self.records.search(self.domain, order=self.order, limit=1)


def get_screen(env, xml_id, domain=()):
    """The screen that an action opens for the user of ``env``.

    :param domain: of what it shows only this
    """
    action = env["ir.actions.act_window"]._for_xml_id(xml_id)
    context = safe_eval(action["context"] or "{}", get_names(env))
    records = env[action["res_model"]].with_context(**context)
    search_view = action["search_view_id"] and action["search_view_id"][0]
    view = dict((kind, view) for view, kind in action["views"]).get("list")
    found = records.get_views([(view, "list"), (search_view, "search")])["views"]
    shown, groupby = get_filters(
        env, etree.fromstring(found["search"]["arch"]), context
    )
    own = safe_eval(action["domain"] or "[]", get_names(env))
    arch = etree.fromstring(found["list"]["arch"])
    return Screen(
        records,
        Domain(own) & Domain(domain) & shown,
        groupby,
        get_spec(records, arch),
        arch.get("default_order"),
        int(arch.get("limit") or PAGE),
    )


def get_form_spec(records):
    arch = records.get_views([(False, "form")])["views"]["form"]["arch"]
    return get_spec(records, etree.fromstring(arch))


def get_names(env):
    """What domains and contexts of views are written with."""
    return {
        "uid": env.uid,
        "allowed_company_ids": env.companies.ids,
        "context_today": datetime.datetime.today,
        "relativedelta": relativedelta,
        "datetime": datetime,
    }


def get_filters(env, arch, context):
    """Domain and groups of the filters that an action switches on."""
    kinds, groupby = {}, []
    for node in arch.iter("filter"):
        if not context.get(f"search_default_{node.get('name')}"):
            continue
        if "group_by" in (node.get("context") or ""):
            groupby.append(safe_eval(node.get("context"), get_names(env))["group_by"])
        else:
            # filters without a separator between them widen one another
            kind = len(node.xpath("preceding-sibling::separator"))
            domain = Domain(safe_eval(node.get("domain"), get_names(env)))
            kinds[kind] = kinds.get(kind, Domain.FALSE) | domain
    return Domain.AND(kinds.values()), groupby


def get_spec(records, arch):
    """The specification by which the web client reads the fields of a view."""
    level = arch.xpath("count(ancestor::field)")
    spec = {}
    for node in arch.xpath(f".//field[count(ancestor::field) = {level}]"):
        field = records._fields.get(node.get("name"))
        if field and node.get("invisible") not in ("1", "True"):
            spec[field.name] = get_field_spec(records, field, node)
    return spec


def get_field_spec(records, field, node):
    if field.type == "many2one":
        return {"fields": {"display_name": {}}}
    if field.type not in ("one2many", "many2many"):
        return {}
    comodel = records.env[field.comodel_name]
    for view in node:
        if view.tag in ("list", "kanban"):
            limit = int(view.get("limit") or SUBLIST)
            return {"fields": get_spec(comodel, view), "limit": limit}
    if node.get("widget") == TAGS:
        return {"fields": {"display_name": {}}}
    return {}
