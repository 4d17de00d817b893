from lxml import etree

from .common_views import ALWAYS


class OwnDialogsCommon:
    """Who opens a dialog is the only one who sees it, and sees all of it."""

    def _get_dialogs(self, module):
        """Names of the dialogs that an add-on defines."""
        dialogs = [
            model._name
            for model in self.env.registry.values()
            if model._transient and model._original_module == module
        ]
        self.assertGreater(len(dialogs), 8)
        return dialogs

    def assertNoCalendarOpens(self, module):
        """A dialog gives the focus to what can have it first: not to a day."""
        views = self.env["ir.ui.view"].search(
            [("type", "=", "form"), ("model", "in", self._get_dialogs(module))]
        )
        for view in views:
            model = self.env[view.model]
            root = etree.fromstring(model.get_view(view.id, "form")["arch"])
            for node in root.xpath(".//field[not(ancestor::field)] | .//*[@tabindex]"):
                field = model._fields.get(node.get("name"))
                if not field:
                    break
                readonly = node.get("readonly", str(field.readonly))
                if not {readonly, node.get("invisible")} & {*ALWAYS}:
                    with self.subTest(view.xml_id, field=field.name):
                        self.assertNotIn(field.type, ("date", "datetime"))
                    break

    def assertDialogsAreOnesOwn(self, module):
        """Every dialog that an add-on defines has the rule that says so."""
        rules = self.env["ir.rule"].with_user(self.user)
        dialogs = self._get_dialogs(module)
        for name in dialogs:
            for mode in ("read", "write", "unlink"):
                with self.subTest(name, mode=mode):
                    self.assertIn("create_uid", str(rules._compute_domain(name, mode)))
