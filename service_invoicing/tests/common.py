from contextlib import contextmanager

from odoo import Command
from odoo.tests import new_test_user

from .common_world import WorldCommon


class ServiceInvoicingCommon(WorldCommon):
    """A workshop with one user per role, products per cost category and 11 % tax."""

    _world = "service_invoicing"

    @classmethod
    def _make_world(cls):
        cls.advisor = cls._new_user("advisor", "group_service_advisor")
        cls.clerk = cls._new_user("billing", "group_service_billing")
        cls.authorizer = cls._new_user("authorizer", "group_service_authorizer")
        cls.manager = cls._new_user("manager", "group_service_manager")
        cls.tax_11 = cls._percent_tax(11)
        cls.customer = cls._new_partner("Customer")
        cls.sponsor = cls._new_partner("Sponsor")
        cls.insurer = cls._new_partner("Insurer")
        cls.labour = cls._new_product("Labour", "service", False)
        cls.part = cls._new_product("Part", "consu", False)
        cls.external = cls._new_product("External repair", "service", "external_repair")
        cls.program = cls.env["service.program"].create(
            {
                "name": "Half labour",
                "sponsor_id": cls.sponsor.id,
                "value_type": "percentage",
                "value": 50,
                "covers_material": False,
            }
        )

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "service_invoicing.group_service_manager"
        )

    @classmethod
    def _new_user(cls, role, group):
        return new_test_user(
            cls.env,
            f"service_{role}",
            context={"no_reset_password": True},
            groups=f"service_invoicing.{group}",
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )

    @classmethod
    def _percent_tax(cls, amount, **vals):
        return cls.env["account.tax"].create(
            {"name": f"Sale {amount} %", "amount": amount} | vals
        )

    @classmethod
    def _new_partner(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, **vals})

    @classmethod
    def _new_product(cls, name, kind, category):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": kind,
                "service_cost_category": category,
                "taxes_id": [Command.set(cls.tax_11.ids)],
            }
        )

    @classmethod
    def _new_vehicle(cls, model="Model"):
        brand = cls.env["fleet.vehicle.model.brand"].sudo().create({"name": "Brand"})
        model = brand.env["fleet.vehicle.model"].create(
            {"name": model, "brand_id": brand.id}
        )
        return brand.env["fleet.vehicle"].create(
            {"model_id": model.id, "license_plate": "1-ABC-234"}
        )

    @classmethod
    def _new_prepayment_account(cls, code="250100", **vals):
        return cls.env["account.account"].create(
            {
                "name": "Prepayments received",
                "code": code,
                "account_type": "liability_current",
                "reconcile": True,
                **vals,
            }
        )

    @classmethod
    def _new_order(cls, *lines, **vals):
        """Order in state checking with these lines (product, price, values)."""
        order = cls.env["service.work.order"].create(
            {
                "partner_id": cls.customer.id,
                "line_ids": [
                    Command.create(
                        {"product_id": product.id, "price_unit": price, **line_vals}
                    )
                    for product, price, line_vals in lines
                ],
                **vals,
            }
        )
        order.action_submit_check()
        return order

    @classmethod
    def _new_claim(cls, order, lines, approved=True, **vals):
        claim = cls.env["service.insurance.claim"].create(
            {
                "name": "CLAIM-1",
                "work_order_id": order.id,
                "insurer_id": cls.insurer.id,
                **vals,
            }
        )
        lines.claim_id = claim
        if approved:
            claim.action_approve()
        return claim

    @classmethod
    def _bill(cls, order):
        """All invoices of the order, by the button, as the billing clerk."""
        if order.state == "checking":
            order.action_confirm_check()
        clerk_order = order.with_user(cls.clerk)
        while clerk_order.next_invoice_type:
            clerk_order.action_create_next_invoice()
        return order.invoice_ids.sorted("id")

    @classmethod
    def _get_documents(cls, action):
        """The invoices that an action opens, if need be after a notice."""
        action = action.get("params", {}).get("next", action)
        Move = cls.env["account.move"]
        if action.get("res_id"):
            return Move.browse(action["res_id"])
        return Move.search(action["domain"], order="id")

    @contextmanager
    def _rolled_back(self):
        """What is done inside leaves no trace: the next row finds things as before."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)

    def assertSummary(self, move, **expected):
        self.assertRecordValues(
            move,
            [{f"service_amount_{name}": value for name, value in expected.items()}],
        )
