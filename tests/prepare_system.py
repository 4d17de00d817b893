"""Run in Odoo's shell: a workshop with users, keys and master data for RPC clients."""

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


users = create_users()
facts = {
    "keys": {role: generate_key(user) for role, user in users.items()},
    "ids": {name: record.id for name, record in create_master_data().items()},
}
env.cr.commit()
pathlib.Path(os.environ["SYSTEM_FACTS"]).write_text(json.dumps(facts))
