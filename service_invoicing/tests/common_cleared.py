from contextlib import suppress
from copy import deepcopy

from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools import mute_logger

CLEARED = ("many2one", "date", "selection", "char")


# without it core's own form crashes, which shows it to nobody
UNCLEARED = ("id", "move_type")
GROUPS = (
    "base.group_multi_company",
    "base.group_multi_currency",
    "product.group_product_pricelist",
)


class ClearedFieldsMixin:
    """Forms whose fields are emptied one after the other, as somebody does who will
    choose another value. What is missing is said at saving, not before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in GROUPS:
            cls.env.ref("base.group_user").implied_ids += cls.env.ref(group)

    def _walk_fields(self, record):
        """Empty every field that the form of a record lets be changed."""
        form = Form(record)
        # put back after every field: opening a form takes longer
        values = deepcopy(form._values)
        for name, info in form._view["fields"].items():
            if info["type"] not in CLEARED or name in UNCLEARED:
                continue
            if form._get_modifier(name, "readonly") or form._get_modifier(
                name, "invisible"
            ):
                continue
            with self.subTest(model=form._record._name, field=name):
                self._clear(form, name)
            object.__setattr__(form, "_values", deepcopy(values))

    def _walk_models(self, module):
        """The same for new records of all models of an add-on that have a form."""
        for model in self._list_models():
            if model._original_module == module:
                self._walk_fields(model)

    def _open_extended(self, module):
        """Open new records of the models of others that an add-on adds fields to."""
        for model in self._list_models():
            fields = model._fields.values()
            if model._original_module != module and any(
                module in field._modules for field in fields
            ):
                # settings warn of what does not fit together
                quiet = mute_logger("odoo.tests.form.onchange")
                with self.subTest(model=model._name), quiet:
                    Form(model)

    def _list_models(self):
        """Models that have a form, those that the user may make records of."""
        views = self.env["ir.ui.view"].search([("type", "=", "form")])
        names = set(views.mapped("model")) & set(self.env.registry)
        models = (self.env[name] for name in sorted(names))
        return [model for model in models if model.has_access("create")]

    def _clear(self, form, name):
        is_link = form._view["fields"][name]["type"] == "many2one"
        empty = form._record[name].browse() if is_link else False
        # a sentence is an answer
        with suppress(UserError):
            setattr(form, name, empty)
