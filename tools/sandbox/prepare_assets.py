"""Run in Odoo's shell: build what the browser tests load, so that clones find it."""

# ruff: noqa: F821  (the shell gives env)
BUNDLES = (
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_frontend_minimal",
    "web.assets_web",
    "web.report_assets_common",
)

for name in BUNDLES:
    bundle = env["ir.qweb"]._get_asset_bundle(name)
    bundle.js()
    bundle.css()
env.cr.commit()
