"""Run in Odoo's shell: build the web assets once, so that clones find them."""

# ruff: noqa: F821  (the shell gives env)
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
