"""The project's own checks: what they stop at, and what they leave alone."""

import subprocess

import pytest

from tools.checks import layers, limits, manifests, promises, text, translations

MANIFEST = {
    "name": "Service Invoicing",
    "summary": "Work orders",
    "version": "19.0.1.0.0",
    "category": "Accounting",
    "license": manifests.LICENSE,
    "author": manifests.AUTHOR,
    "website": manifests.WEBSITE,
    "depends": ["account"],
}


@pytest.fixture
def checkout(tmp_path):
    """A git checkout to write files into; ``write(name, content)``."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    write.root = tmp_path
    return write


def make_function(lines, docstring=""):
    body = [f'    """{docstring}"""'] if docstring else []
    return "\n".join(["def f():", *body, *["    x = 1"] * lines]) + "\n"


def test_a_function_of_fifty_lines_passes_and_one_more_does_not(checkout):
    checkout("addon/a.py", make_function(49))
    checkout("addon/b.py", make_function(50))
    findings = [text for text in limits.find(checkout.root) if "at most" in text]
    assert findings == ["addon/b.py:1: f has 51 lines, at most 50"]


def test_a_docstring_is_not_length(checkout):
    path = checkout("addon/a.py", make_function(3, "One.\n\n    Two.\n    "))
    assert list(limits.measure_functions(path)) == [("f", 1, 4)]


def test_long_files_are_named(checkout):
    checkout("addon/a.py", "x = 1\n" * 601)
    assert limits.find(checkout.root) == ["addon/a.py: 601 lines, at most 600"]


def test_the_median_counts_per_package(checkout):
    checkout("addon/a.py", make_function(8) * 3)
    assert limits.find(checkout.root) == ["addon: the median function has 9 lines, > 8"]


def test_a_promise_that_no_test_keeps_is_named(checkout):
    path = checkout("addon/tests/test_a.py", "def test_nothing_is_lost(): pass\n")
    checkout(promises.LIST, "addon: nothing is lost\n")
    assert list(promises.find(checkout.root)) == []
    path.write_text("x = 1\n")
    assert list(promises.find(checkout.root)) == [
        f"{promises.LIST}: addon: nothing is lost: {promises.MISSING}"
    ]
    # as a row of a table of tests that are alike
    path.write_text('rows = [("nothing is lost", 1)]\n')
    assert list(promises.find(checkout.root)) == []


def test_a_new_promise_comes_on_the_list_and_no_other_leaves_it(checkout):
    checkout("addon/tests/test_a.py", "def test_nothing_is_lost(): pass\n")
    path = checkout(promises.LIST, "addon: kept by nobody\n")
    assert f"{promises.LIST}: addon: nothing is lost: {promises.UNLISTED}" in list(
        promises.find(checkout.root)
    )
    promises.fix(checkout.root)
    assert path.read_text() == "addon: kept by nobody\naddon: nothing is lost\n"


def test_ignored_files_do_not_count(checkout):
    checkout(".gitignore", "/generated/\n")
    checkout("generated/a.py", "x = 1\n" * 500)
    assert limits.find(checkout.root) == []


def test_a_good_manifest_passes(checkout):
    checkout("service_invoicing/views/a_views.xml", "<odoo/>")
    manifest = {**MANIFEST, "data": ["views/a_views.xml"]}
    checkout("service_invoicing/__manifest__.py", repr(manifest))
    assert manifests.find(checkout.root) == []


@pytest.mark.parametrize(
    "change, finding",
    [
        ({"license": "AGPL-3"}, "license must be 'LGPL-3'"),
        ({"version": "18.0.1.0.0"}, "version must be 19.0.x.y.z"),
        ({"summary": ""}, "summary is missing"),
        ({"depends": ["account", "stock"]}, "must not depend on stock"),
        ({"depends": ["maintenance_reinvoice"]}, "depend on maintenance_reinvoice"),
        ({"external_dependencies": {"python": ["pandas"]}}, "package pandas"),
        ({"data": ["views/none.xml"]}, "names views/none.xml, which does not exist"),
    ],
)
def test_a_wrong_manifest_is_told(checkout, change, finding):
    checkout("service_invoicing/__manifest__.py", repr({**MANIFEST, **change}))
    (found,) = manifests.find(checkout.root)
    assert finding in found


def test_a_data_file_that_nobody_loads_is_told(checkout):
    checkout("service_invoicing/__manifest__.py", repr(MANIFEST))
    checkout("service_invoicing/demo/a_demo.xml", "<odoo/>")
    checkout("service_invoicing/static/b.xml", "<templates/>")
    (found,) = manifests.find(checkout.root)
    assert "does not name demo/a_demo.xml" in found


# written in pieces, or the check would find this file
@pytest.mark.parametrize(
    "content, what",
    [
        ("see /" + "home/alice/odoo", "a path of a machine"),
        ("# TO" + "DO later", "a note of unfinished work"),
        ("<<<" + "<<<< HEAD", "a mark of an unresolved merge"),
        ("index: pypi" + ".org/simple", "an address of a package registry"),
    ],
)
def test_traces_of_a_machine_are_told_with_their_line(checkout, content, what):
    checkout("a.py", f"x = 1\n{content}\n")
    assert text.find(checkout.root) == [f"a.py:2: {what}"]


def test_links_and_relative_paths_are_no_traces(checkout):
    checkout("a.py", "https://example.com/home/x ./home/y url(/web/home) /home\n")
    assert text.find(checkout.root) == []


MOVE = """from odoo import models
{imports}

class Move(models.{kind}):
    _inherit = "{model}"

    def {name}(self):
        {body}
