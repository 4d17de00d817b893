"""Run in Odoo's shell: a workshop and a lessor, with users and keys for RPC clients."""

# ruff: noqa: F821  (the shell gives env)
import datetime
import json
import os
import pathlib

from odoo import Command

GROUPS = {
    "nobody": "base.group_user",
    "advisor": "service_invoicing.group_service_advisor",
    "clerk": "service_invoicing.group_service_billing",
    "authorizer": "service_invoicing.group_service_authorizer",
    "approver": "maintenance_reinvoice.group_maintenance_approver",
    "accountant": "maintenance_reinvoice.group_maintenance_reinvoice",
    "lessor": "maintenance_reinvoice.group_maintenance_manager",
}


def create_users():
    return {
        role: env["res.users"].create(
            {
                "name": role.title(),
                "login": role,
                "password": f"{role}-secret",
                "email": f"{role}@example.com",
                "odoobot_state": "disabled",  # no welcome chat in between
                "group_ids": [Command.set(env.ref(group).ids)],
            }
        )
        for role, group in GROUPS.items()
    }


def generate_key(user):
    expiration = datetime.datetime.now() + datetime.timedelta(days=1)
    keys = env["res.users.apikeys"].with_user(user)
    return keys._generate(None, "system test", expiration)


def create_product(name, kind, category, tax):
    return env["product.product"].create(
        {
            "name": name,
            "type": kind,
            "service_cost_category": category,
            "taxes_id": [Command.set(tax.ids)],
        }
    )


def create_tcd(code, kind, rate, tax):
    income = env["account.account"].search([("account_type", "=", "income")], limit=1)
    return env["service.tcd"].create(
        {
            "code": code,
            "name": code.title(),
            "tcd_type": kind,
            "rate": rate,
            "apply_on": "material" if kind == "discount" else "document",
            "account_id": income.id,
            "tax_ids": [Command.set(tax.ids if kind == "charge" else [])],
        }
    )


def create_master_data():
    tax = env["account.tax"].create(
        {"name": "VAT 11 %", "amount": 11, "type_tax_use": "sale"}
    )
    partners = {
        name: env["res.partner"].create({"name": f"The {name}", "email": "a@b.example"})
        for name in ("customer", "sponsor", "insurer")
    }
    program = env["service.program"].create(
        {
            "name": "Half of the labour",
            "sponsor_id": partners["sponsor"].id,
            "value_type": "percentage",
            "value": 50,
            "covers_material": False,
        }
    )
    return {
        **partners,
        "program": program,
        "labour": create_product("Labour", "service", "labour", tax),
        "part": create_product("Part", "consu", "material", tax),
        "external": create_product("Paint shop", "service", "external_repair", tax),
        "charge": create_tcd("CHARGE", "charge", 80, tax),
        "discount": create_tcd("DISCOUNT", "discount", 50, tax),
    }


def create_account(code, kind, reconcile=False):
    values = {"code": code, "name": code, "account_type": kind}
    return env["account.account"].create({**values, "reconcile": reconcile})


def set_tax_account(tax, account):
    rows = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
    rows.filtered(lambda row: row.repartition_type == "tax").account_id = account


def create_contract(name, plate, analytic_plan, customer):
    brand = env["fleet.vehicle.model.brand"].create({"name": f"Brand {name}"})
    model = env["fleet.vehicle.model"].create({"name": "Van", "brand_id": brand.id})
    vehicle = env["fleet.vehicle"].create(
        {"model_id": model.id, "license_plate": plate}
    )
    analytic = env["account.analytic.account"].create(
        {"name": name, "plan_id": analytic_plan.id}
    )
    contract = env["maintenance.contract"].create(
        {
            "name": name,
            "partner_id": customer.id,
            "vehicle_ids": [Command.set(vehicle.ids)],
            "date_start": "2026-01-01",
            "analytic_distribution": {str(analytic.id): 100},
        }
    )
    contract.action_open()
    return vehicle


def create_lessor():
    """Two contracts of one customer, a garage, 23 % tax on what it sells and buys."""
    customer, garage = env["res.partner"].create(
        [{"name": "The lessee"}, {"name": "The garage"}]
    )
    customer.maintenance_billing_method = "customer"
    sale_tax, purchase_tax = env["account.tax"].create(
        [
            {"name": f"VAT 23 % {use}", "amount": 23, "type_tax_use": use}
            for use in ("sale", "purchase")
        ]
    )
    for tax in (sale_tax, purchase_tax):
        set_tax_account(tax, create_account(f"SYSTAX{tax.id}", "liability_current"))
    repair = create_product("Garage repair", "service", "external_repair", sale_tax)
    repair.supplier_taxes_id = purchase_tax
    repair.property_account_income_id = create_account("SYSREV", "income")
    plan = env["account.analytic.plan"].create({"name": "Leases"})
    mass_analytic = env["account.analytic.account"].create(
        {"name": "Mass", "plan_id": plan.id}
    )
    clearing = create_account("SYSCLR", "asset_current", reconcile=True)
    env.company.write(
        {
            "maintenance_mass_account_id": clearing.id,
            "maintenance_mass_analytic_account_id": mass_analytic.id,
        }
    )
    return {
        "garage": garage,
        "repair": repair,
        "clearing": clearing,
        "vehicle_a": create_contract("A", "AA-111", plan, customer),
        "vehicle_b": create_contract("B", "BB-222", plan, customer),
    }


users = {**create_users(), "admin": env.ref("base.user_admin")}
facts = {
    "keys": {role: generate_key(user) for role, user in users.items()},
    "ids": {
        name: record.id
        for name, record in {**create_master_data(), **create_lessor()}.items()
    },
}
env.cr.commit()
pathlib.Path(os.environ["SYSTEM_FACTS"]).write_text(json.dumps(facts))
