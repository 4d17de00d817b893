"""Run in Odoo's shell: make the records most tests begin with, once for all classes.

`tests/common_world.py` of the base add-on tells how the classes find them.
"""

# ruff: noqa: F821  (the shell gives env)
from odoo.addons.maintenance_reinvoice.tests.common import MaintenanceCommon
from odoo.addons.service_invoicing.tests.common import ServiceInvoicingCommon
from odoo.addons.service_invoicing.tests.common_world import PREPARED, WorldCommon

SPARE_COMPANIES = 2
ADDONS = ["service_invoicing", "maintenance_reinvoice"]
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
env["ir.module.module"]._load_module_terms(ADDONS, LANGUAGES)
env.cr.commit()
for common in (WorldCommon, ServiceInvoicingCommon, MaintenanceCommon):
    common.prepare_world()