"""


@pytest.fixture
def addon(checkout):
    """An add-on of packages to write models into; ``write(path, body, ...)``."""
    checkout("addon/__manifest__.py", '{"depends": ["account"]}')
    checkout("addon/__init__.py", "from . import models\n")
    order = {}

    def write(path, body, name="run", model="account.move", kind="Model", imports=""):
        package, module = path.split("/")
        order.setdefault(package, []).append(module)
        write_order("addon/models", order)
        for one, modules in order.items():
            write_order(f"addon/models/{one}", modules)
        values = {"name": name, "model": model, "kind": kind, "imports": imports}
        checkout(f"addon/models/{path}.py", MOVE.format(body=body, **values))

    def write_order(folder, names):
        lines = [f"from . import {name}\n" for name in names]
        checkout(f"{folder}/__init__.py", "".join(lines))

    write.root = checkout.root
    return write


def test_a_method_that_cuts_off_what_loads_before_is_named(addon):
    addon("low/a", "return 1")
    addon("high/b", "return 2")
    assert layers.find(addon.root) == [
        "addon/models/high/b.py:7: account.move.run without super() cuts off "
        "addon/models/low/a.py:7"
    ]


def test_an_import_loads_what_it_names_first(addon):
    addon("low/a", "return 1", imports="from ..high.b import Move as Other")
    addon("high/b", "return super().run()")
    assert layers.find(addon.root) == [
        "addon/models/low/a.py:7: account.move.run without super() cuts off "
        "addon/models/high/b.py:7"
    ]


def test_extensions_that_call_super_and_other_models_cut_off_nothing(addon):
    addon("low/a", "return 1")
    addon("high/b", "return super().run()")
    addon("high/c", "return 2", model="res.partner")
    assert layers.find(addon.root) == []


def test_a_model_has_one_method_of_a_name_in_a_package(addon):
    addon("low/a", "return 1")
    addon("low/b", "return super().run()")
    assert layers.find(addon.root) == [
        "addon/models/low/b.py:7: account.move.run stands in this package already: "
        "addon/models/low/a.py:7"
    ]


def test_add_ons_load_after_those_they_build_on(checkout):
    for name, depends, body in (("a", ["b"], "2"), ("b", [], "1")):
        checkout(f"{name}/__manifest__.py", repr({"depends": depends}))
        checkout(f"{name}/__init__.py", "from . import move\n")
        values = {"name": "run", "model": "account.move", "kind": "Model"}
        code = MOVE.format(body=f"return {body}", imports="", **values)
        checkout(f"{name}/move.py", code)
    assert layers.find(checkout.root) == [
        "a/move.py:7: account.move.run without super() cuts off b/move.py:7"
    ]


def test_no_package_calls_what_a_later_one_defines(addon):
    addon("low/a", "return self._later()")
    addon("high/b", "return self.run()", name="_later")
    assert layers.find(addon.root) == [
        "addon/models/low/a.py:8: _later stands in the later package high"
    ]


def test_what_a_later_package_extends_of_core_is_called_from_anywhere(addon):
    addon("low/a", "return self._post()")
    addon("high/b", "return super()._post()", name="_post")
    assert layers.find(addon.root) == []


def test_what_a_written_list_names_exists(addon):
    steps = 'return ["_first", "_second"]'
    addon("low/a", steps, name="_get_steps")
    addon("low/b", steps, name="_get_save_steps")
    addon("high/c", "return 1", name="_first")
    assert layers.find(addon.root) == [
        "addon/models/low/b.py:8: there is no method _second"
    ]


def test_dialogs_and_constants_have_their_places(addon):
    addon("low/a", "return 1", kind="TransientModel", model="a.dialog")
    addon("low/b", "return 1", model="b", imports="from .a import LIMIT")
    addon("low/c", "return 1", kind="TransientModel", model="res.config.settings")
    assert layers.find(addon.root) == [
        "addon/models/low/a.py:4: a dialog belongs into wizards/",
        "addon/models/low/b.py:2: constants belong into tools/",
    ]


def write_terms(checkout, name, **terms):
    entries = [
        f'msgid "{term}"\nmsgstr "{text}"\n'
        for term, text in {"": "Language: x", **terms}.items()
    ]
    checkout(f"addon/i18n/{name}", "\n".join(entries))


def test_a_language_says_everything_with_the_same_placeholders(checkout):
    sentence = "This invoice has been paid"
    write_terms(checkout, "addon.pot", **{"%s pays": "", sentence: "", "Total": ""})
    right = {"%s pays": "platí %s", sentence: "Zaplatené", "Total": "Total"}
    for language in translations.LANGUAGES:
        write_terms(checkout, f"{language}.po", **right)
    assert translations.find(checkout.root) == []
    for wrong, what in (
        ({"%s pays": "platí"}, "other placeholders"),
        ({sentence: ""}, "not translated"),
        ({sentence: sentence}, "still English"),
    ):
        write_terms(checkout, "sk.po", **(right | wrong))
        (finding,) = translations.find(checkout.root)
        assert finding.startswith("addon/i18n/sk.po") and what in finding
    (checkout.root / "addon/i18n/sk.po").unlink()
    (finding,) = translations.find(checkout.root)
    assert "no such language" in finding


def test_one_word_has_one_spelling_but_in_other_languages(checkout):
    word = "Auth" + "orise"
    checkout("addon/a.py", f"# {word}\n")
    checkout("addon/i18n/xx.po", f'msgstr "{word}"\n')
    (finding,) = text.find(checkout.root)
    assert finding.startswith("addon/a.py:1: another spelling")
