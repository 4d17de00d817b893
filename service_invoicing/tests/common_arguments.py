"""Every public method of an add-on, called with what makes no sense."""

import contextlib
import inspect
from math import inf, nan

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS, BaseModel
from odoo.service.model import call_kw, get_public_method
from odoo.tests import new_test_user

MISSING = 999999999
# what a remote client may send where something else is meant
WRONG_VALUES = (
    *(True, 1, 0, -1, inf, -inf, nan, MISSING, 2**40),
    *("x", "0001-01-01", "9999-12-31", [], {}),
    *([True], ["a"], [MISSING], [{"id": 1}], [[1, "a"]], [[MISSING, inf]]),
)
# what it may send for no value
NOTHING = (None, False, "")
# ids of records that there are not
WRONG_IDS = ([], [0], [-1], [MISSING], [2**40])
# arguments that take any text
TEXTS = ("reason", "vendor_reference")
# so that a method comes to look at its other arguments
RIGHT_VALUES = {
    "amount": 10.0,
    "date": "2026-11-20",
    "invoice_type": "service",
    "posting_date": "2026-11-20",
    "reason": "Because",
    "vendor_reference": "GARAGE 1",
}
# what a field of a dialog is filled with, by its type
DIALOG_VALUES = {"date": "2026-11-20", "char": "x", "text": "x", "json": [1]}
# what their methods do with odd arguments is core's own business
MIXINS = ("mail.thread", "mail.activity.mixin")


class Undo(Exception):
    """Ends a savepoint whose work is not to be kept."""


class ArgumentsMixin:
    """Whatever a public method is called with: it works, or says in a sentence why not.

    ``records``: by model, those the methods are called on; others are searched.
    ``openers``: by dialog, the records it is opened on.
    """

    records = {}
    openers = {}

    @classmethod
    def _new_role(cls, *groups):
        """A user with these groups alone."""
        return new_test_user(
            cls.env,
            f"arguments_{'_'.join(groups)}",
            groups=",".join(groups),
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )

    # -- methods -----------------------------------------------------------------

    @classmethod
    def _find_methods(cls, module):
        """``{model: names}`` of what an add-on lets remote clients call."""
        registry, origin = cls.env.registry, f"odoo.addons.{module}."
        core = {*dir(BaseModel)}.union(*(dir(registry[name]) for name in MIXINS))
        methods = {}
        for model in registry.values():
            names = {
                name
                for part in model.mro()
                if part.__module__.startswith(origin)
                for name, value in vars(part).items()
                if inspect.isfunction(value) and name not in core
            }
            names = sorted(name for name in names if cls._is_public(model, name))
            if names and not model._abstract:
                methods[model._name] = names
        return methods

    @classmethod
    def _is_public(cls, model, name):
        try:
            return bool(get_public_method(cls.env[model._name], name))
        except AccessError:
            return False

    # -- records -----------------------------------------------------------------

    def _get_tried(self, model, user):
        """Records to call methods on; dialogs are their user's own."""
        if not self.env[model]._transient:
            return self._get_records(model)
        opener = self.openers.get(model, self.env["res.partner"])
        context = {"active_model": opener._name, "active_ids": opener.ids}
        dialogs = self.env[model].with_user(user).sudo().with_context(**context)
        for is_full in (True, False):
            # some cannot be made without answers
            with contextlib.suppress(UserError), self.env.cr.savepoint():
                dialogs += dialogs.create(self._prepare_dialog_vals(dialogs, is_full))
        return dialogs

    def _get_records(self, model):
        return self.records.get(model) or self.env[model].sudo().search([], limit=2)

    def _prepare_dialog_vals(self, dialogs, is_full):
        """Values of all fields that somebody may fill, or has to."""
        default = dialogs.default_get(list(dialogs._fields))
        return {
            name: value
            for name, field in dialogs._fields.items()
            if name not in default and name not in MAGIC_COLUMNS and field.store
            if field.required or (is_full and not field.compute)
            if (value := self._get_dialog_value(field))
        }

    def _get_dialog_value(self, field):
        if field.type == "selection":
            return field.get_values(self.env)[0]
        if not field.relational:
            return DIALOG_VALUES.get(field.type)
        if field.type == "one2many" or self.env[field.comodel_name]._transient:
            return None
        record = self._get_records(field.comodel_name)[:1]
        return record.id if field.type == "many2one" else [Command.set(record.ids)]

    # -- calls -------------------------------------------------------------------

    def assertSentences(self, module, users):
        """Call every method with records and arguments of all kinds.

        :param users: one per role; the first gets furthest and tries every value
        """
        self.faults = []
        manager, *others = users
        methods = self._find_methods(module)
        missing = [name for name in methods if not self._get_tried(name, manager)]
        self.assertFalse(missing, "Without a record to try methods on")
        for model, names in methods.items():
            records = self._get_tried(model, manager)
            for name in names:
                self._try_sets(model, name, manager, records, WRONG_IDS)
                self._try_values(model, name, manager, records[:1])
            for user in others:
                records = self._get_tried(model, user)
                for name in names:
                    self._try_sets(model, name, user, records, ([], [MISSING]))
        self.assertFalse(self.faults, "\n" + "\n".join(self.faults))

    def _get_parameters(self, model, name):
        """``{name: value}`` of arguments; that of a needed one means nothing."""
        method = getattr(self.env.registry[model], name)
        parameters = list(inspect.signature(method).parameters.values())[1:]
        return {
            parameter.name: MISSING
            if parameter.default is parameter.empty
            else parameter.default
            for parameter in parameters
        }

    def _get_right(self, names):
        return {key: value for key, value in RIGHT_VALUES.items() if key in names}

    def _try_sets(self, model, name, user, records, wrong_ids):
        """Call a method on wrong, several and single records."""
        default = self._get_parameters(model, name)
        for ids in (*wrong_ids, records.ids, [*records.ids, MISSING]):
            self._call(model, name, user, ids, default)
        for key in records.ids:
            self._call(model, name, user, [key], default | self._get_right(default))

    def _try_values(self, model, name, user, record):
        """Call a method with each wrong value of each of its arguments."""
        default = self._get_parameters(model, name)
        for key in default:
            right = self._get_right(default.keys() - {key})
            for value in (*WRONG_VALUES, *NOTHING):
                if key in TEXTS and type(value) is str:
                    continue
                vals = default | {key: value}
                said = self._call(model, name, user, record.ids, vals)
                # what is refused by itself is not looked at again
                if right and value not in NOTHING and f"“{key}”" not in said:
                    self._call(model, name, user, record.ids, vals | right)

    def _call(self, model, name, user, ids, values):
        """Call a method as a client does, undo it and note an answer that is none.

        :return: the sentence in which it was refused, else nothing
        """
        said, fault = "", None
        with contextlib.suppress(Undo), self.env.cr.savepoint():
            try:
                records = self.env[model].with_user(user)
                method = get_public_method(records, name)
                args = [] if getattr(method, "_api_model", False) else [ids]
                call_kw(records, name, args, values)
                self.env.flush_all()
            except UserError as error:
                said = str(error)
            except Exception as error:
                fault = error
            raise Undo()
        if fault:
            call = f"{model}.{name}({ids}, {values})"
            self.faults.append(f"{user.login}: {call}: {fault!r}")
        return said
