from lxml import etree

from odoo import Command

from .common_screens import Screens

CATEGORY = "service_invoicing.module_category_service_invoicing"
INVOICING = "account.group_account_invoice"
AUDITOR = "account.group_account_readonly"
SHOWN_TYPES = ("form", "list", "kanban", "search", "pivot", "graph", "calendar")


class RolesMixin:
    """Every role, alone and together with Invoicing, at every screen."""

    # the add-on whose views and menus are tried
    _addon = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_documents()
        cls.env.flush_all()
        cls.role_users = cls._new_role_users()
        cls.shown_names = cls._find_names()

    def setUp(self):
        super().setUp()
        self.screens = [Screens(user, self.shown_names) for user in self.role_users]

    @classmethod
    def _new_role_users(cls):
        """One per role, made together."""
        company = cls.env.company
        users = cls.env["res.users"].with_context(no_reset_password=True)
        return users.create(
            [
                {
                    "name": name,
                    "login": name,
                    "email": "role@example.com",
                    "group_ids": [
                        Command.set(
                            [cls.env.ref(group).id for group in groups.split(",")]
                        )
                    ],
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                }
                for name, groups in cls._find_roles().items()
            ]
        )

    @classmethod
    def _make_documents(cls):
        """A record of every kind that the add-on shows."""

    @classmethod
    def _find_roles(cls):
        """``{name: groups}``: the roles of all our add-ons that are installed, each
        alone and, if it gives no right on Invoicing, with that; and core's own."""
        invoicing = cls.env.ref(INVOICING)
        category = cls.env.ref(CATEGORY)
        roles = {name: name for name in (INVOICING, AUDITOR)}
        for group in category.sudo().privilege_ids.group_ids:
            name = group.get_external_id()[group.id]
            roles[name] = name
            if invoicing not in group.all_implied_ids:
                roles[f"{name} with Invoicing"] = f"{name},{INVOICING}"
        return roles

    @classmethod
    def _find_own(cls, model):
        """The records of a kind that the add-on brings."""
        data = cls.env["ir.model.data"].sudo()
        rows = data.search([("model", "=", model), ("module", "=", cls._addon)])
        return cls.env[model].sudo().browse(rows.mapped("res_id"))

    @classmethod
    def _find_names(cls):
        """Fields and buttons that the views of the add-on show, by model."""
        names = {}
        for view in cls._find_own("ir.ui.view"):
            nodes = etree.fromstring(view.arch).xpath("//*[@name]")
            found = names.setdefault(view.model, set())
            found.update(node.get("name") for node in nodes)
        return names

    @classmethod
    def _find_views(cls):
        """The views of the add-on, and those of others that it extends."""
        views = cls._find_own("ir.ui.view")
        found = views.browse()
        while views:
            whole = views.filtered(lambda view: view.mode == "primary")
            found |= whole
            views = (views - whole).inherit_id
        return found.filtered(lambda view: view.type in SHOWN_TYPES)

    def _assertNoTrouble(self, screens):
        """All at once: a table is read as a whole."""
        troubles = [trouble for each in screens for trouble in each.troubles]
        if troubles:
            self.fail("\n" + "\n".join(dict.fromkeys(troubles)))

    def assertViewsNeedNoMore(self):
        """No view shows or offers what a role may not read."""
        views = self._find_views()
        self.assertGreater(len(views), 20)
        for screens in self.screens:
            for view in views:
                if screens.env[view.model].has_access("read"):
                    screens.check_view(view)
            screens.show_choices()
        self._assertNoTrouble(self.screens)

    def assertMenusOpen(self):
        """With all views, records and smart buttons, for every role."""
        menus = self._find_own("ir.ui.menu")
        seen = menus.browse()
        for screens in self.screens:
            seen |= screens.walk_menus(menus)
        self._assertNoTrouble(self.screens)
        # what only the administrator sees is no role's
        self.assertLess(len(menus - seen), 3, menus - seen)
        actions = [menu.action for menu in seen if menu.action]
        models = {
            action.res_model
            for action in actions
            if action._name == "ir.actions.act_window"
            and not self.env[action.res_model]._transient
        }
        # a list without a record shows nothing
        shown = set().union(*(screens.shown for screens in self.screens))
        self.assertFalse(models - shown)

    def assertFormsOpen(self):
        """Forms of core that the add-on extends, with its smart buttons."""
        views = self._find_views().filtered(
            lambda view: view.type == "form"
            and self.env[view.model]._original_module != self._addon
        )
        for screens in self.screens:
            for view in views:
                screens.show_form(view)
        self._assertNoTrouble(self.screens)
