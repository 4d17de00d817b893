"""Run in Odoo's shell: documents of many lines against core's own of as many lines.

Both are made in turns, step by step, each step from a cold cache to written rows, and
taken back.  The least processor time of Python counts; queries are the same every time.
"""

# ruff: noqa: F821  (the shell gives env)
import os

from odoo import Command

from tests import ratios
from tests.timing import measure

LINES = int(os.environ.get("BENCH_LINES", 500))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))
DATE = "2026-10-10"


class Workshop:
    """Work orders, and core's invoices of the same lines."""

    def __init__(self, env):
        self.env = env
        self.customer = env["res.partner"].create({"name": "Customer"})
        self.product = env["product.product"].create(
            {"name": "Labour", "type": "service"}
        )
        self.prices = [10.0 + number for number in range(LINES)]

    def list_ours(self):
        """``(step, function)``, each to be called before the next is asked for."""
        order = self.env["service.work.order"].create(
            {
                "partner_id": self.customer.id,
                "line_ids": [
                    Command.create({"product_id": self.product.id, "price_unit": price})
                    for price in self.prices
                ],
            }
        )
        order.action_submit_check()
        order.action_confirm_check()
        yield "next invoice", order.action_create_next_invoice
        # with its own id, as a request has it: read together with nothing else
        move = self.env["account.move"].browse(order.invoice_ids.ids)
        yield "a line changed, saved", lambda: self.change(move)
        yield "authorized", move.action_service_authorize

    def change(self, move):
        move.invoice_line_ids[0].price_unit = 99.0
        if move.service_invoice_type:
            move.action_service_save()

    def list_core(self):
        lines = [
            {"product_id": self.product.id, "price_unit": price}
            for price in self.prices
        ]
        yield from list_core_steps(
            self.env,
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create(line) for line in lines],
            },
            self.change,
        )


def list_core_steps(env, values, change):
    move = env["account.move"]

    def create():
        nonlocal move
        move = move.create(values)

    yield "created", create
    yield "changed", lambda: change(move)
    yield "posted", lambda: move.action_post()


class Lessor:
    """A permission of many lines and its garage's bill, and core's bills."""

    def __init__(self, env):
        self.env = env
        self.garage = env["res.partner"].create({"name": "Garage"})
        self.product = env["product.product"].create(
            {"name": "Repair", "type": "service"}
        )
        brand = env["fleet.vehicle.model.brand"].create({"name": "Brand"})
        model = env["fleet.vehicle.model"].create({"name": "Van", "brand_id": brand.id})
        self.vehicle = env["fleet.vehicle"].create(
            {"model_id": model.id, "license_plate": "B-00001"}
        )
        plan = env["account.analytic.plan"].create({"name": "Contracts"})
        analytic = env["account.analytic.account"].create(
            {"name": "Contract", "plan_id": plan.id}
        )
        self.distribution = {str(analytic.id): 100}
        contract = env["maintenance.contract"].create(
            {
                "name": "Contract",
                "partner_id": env["res.partner"].create({"name": "Lessee"}).id,
                "vehicle_ids": [Command.set(self.vehicle.ids)],
                "date_start": "2026-01-01",
                "analytic_distribution": self.distribution,
            }
        )
        contract.action_open()
        self.prices = [10.0 + number for number in range(LINES)]

    def list_ours(self):
        permission = self.env["maintenance.permission"]

        def make_ready():
            nonlocal permission
            permission = permission.create(self.prepare_permission())
            permission.action_approve()

        yield "permission made, approved", make_ready
        yield "bill made", lambda: permission.action_create_bill("B-1", DATE)
        bill = permission.line_ids.bill_line_ids.move_id
        yield "bill posted", self.env["account.move"].browse(bill.ids).action_post

    def prepare_permission(self):
        return {
            "vehicle_id": self.vehicle.id,
            "vendor_id": self.garage.id,
            "date": "2026-10-05",
            "line_ids": [
                Command.create(
                    {
                        "product_id": self.product.id,
                        "name": "Work",
                        "purchase_price": price,
                        "reinvoice": True,
                    }
                )
                for price in self.prices
            ],
        }

    def list_core(self):
        lines = [
            {
                "product_id": self.product.id,
                "name": "Work",
                "price_unit": price,
                "vehicle_id": self.vehicle.id,
                "analytic_distribution": self.distribution,
            }
            for price in self.prices
        ]
        values = {
            "move_type": "in_invoice",
            "partner_id": self.garage.id,
            "invoice_date": DATE,
            "ref": "B-1",
            "invoice_line_ids": [Command.create(line) for line in lines],
        }
        yield "nothing", lambda: None
        steps = list_core_steps(self.env, values, lambda move: None)
        yield next(steps)
        next(steps)
        yield next(steps)


def measure_steps(steps):
    """``{step: (seconds, queries)}``, taken back at the end."""
    found = {}
    with env.cr.savepoint() as savepoint:
        for name, function in steps:
            found[name] = measure(env, function)
        savepoint.rollback()
    env.invalidate_all()
    return found


def print_rows(title, office):
    pairs = [
        (measure_steps(office.list_ours()), measure_steps(office.list_core()))
        for _round in range(ROUNDS)
    ]
    names = zip(*pairs[0], strict=True)
    sums = [0.0, 0.0]
    for ours, core in names:
        seconds = [
            min(pair[side][name][0] for pair in pairs)
            for side, name in enumerate((ours, core))
        ]
        sums = [sum(both) for both in zip(sums, seconds, strict=True)]
        print_row(ours, seconds, [pairs[-1][0][ours][1], pairs[-1][1][core][1]])
    print_row(f"{title}, together", sums, ["", ""])


def print_row(name, seconds, queries):
    ours, core = seconds
    ratio = f"{ours / core:.2f}" if core > 0.001 else ""
    print(
        f"{name:<28}{ours * 1000:>10.0f}{core * 1000:>10.0f}{ratio:>7}"
        f"{queries[0]:>10}{queries[1]:>10}",
        flush=True,
    )
    if ratio:
        ratios.keep(name, ours / core)


print(f"{LINES} lines; ms ours, ms core, ratio; queries ours, queries core")
print_rows("sale", Workshop(env))
print_rows("purchase", Lessor(env))
env.cr.rollback()
