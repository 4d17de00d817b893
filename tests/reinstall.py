"""Install, uninstall, install again: nothing is left behind, nothing is in the way.

Not collected with the others: ``make test`` runs it beside them.
"""

import pytest

from tools.sandbox import addons, checklog, databases, layout, odoo, prepared

GLUE = "service_invoicing_withholding"
GLUED = "l10n_account_withholding_tax"
NAMES = addons.without_neighbours()
LEFT_BEHIND = {
    "records with an XML id": """
        SELECT count(*) FROM ir_model_data WHERE module IN %(names)s""",
    "models": """
        SELECT count(*) FROM ir_model WHERE model ~ '^(service|maintenance)[.]'""",
    "tables": """
        SELECT count(*) FROM information_schema.tables
        WHERE table_schema = 'public' AND table_name ~ '^(service|maintenance)_'""",
    "columns of core's tables": """
        SELECT count(*) FROM information_schema.columns
        WHERE table_schema = 'public'
          AND table_name IN ('account_move', 'account_move_line', 'res_partner',
                             'res_company', 'product_template', 'account_tax',
                             'account_payment_withholding_line')
          AND column_name ~ '^(service|maintenance)_'""",
}


@pytest.fixture(scope="module")
def environment():
    return odoo.ensure()


def clone(environment, kind):
    """A database as it is after the first installation, whose log was checked."""
    name = databases.test_name(f"reinstall_{kind}")
    installed = prepared.ensure(environment, kind)
    databases.clone(installed, name)
    return name


def install(environment, database, log_name, modules=None):
    log = layout.folder("log") / f"{database}-{log_name}.log"
    modules = modules or addons.to_install()
    environment.install(database, ",".join(modules), log=log)
    return checklog.check_file(log)


def uninstall(environment, database):
    log = layout.folder("log") / f"{database}-uninstall.log"
    code = environment.uninstall(database, reversed(NAMES), log=log)
    assert code == 0, log.read_text(errors="replace")[-2000:]
    return checklog.check_file(log)


def count_left(environment, database):
    """What is left of the add-ons, by kind; kinds with nothing are not named."""
    left = {}
    names = tuple(NAMES)
    with databases.cursor(database) as cr:
        for what, query in LEFT_BEHIND.items():
            cr.execute(query, {"names": names})
            if number := cr.fetchone()[0]:
                left[what] = number
    return left


def read_states(environment, database, names):
    with databases.cursor(database) as cr:
        cr.execute(
            "SELECT DISTINCT state FROM ir_module_module WHERE name IN %s",
            [tuple(names)],
        )
        return [state for (state,) in cr.fetchall()]


def test_install_uninstall_install(environment):
    # core has such names too
    before = count_left(environment, environment.ensure_template())
    database = clone(environment, "installed")
    assert count_left(environment, database)["models"] > before.get("models", 0)
    assert uninstall(environment, database) == []
    assert count_left(environment, database) == before
    assert install(environment, database, "second") == []
    assert read_states(environment, database, NAMES) == ["installed"]


def test_glue_installs_itself_when_both_sides_are_there(environment):
    """Alone, the base add-on needs and brings nothing; the other side brings glue."""
    name = clone(environment, "alone")
    assert read_states(environment, name, [GLUE]) == ["uninstalled"]
    assert install(environment, name, "glue", [GLUED]) == []
    assert read_states(environment, name, [addons.BASE_ADDON, GLUE]) == ["installed"]
    assert read_states(environment, name, ["maintenance_reinvoice"]) == ["uninstalled"]
