"""Names of Odoo that we rely on: each kind of break is named, and none is there."""

import pytest

from tools.checks import core_names
from tools.sandbox import commands, layout, odoo_source
from tools.sandbox.console import SandboxError

ORM = """
class BaseModel:
    __slots__ = ["env", "_ids"]
    def create(self, vals_list): ...
    def search(self, domain, offset=0, limit=None): ...
    def filtered(self, func): ...
class Model(BaseModel): ...
"""
ACCOUNT = """
class Move(models.Model):
    _name = "account.move"
    ref = fields.Char()
    state = fields.Selection([("draft", "Draft")])
    partner_id = fields.Many2one("res.partner")
    line_ids = fields.One2many("account.move.line", "move_id")
    def _post(self, soft=True): ...
    def action_post(self): ...
class Line(models.Model):
    _name = "account.move.line"
    move_id = fields.Many2one("account.move")
    amount = fields.Float()
    def _check(self, force=False): ...
    def _get_move(self):
        return self.move_id
"""
ACCOUNT_VIEWS = """<odoo>
<record id="group_manager" model="res.groups"><field name="name">A</field></record>
<record id="view_move_form" model="ir.ui.view">
    <field name="model">account.move</field>
    <field name="arch" type="xml"><form>
        <header><button name="action_post" type="object" /></header>
        <field name="ref" />
        <field name="line_ids"><list><field name="amount" /></list></field>
    </form></field>
</record>
</odoo>"""
OURS = """
from odoo import fields, models
from odoo.tools.sql import create_column

class Move(models.Model):
    _inherit = "account.move"
    total = fields.Float(compute="_compute_total", groups="account.group_manager")

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for move in self:
            lines = move.line_ids.filtered(lambda line: line.amount > 0)
            lines._check(force=True)
            move.total = len(lines._get_move().partner_id.name)

    def _post(self, soft=True):
        create_column(self.env.cr, "account_move")
        self.env["account.move.line"].search([("move_id.state", "=", "draft")])
        return super()._post(soft)
"""
OUR_VIEWS = """<odoo>
<record id="move_form" model="ir.ui.view">
    <field name="model">account.move</field>
    <field name="inherit_id" ref="account.view_move_form" />
    <field name="arch" type="xml"><data>
        <xpath expr="//button[@name='action_post']" position="after">
            <button name="action_post" type="object" invisible="state == 'draft'" />
        </xpath>
        <xpath expr="//field[@name='line_ids']/list" position="inside">
            <field name="move_id" column_invisible="1" />
        </xpath>
    </data></field>
</record>
</odoo>"""
SCRIPT = 'import {useService} from "@web/core/hooks";\n'
FILES = {
    "core/odoo/orm/models.py": ORM,
    "core/odoo/orm/models_transient.py": "class TransientModel(Model): ...\n",
    "core/odoo/init.py": "",
    "core/odoo/models.py": "class Model: ...\n",
    "core/odoo/fields.py": "from .orm import Char, Float, Many2one\n",
    "core/odoo/tools/sql.py": "def create_column(cr, table): ...\n",
    "core/odoo/addons/base/__manifest__.py": "{}",
    "core/odoo/addons/base/models.py": """
class Partner(models.Model):
    _name = "res.partner"
    name = fields.Char()
class Groups(models.Model):
    _name = "res.groups"
    name = fields.Char()
class View(models.Model):
    _name = "ir.ui.view"
    model = fields.Char()
    inherit_id = fields.Many2one("ir.ui.view")
    arch = fields.Text()
""",
    "core/addons/web/__manifest__.py": "{'depends': ['base']}",
    "core/addons/web/static/src/core/hooks.js": "export function useService() {}\n",
    "core/addons/account/__manifest__.py": "{'depends': ['base'], 'data': ['v.xml']}",
    "core/addons/account/models.py": ACCOUNT,
    "core/addons/account/v.xml": ACCOUNT_VIEWS,
    "root/ours/__manifest__.py": "{'depends': ['account'], 'data': ['v.xml']}",
    "root/ours/models.py": OURS,
    "root/ours/v.xml": OUR_VIEWS,
    "root/ours/static/src/a.js": SCRIPT,
}


@pytest.fixture
def examine(tmp_path):
    """Findings on an add-on over an Odoo of a few lines, after one replacement."""

    def run(name="core/odoo/init.py", old="", new=""):
        for path, content in FILES.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            assert path != name or old in content
            target.write_text(content.replace(old, new) if path == name else content)
        return list(core_names.examine(tmp_path / "root", tmp_path / "core").findings)

    return run


def test_nothing_is_told_where_odoo_has_every_name(examine):
    assert examine() == []


