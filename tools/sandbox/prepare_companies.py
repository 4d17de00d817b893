"""Run in Odoo's shell: make the companies core's accounting tests begin with.

Every test class would make them again; `tests/common_company.py` of the base add-on
uses these instead. They have names of their own, so that core's tests can make theirs.
"""

# ruff: noqa: F821  (the shell gives env)

for name in ("company_1_data", "company_2"):
    company = env["res.company"].create({"name": f"Prepared {name}"})
    env["account.chart.template"].try_loading(
        "generic_coa", company=company, install_demo=False
    )
    company.account_fiscal_country_id = company.account_fiscal_country_id or env.ref(
        "base.us"
    )
env.cr.commit()
