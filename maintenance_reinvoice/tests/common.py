from odoo import Command, fields

from odoo.addons.service_invoicing.tests.common_world import WorldCommon


class MaintenanceCommon(WorldCommon):
    """A lessor with a customer, two contracts and a garage; 23 % tax on all it sells
    and buys, and a clearing account for collective invoices."""

    _world = "maintenance_reinvoice"

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "maintenance_reinvoice.group_maintenance_manager"
        )

    @classmethod
    def _make_world(cls):
        cls.company = cls.env.company
        cls.output_tax = cls._create_account("OUTTAX", "liability_current")
        cls.input_tax = cls._create_account("INTAX", "asset_current")
        cls.sale_tax = cls._create_tax(23.0, "sale")
        cls.purchase_tax = cls._create_tax(23.0, "purchase")
        cls.mass_account = cls._create_account("MASS01", "asset_current", True)
        cls.revenue = cls._create_account("REV01", "income")
        cls.plan = cls.env.ref("analytic.analytic_plan_projects")
        cls.analytic_a = cls._create_analytic("A")
        cls.analytic_b = cls._create_analytic("B")
        cls.mass_analytic = cls._create_analytic("Mass")
        cls.company.write(
            {
                "maintenance_mass_account_id": cls.mass_account.id,
                "maintenance_mass_analytic_account_id": cls.mass_analytic.id,
            }
        )
        cls.service = cls._create_service("Repair")
        cls.customer = cls._create_partner("Customer")
        cls.garage = cls._create_partner("Garage")
        cls.vehicle_a = cls._create_vehicle("AA-111")
        cls.vehicle_b = cls._create_vehicle("BB-222")
        cls.contract_a = cls._create_contract("A", cls.vehicle_a, cls.analytic_a)
        cls.contract_b = cls._create_contract("B", cls.vehicle_b, cls.analytic_b)

    # -- records ----------------------------------------------------------------

    @classmethod
    def _create_tax(cls, amount, use, **vals):
        tax = cls.env["account.tax"].create(
            {
                "name": f"{use} {amount} {len(vals)}",
                "amount": amount,
                "type_tax_use": use,
                **vals,
            }
        )
        parts = tax.invoice_repartition_line_ids + tax.refund_repartition_line_ids
        parts.filtered(lambda part: part.repartition_type == "tax").account_id = (
            cls.output_tax if use == "sale" else cls.input_tax
        )
        return tax

    @classmethod
    def _create_account(cls, code, account_type, reconcile=False):
        return cls.env["account.account"].create(
            {
                "code": code,
                "name": code,
                "account_type": account_type,
                "reconcile": reconcile,
            }
        )

    @classmethod
    def _create_analytic(cls, name):
        return cls.env["account.analytic.account"].create(
            {"name": name, "plan_id": cls.plan.id}
        )

    @classmethod
    def _create_service(cls, name, **vals):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "taxes_id": [Command.set(cls.sale_tax.ids)],
                "supplier_taxes_id": [Command.set(cls.purchase_tax.ids)],
                "property_account_income_id": cls.revenue.id,
                **vals,
            }
        )

    @classmethod
    def _create_partner(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, **vals})

    @classmethod
    def _create_vehicle(cls, plate):
        brand = cls.env["fleet.vehicle.model.brand"].sudo().create({"name": plate})
        model = brand.env["fleet.vehicle.model"].create(
            {"name": "Van", "brand_id": brand.id}
        )
        vehicle = brand.env["fleet.vehicle"].create(
            {"model_id": model.id, "license_plate": plate}
        )
        return vehicle.sudo(False)

    @classmethod
    def _create_contract(cls, name, vehicle, analytic, **vals):
        contract = cls.env["maintenance.contract"].create(
            {
                "name": name,
                "partner_id": cls.customer.id,
                "vehicle_ids": [Command.set(vehicle.ids)],
                "date_start": "2026-01-01",
                "analytic_distribution": {str(analytic.id): 100.0},
                **vals,
            }
        )
        contract.action_open()
        return contract

    @classmethod
    def _create_permission(cls, vehicle, lines, approve=True, **vals):
        """``lines``: dicts of line values; the service and Reinvoice are filled."""
        permission = cls.env["maintenance.permission"].create(
            {
                "vehicle_id": vehicle.id,
                "vendor_id": cls.garage.id,
                "date": "2026-10-05",
                "line_ids": [
                    Command.create(
                        {
                            "product_id": cls.service.id,
                            "name": "Work",
                            "reinvoice": True,
                            **line,
                        }
                    )
                    for line in lines
                ],
                **vals,
            }
        )
        if approve:
            permission.action_approve()
        return permission

    @classmethod
    def _create_bill(cls, permissions, reference=None, post=True):
        """The garage's bill of the permissions, posted."""
        reference = reference or f"BILL {permissions[0].name}"
        action = permissions.action_create_bill(
            vendor_reference=reference, date="2026-10-10"
        )
        bill = cls.env["account.move"].browse(action["res_id"])
        if post:
            bill.action_post()
        return bill

    @classmethod
    def _create_closed(cls, vehicle, lines, **vals):
        """A permission whose bill is posted."""
        permission = cls._create_permission(vehicle, lines, **vals)
        cls._create_bill(permission)
        return permission

    @classmethod
    def _create_abroad(cls, company, vehicle):
        """A closed permission over 70 of another company, with a contract there.

        :param vehicle: one that belongs to no company
        """
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        product = env["product.product"].create({"name": "Work", "type": "service"})
        contract = env["maintenance.contract"].create(
            {
                "name": "X",
                "partner_id": cls.customer.id,
                "vehicle_ids": [Command.set(vehicle.ids)],
                "state": "open",
            }
        )
        line = {"product_id": product.id, "purchase_price": 70.0, "reinvoice": True}
        permission = contract.env["maintenance.permission"].create(
            {
                "vehicle_id": vehicle.id,
                "vendor_id": cls.garage.id,
                "line_ids": [Command.create(line)],
            }
        )
        permission.action_approve()
        action = permission.action_create_bill(
            vendor_reference="X-1", date="2026-10-10"
        )
        env["account.move"].browse(action["res_id"]).action_post()
        return permission

    @classmethod
    def _create_run(cls, permissions=None, **vals):
        domain = str([("id", "in", permissions.ids)]) if permissions else "[]"
        return cls.env["maintenance.reinvoice.run"].create(
            {"posting_date": "2026-10-31", "filter_domain": domain, **vals}
        )

    @classmethod
    def _execute_run(cls, permissions=None, **vals):
        run = cls._create_run(permissions, **vals)
        run.action_execute()
        return run

    # -- checks -----------------------------------------------------------------

    def _get_balance(self, account):
        """Posted balance of an account, in company currency."""
        self.env.flush_all()
        lines = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return self.company.currency_id.round(sum(lines.mapped("balance")))

    def _get_analytic_result(self, account):
        """Sum of the analytic items of an account, in company currency."""
        self.env.flush_all()
        lines = self.env["account.analytic.line"].search(
            [(self.plan._column_name(), "=", account.id)]
        )
        return sum(lines.mapped("amount"))

    def _get_reasons(self, run):
        """``{permission line: code of the reason}`` of the check report."""
        return {row.permission_line_id: row.reason for row in run.line_ids}

    def _date(self, text):
        return fields.Date.to_date(text)
