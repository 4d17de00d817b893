from odoo import Command

from .common import ServiceInvoicingCommon


class ReleasesCommon(ServiceInvoicingCommon):
    """Monthly releases as an agreement makes them, and their documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer = cls._new_partner("Other customer")

    @classmethod
    def _new_release(cls, *lines, **vals):
        """Fresh monthly release with these lines (product, price, values)."""
        release = (
            cls.env["service.release"]
            .sudo()
            .create(
                {
                    "release_type": "monthly",
                    "company_id": cls.env.company.id,
                    "currency_id": cls.env.company.currency_id.id,
                    "partner_id": cls.customer.id,
                    "period_from": "2026-11-01",
                    "period_to": "2026-11-30",
                    "line_ids": [
                        Command.create(cls._prepare_release_line(*line))
                        for line in lines
                    ],
                    **vals,
                }
            )
        )
        return release.sudo(False)

    @classmethod
    def _prepare_release_line(cls, product, price, vals):
        template = product.product_tmpl_id
        # a second company gives every product a tax of its own
        taxes = product.taxes_id._filter_taxes_by_company(cls.env.company)
        return {
            "product_id": product.id,
            "name": product.name,
            "cost_category": template._get_service_cost_category(),
            "product_uom_id": product.uom_id.id,
            "price_unit": price,
            "tax_ids": [Command.set(taxes.ids)],
            **vals,
        }

    @classmethod
    def _new_checked(cls, *lines, **vals):
        order = cls._new_order(*(lines or [(cls.part, 100, {})]), **vals)
        order.action_confirm_check()
        return order

    @classmethod
    def _release(cls, orders, confirm=True):
        """Releases of the orders' open payers, made by the clerk's button."""
        orders.with_user(cls.clerk).action_release()
        releases = orders.release_ids.filtered(lambda r: r.state == "fresh")
        if confirm:
            releases.with_user(cls.clerk).action_confirm()
        return releases

    @classmethod
    def _new_month(cls, price=100, **vals):
        release = cls._new_release((cls.labour, price, {}), **vals)
        release.action_confirm()
        return release

    @classmethod
    def _invoice(cls, releases, user=None):
        releases = releases.with_user(user or cls.clerk)
        return cls._get_documents(releases.action_create_invoice())
