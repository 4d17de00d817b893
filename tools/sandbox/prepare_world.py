"""Run in Odoo's shell: make the records most tests begin with, once for all classes.

`tests/common_world.py` of the base add-on tells how the classes find them.
"""

# ruff: noqa: F821  (the shell gives env)
from importlib import import_module

from odoo.addons.service_invoicing.tests.common import ServiceInvoicingCommon
from odoo.addons.service_invoicing.tests.common_world import PREPARED, WorldCommon

SPARE_COMPANIES = 2
MAINTENANCE = "maintenance_reinvoice"
LANGUAGES = ["fr_FR"]

for number in range(SPARE_COMPANIES):
    company = env["res.company"].create({"name": f"{PREPARED} {number + 1}"})
    env["account.chart.template"].try_loading(
        "generic_coa", company=company, install_demo=False
    )
    company.account_fiscal_country_id = company.account_fiscal_country_id or env.ref(
        "base.us"
    )
for language in LANGUAGES:
    env["res.lang"]._activate_lang(language)
installed = env["ir.module.module"]._installed()
env["ir.module.module"]._load_module_terms(
    [name for name in ("service_invoicing", MAINTENANCE) if name in installed],
    LANGUAGES,
)
env.cr.commit()
commons = [WorldCommon, ServiceInvoicingCommon]
if MAINTENANCE in installed:
    common = import_module(f"odoo.addons.{MAINTENANCE}.tests.common")
    commons.append(common.MaintenanceCommon)
for common in commons:
    common.prepare_world()
