"""What most tests begin with, made once for all classes where a database is prepared.

Companies, users, taxes, products and partners of core and of the add-ons take seconds
to make. `tools/sandbox/prepare_world.py` makes them once and commits them; each class
then gets references. Elsewhere each class makes its own.
"""

import json
from contextlib import ExitStack
from functools import partial
from unittest.mock import patch

from odoo import Command, models
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.tests.common import BaseCommon

PARAMETER = "service_invoicing.test_world"
PREPARED = "Prepared company"


class WorldCommon(AccountTestInvoicingCommon):
    """Records that are there already, and caches that stay warm between tests and
    classes."""

    # key under which the records of `_make_world` are written down
    _world = "core"

    @classmethod
    def setUpClass(cls):
        prepared = cls._read_worlds()
        # around core's own clean-up, which ends with the caches
        kept = ExitStack()
        cls.addClassCleanup(kept.close)
        if "core" in prepared:
            super(BaseCommon, cls).setUpClass()
            cls._enter_core(prepared["core"])
        else:
            super().setUpClass()
        cls._dropped, cls._numbers = set(), cls.registry_cache_sequences
        cls.addClassCleanup(cls._keep_caches, kept)
        if cls._world in prepared:
            cls._take_attributes(prepared[cls._world])
        else:
            cls._make_world()

    @classmethod
    def _enter_core(cls, attributes):
        """Stand where core's own `setUpClass` would end."""
        env = cls.env["base"].with_context(**cls.default_env_context()).env
        cls.env = env(user=attributes["user"][1][0])
        cls._take_attributes(attributes)
        cls.maxDiff, cls.tax_number = None, 0
        # even what changes nothing would empty caches
        if not cls.get_default_groups() <= cls.user.group_ids:
            cls.user.group_ids |= cls.get_default_groups()

    @classmethod
    def _make_world(cls):
        """Make the records that the classes of an add-on share."""

    @classmethod
    def _speak_french(cls):
        """French with the add-on's own words, as the prepared database has it."""
        if cls.env["res.lang"]._get_data(code="fr_FR"):
            return
        cls.env["res.lang"]._activate_lang("fr_FR")
        modules = cls.env["ir.module.module"].sudo()
        modules._load_module_terms([cls._world], ["fr_FR"])

    # -- what holds for all models -----------------------------------------------

    @classmethod
    def _find_own_fields(cls, module):
        """Stored or not, the relational fields that an add-on brings."""
        return [
            field
            for model in cls.env.registry.values()
            for field in model._fields.values()
            if field.relational and module in (field._modules or (field._module,))
        ]

    @classmethod
    def _find_forgetful_fields(cls, module):
        """Fields of an add-on that lose what is archived, by its kind."""
        env, forgetful = cls.env, {}
        for field in cls._find_own_fields(module):
            if field.type == "many2one" or not env[field.comodel_name]._active_name:
                continue
            if field.context.get("active_test", True):
                forgetful.setdefault(field.comodel_name, set()).add(str(field))
        return forgetful

    # kinds of records that must not go while documents need them
    _kept_kinds = {
        "account.account",
        "account.payment.term",
        "account.tax",
        "fleet.vehicle",
        "fleet.vehicle.model",
        "product.product",
    }

    @classmethod
    def _find_losable_fields(cls, module):
        """Stored fields of an add-on that go empty when what they name is deleted, or
        whose refusal names no document."""
        found = set()
        for field in cls._find_own_fields(module):
            model = cls.env[field.model_name]
            kind = field.comodel_name
            if not field.store or field.related or not model._auto:
                continue
            if model._transient or model._abstract or kind not in cls._kept_kinds:
                continue
            named = {row[:2] for row in cls.env[kind]._get_keeping_fields()}
            if (field.model_name, field.name) not in named or (
                field.ondelete != "restrict"
            ):
                found.add(str(field))
        return found

    # -- prepared records --------------------------------------------------------

    @classmethod
    def _read_worlds(cls):
        """``{key: {attribute: value}}`` of what is prepared in this database.

        Nothing for a class with a country: it has companies of that country.
        """
        if cls.country_code or cls.chart_template:
            return {}
        with Registry(get_db_name()).cursor() as cr:
            cr.execute(
                "SELECT value FROM ir_config_parameter WHERE key = %s", [PARAMETER]
            )
            return json.loads((cr.fetchone() or ["{}"])[0])

    @classmethod
    def _take_attributes(cls, attributes):
        for name, value in attributes.items():
            setattr(cls, name, cls._decode(value))

    @classmethod
    def _decode(cls, value):
        if isinstance(value, list):
            model, ids = value
            return cls.env[model].browse(ids)
        if isinstance(value, dict):
            return {name: cls._decode(part) for name, part in value.items()}
        return value

    @classmethod
    def prepare_world(cls):
        """Make this class's records, commit them and write down where they are."""
        cls.setUpClass()
        prepared = cls._read_worlds()
        core = prepared.get("core", {})
        prepared[cls._world] = {
            name: value
            for name, value in cls._encode_attributes().items()
            if core.get(name) != value
        }
        if not core:
            cls._free_core_names()
        cls.env["ir.config_parameter"].sudo().set_param(PARAMETER, json.dumps(prepared))
        # tests may not commit: the cursor's own method is hidden from them
        type(cls.cr).commit(cls.cr)
        cls.doClassCleanups()

    @classmethod
    def _encode_attributes(cls):
        return {
            name: encoded
            for name, value in vars(cls).items()
            if (encoded := cls._encode(value)) is not None
        }

    @classmethod
    def _encode(cls, value):
        """What JSON can hold of an attribute; None for what is no record."""
        if isinstance(value, models.BaseModel):
            return [value._name, value.ids]
        if isinstance(value, dict):
            encoded = {name: cls._encode(part) for name, part in value.items()}
            return encoded if all(encoded.values()) else None
        return None

    @classmethod
    def _free_core_names(cls):
        """Leave core's logins to the classes of core that make their own users."""
        for user in cls.user.sudo() | cls.simple_accountman:
            user.login = f"prepared_{user.login}"

    # -- prepared companies ------------------------------------------------------

    @classmethod
    def _create_company(cls, **create_values):
        """A company without values of its own is one that was prepared, if any."""
        prepared = cls._find_prepared_company(create_values)
        if not prepared:
            return super()._create_company(**create_values)
        prepared.sudo().write(create_values)
        cls.env.user.company_ids = [Command.link(prepared.id)]
        return prepared

    @classmethod
    def _find_prepared_company(cls, create_values):
        companies = cls.env["res.company"]
        if create_values.keys() != {"name"} or cls.country_code:
            return companies
        domain = [("name", "=like", f"{PREPARED} %")]
        return companies.browse(companies.sudo().search(domain, limit=1).ids)

    # -- caches ------------------------------------------------------------------
    # Core empties all caches of the registry after each test and each class. What they
    # change drops what it must from the caches, as in production; so only the caches
    # it dropped from can hold what a rollback has undone.

    def setUp(self):
        # what `setUpClass` dropped counts for no test: it holds until the class ends
        cls = type(self)
        cls._dropped |= cls._take_dropped()
        with patch.object(cls.registry, "clear_all_caches", cls._clear_dropped):
            super().setUp()

    @classmethod
    def _keep_caches(cls, kept):
        """Until ``kept`` is closed, let core empty what the class dropped from."""
        registry = cls.registry
        if (
            registry.registry_invalidated
            or registry.registry_sequence != cls.registry_start_sequence
        ):
            return
        clear = partial(cls._clear_dropped, cls._dropped)
        kept.enter_context(patch.object(registry, "clear_all_caches", clear))

    @classmethod
    def _clear_dropped(cls, before=frozenset()):
        if dropped := before | cls._take_dropped():
            cls.registry.clear_cache(*dropped)
            cls.registry.cache_invalidated.clear()

    @classmethod
    def _take_dropped(cls):
        """The caches from which something was dropped since this was asked last."""
        registry = cls.registry
        numbers, cls._numbers = cls._numbers, dict(registry.cache_sequences)
        dropped = registry.cache_invalidated | {
            name for name, number in cls._numbers.items() if number != numbers[name]
        }
        registry.cache_invalidated.clear()
        return dropped
