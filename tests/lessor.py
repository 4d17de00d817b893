"""A lessor with contracts and permissions, for the benchmarks in Odoo's shell."""

from odoo import Command, models


class Lessor:
    """Master data; ``product`` is what garages do."""

    product = None

    def __init__(self, env):
        self.env = env
        self.plan = env["account.analytic.plan"].create({"name": "Contracts"})
        self.clearing = self.create_account("BCLEAR", "asset_current")
        env.company.write(
            {
                "maintenance_mass_account_id": self.clearing.id,
                "maintenance_mass_analytic_account_id": self.create_analytic("Mass").id,
            }
        )
        self.garage = env["res.partner"].create({"name": "Garage"})
        brand = env["fleet.vehicle.model.brand"].create({"name": "Brand"})
        self.model = env["fleet.vehicle.model"].create(
            {"name": "Van", "brand_id": brand.id}
        )

    def go_on(self, env):
        """Work in another environment from now on."""
        self.env = env
        for name, value in vars(self).items():
            if isinstance(value, models.BaseModel):
                setattr(self, name, value.with_env(env))

    def create_account(self, code, kind, reconcile=True):
        values = {"code": code, "name": code, "account_type": kind}
        return self.env["account.account"].create({**values, "reconcile": reconcile})

    def create_analytic(self, name):
        return self.env["account.analytic.account"].create(
            {"name": name, "plan_id": self.plan.id}
        )

    def create_contract(self, number, customer):
        """An open contract of one vehicle."""
        name = f"Contract {number}"
        vehicle = self.env["fleet.vehicle"].create(
            {"model_id": self.model.id, "license_plate": f"B-{number:05}"}
        )
        contract = self.env["maintenance.contract"].create(
            {
                "name": name,
                "partner_id": customer.id,
                "vehicle_ids": [Command.set(vehicle.ids)],
                "date_start": "2026-01-01",
                "analytic_distribution": {str(self.create_analytic(name).id): 100},
            }
        )
        contract.action_open()
        return contract

    def create_permissions(self, contract, count):
        """Permissions of one line each."""
        line = {
            "product_id": self.product.id,
            "name": "Brake pads",
            "purchase_price": 123.45,
            "reinvoice": True,
        }
        return self.env["maintenance.permission"].create(
            [
                {
                    "vehicle_id": contract.vehicle_ids.id,
                    "vendor_id": self.garage.id,
                    "date": "2026-10-05",
                    "line_ids": [Command.create(line)],
                }
                for _number in range(count)
            ]
        )