@pytest.mark.parametrize(
    "old, new, finding",
    [
        (
            "_post(self, soft=True)",
            "_post_all(self)",
            "models.py:16: account.move._post(self, soft=True): "
            "Odoo has no such method",
        ),
        (
            "_post(self, soft=True)",
            "_post(self, softly=True)",
            "models.py:16: account.move._post(self, soft=True): "
            "signature differs: (self, softly=True)",
        ),
        (
            "_post(self, soft=True)",
            "_post(self, soft=True, foo=None)",
            "models.py:16: account.move._post(self, soft=True): "
            "signature differs: (self, soft=True, foo=None)",
        ),
        (
            "force=False",
            "strict=False",
            "models.py:13: account.move.line._check: "
            "the call does not fit (self, strict=False)",
        ),
        (
            "_check(self",
            "_check_all(self",
            "models.py:13: account.move.line._check: Odoo has no such name",
        ),
        (
            "partner_id =",
            "customer_id =",
            "models.py:14: account.move.partner_id: Odoo has no such name",
        ),
        (
            "amount =",
            "balance =",
            "models.py:9: account.move.line.amount: Odoo has no such field",
        ),
        (
            "state =",
            "status =",
            "models.py:18: account.move.state: Odoo has no such field",
        ),
        ("state =", "status =", "v.xml:7: account.move.state: Odoo has no such field"),
        (
            "action_post",
            "action_validate",
            "v.xml:7: account.move.action_post: Odoo has no such method",
        ),
        (
            '"account.move.line"',
            '"account.item"',
            "models.py:18: account.move.line: Odoo has no such model",
        ),
    ],
)
def test_a_break_in_a_model_of_odoo_is_named(examine, old, new, finding):
    assert f"ours/{finding}" in examine("core/addons/account/models.py", old, new)


@pytest.mark.parametrize(
    "old, new, finding",
    [
        (
            "group_manager",
            "group_boss",
            "models.py:7: account.group_manager: Odoo has no such id",
        ),
        (
            "view_move_form",
            "move_form",
            "v.xml:4: account.view_move_form: Odoo has no such id",
        ),
        (
            '<button name="action_post"',
            '<button name="action_validate"',
            "v.xml:6: //button[@name='action_post']: "
            "nothing of Odoo's view is found so",
        ),
        (
            '<field name="line_ids">',
            '<field name="invoice_line_ids">',
            "v.xml:9: //field[@name='line_ids']/list: "
            "nothing of Odoo's view is found so",
        ),
    ],
)
def test_a_break_in_a_view_or_id_of_odoo_is_named(examine, old, new, finding):
    assert examine("core/addons/account/v.xml", old, new) == [f"ours/{finding}"]


def test_what_cannot_be_imported_is_named(examine):
    assert examine("core/odoo/tools/sql.py", "create_column", "make_column") == [
        "ours/models.py:3: odoo.tools.sql.create_column: cannot be imported from Odoo"
    ]
    assert examine("core/odoo/fields.py", "Float, ") == [
        "ours/models.py:7: odoo.fields.Float: cannot be imported from Odoo"
    ]
    assert examine("core/addons/web/static/src/core/hooks.js", "useService", "use") == [
        "ours/static/src/a.js:1: @web/core/hooks: useService cannot be imported"
    ]


def test_a_call_that_does_not_fit_an_imported_function_is_named(examine):
    assert examine("core/odoo/tools/sql.py", "cr, table", "cr, table, name") == [
        "ours/models.py:17: create_column: the call does not fit (cr, table, name)"
    ]


def test_an_addon_that_odoo_lacks_is_named(examine):
    manifest = "root/ours/__manifest__.py"
    found = examine(manifest, "['account']", "['account', 'fleet']")
    assert found == [
        "ours/__manifest__.py:1: depends on fleet: Odoo has no such add-on"
    ]


def test_where_the_model_is_not_certain_nothing_is_told(examine):
    uncertain = "def run(self, other):\n        other._gone(self.env[other.kind].gone)"
    ours = "def _post(self, soft=True):"
    assert examine("root/ours/models.py", ours, f"{uncertain}\n\n    {ours}") == []


def test_tests_of_odoo_which_a_package_leaves_out_are_not_told(examine):
    line = "from odoo.addons.account.tests.common import Common\n"
    assert (
        examine("root/ours/models.py", "from odoo import", f"{line}from odoo import")
        == []
    )


def test_without_an_odoo_the_remedy_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(SandboxError, match="set ODOO_HOME to the folder which holds"):
        commands.run_core_names()


def test_the_odoo_in_use_has_every_name_we_rely_on():
    report = core_names.examine(layout.CHECKOUT, odoo_source.ensure().root)
    assert list(report.findings) == []
    assert "_post" in report.relied["account.move"]
