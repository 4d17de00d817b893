"""Run in Odoo's shell: lists and forms of our add-ons among very many records, against
core's list and form of as many invoices.

A few documents of each kind are made as people make them, then their rows are copied.
Each screen is opened as the browser does it, from a cold cache; the least time counts,
the database's included. Statements of slow lists are explained.
"""

# ruff: noqa: F821  (the shell gives env)
import gc
import os
import time

from odoo import Command, sql_db

from tests import ratios
from tests.lessor import Lessor
from tests.long_tables import Copier
from tests.screen_queries import get_form_spec, get_screen

ROWS = int(os.environ.get("BENCH_ROWS", 100_000))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 5))
SEEDS = 50  # documents of each kind that are copied
SLOW = 1.2
DATE = "2026-10-31"
CORE = "account.action_move_out_invoice"
GROUPS = (
    "account.group_account_manager",
    "service_invoicing.group_service_manager",
    "maintenance_reinvoice.group_maintenance_manager",
    "fleet.fleet_group_manager",
)
MODELS = [
    "res.partner",
    "service.work.order",
    "service.insurance.claim",
    "service.work.order.line",
    "fleet.vehicle",
    "maintenance.contract",
    "maintenance.permission",
    "account.move",
    "maintenance.permission.line",
    "service.release",
    "service.release.line",
    "account.full.reconcile",
    "account.move.line",
    "account.partial.reconcile",
    "service.invoice.adjustment",
    "maintenance.reinvoice.log",
    "maintenance.reinvoice.run.line",
    "maintenance.reinvoice.row",
]
SCREENS = [
    "service_invoicing.service_work_order_action",
    "service_invoicing.service_work_order_action_to_invoice",
    "service_invoicing.service_release_action",
    "service_invoicing.service_share_transfer_action",
    "service_invoicing.account_move_action_authorize",
    "service_invoicing.account_move_action_service",
    "service_invoicing.account_move_action_program",
    "service_invoicing.account_move_action_insurance",
    "service_invoicing.account_move_action_prepayment",
    "service_invoicing.account_move_action_credit",
    "service_invoicing.service_insurance_claim_action",
    "service_invoicing.service_invoice_adjustment_action",
    "service_invoicing.service_prepayment_report_action",
    "service_invoicing.service_release_report_action",
    "service_invoicing.service_unbilled_report_action",
    "maintenance_reinvoice.maintenance_contract_action",
    "maintenance_reinvoice.maintenance_permission_action",
    "maintenance_reinvoice.maintenance_permission_action_approve",
    "maintenance_reinvoice.maintenance_permission_action_bill",
    "maintenance_reinvoice.maintenance_permission_line_action",
    "maintenance_reinvoice.maintenance_reinvoice_run_action",
    "maintenance_reinvoice.maintenance_reinvoice_log_action",
    "maintenance_reinvoice.maintenance_reinvoice_run_line_action",
    "maintenance_reinvoice.maintenance_reinvoice_row_action",
    "maintenance_reinvoice.maintenance_unbilled_report_action",
]


class Statements:
    """Remembers what the database is asked, and how long each answer takes."""

    def __init__(self):
        self.taken = []
        self.plain = sql_db.Cursor.execute

    def __enter__(self):
        plain, taken = self.plain, self.taken

        def execute(cr, query, params=None, log_exceptions=True):
            start = time.perf_counter()
            plain(cr, query, params, log_exceptions)
            taken.append((time.perf_counter() - start, cr._obj.query))

        sql_db.Cursor.execute = execute
        return self

    def __exit__(self, *_exception):
        sql_db.Cursor.execute = self.plain

    def explain_slowest(self):
        seconds, query = max(self.taken)
        print(f"    {seconds * 1000:.1f} ms: {query.decode()}")
        env.cr.execute(b"EXPLAIN (ANALYZE, BUFFERS) " + query)
        for (line,) in env.cr.fetchall():
            print(f"    {line}")


class World(Lessor):
    """A workshop and a lessor with some documents of each kind."""

    def __init__(self, env):
        super().__init__(env)
        prepaid = self.create_account("BPREP", "liability_current")
        env.company.service_prepayment_account_id = prepaid
        self.product = env["product.product"].create(
            {"name": "Labour", "type": "service"}
        )
        self.customers = env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(SEEDS)]
        )
        self.sponsor = env["res.partner"].create({"name": "Sponsor"})
        self.program = env["service.program"].create(
            {"name": "Half", "sponsor_id": self.sponsor.id, "value": 50}
            | {"value_type": "percentage"}
        )

    # -- core ------------------------------------------------------------------

    def create_plain_invoices(self):
        line = {"product_id": self.product.id, "price_unit": 100.0}
        moves = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_line_ids": [Command.create(line)] * 2,
                }
                for customer in self.customers
            ]
        )
        # drafts have no date yet, as those of service billing
        moves[:-4].invoice_date = DATE
        moves[:-4].action_post()

    # -- the workshop ----------------------------------------------------------

    def create_orders(self):
        """Most are billed and authorized, some wait for each step before that."""
        line = {"product_id": self.product.id, "price_unit": 100.0}
        shared = {**line, "program_id": self.program.id}
        orders = env["service.work.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "order_date": DATE,
                    "line_ids": [Command.create(line), Command.create(shared)],
                }
                for customer in self.customers
            ]
        )
        orders[:-1].action_submit_check()
        for order in orders[:5]:
            self.prepay(order)
        for order in orders[5:15]:
            self.claim(order)
        orders[:-2].action_confirm_check()
        orders[:-4].action_create_invoices()
        moves = orders.invoice_ids.filtered(lambda m: m.service_status == "draft")
        moves |= orders.invoice_ids.filtered(lambda m: m.service_status == "fresh")
        env["account.move"].browse(moves.ids[:-4]).action_service_authorize()
        posted = orders.invoice_ids.filtered(
            lambda m: m.state == "posted" and m.service_invoice_type == "service"
        )
        for move in posted[-5:]:
            move.action_service_credit(reason="Wrong price")

    def claim(self, order):
        """An insurer pays the line that no program shares."""
        claim = env["service.insurance.claim"].create(
            {
                "name": order.name,
                "work_order_id": order.id,
                "insurer_id": self.sponsor.id,
            }
        )
        order.line_ids.filtered(lambda line: not line.program_id).claim_id = claim
        claim.action_approve()

    def prepay(self, order):
        order.action_create_prepayment(percentage=30)
        move = order.invoice_ids.filtered(
            lambda m: m.service_invoice_type == "prepayment"
        )
        move.action_service_authorize()
        receivable = move.line_ids.filtered(lambda i: i.display_type == "payment_term")
        journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
        money = {"balance": receivable.balance}
        items = [
            {"account_id": journal.default_account_id.id, **money},
            {
                "account_id": receivable.account_id.id,
                "partner_id": move.partner_id.id,
                "balance": -receivable.balance,
            },
        ]
        entry = env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": DATE,
                "line_ids": [Command.create(item) for item in items],
            }
        )
        entry.action_post()
        received = entry.line_ids.filtered(
            lambda i: i.account_id == receivable.account_id
        )
        (receivable | received).reconcile()

    # -- the lessor ------------------------------------------------------------

    def reinvoice(self):
        """Most permissions are on invoices of a run, some wait for a step before."""
        permissions = env["maintenance.permission"]
        for number, customer in enumerate(self.customers):
            contract = self.create_contract(number, customer)
            permissions |= self.create_permissions(contract, 1)
        permissions[-2].action_submit()
        permissions[:-2].action_approve()
        action = permissions[:-4].action_create_bill("B-1", DATE)
        env["account.move"].browse(action["res_id"]).action_post()
        run = env["maintenance.reinvoice.run"].create(
            {
                "posting_date": DATE,
                "filter_domain": str([("id", "in", permissions[:-6].ids)]),
            }
        )
        run.action_execute()
        assert run.state == "done"


def create_reader():
    """A person who may see everything: rules and rights are asked for as usual."""
    user = env["res.users"].create(
        {
            "name": "Reader",
            "login": "bench_reader",
            "group_ids": [Command.set([env.ref(name).id for name in GROUPS])],
        }
    )
    env.cr.commit()
    return env(user=user, su=False)


def measure_once(function):
    """``(seconds, queries)`` from a cold cache."""
    env.invalidate_all()
    gc.collect()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    function()
    return time.perf_counter() - start, env.cr.sql_log_count - queries


def measure(*functions):
    """The least of each; they are called in turns, since others disturb a machine."""
    rounds = [
        [measure_once(function) for function in functions] for _round in range(ROUNDS)
    ]
    return [min(measured) for measured in zip(*rounds, strict=True)]


def count(screen):
    """How many records there are, and how many of them the screen shows."""
    every = screen.records.sudo().with_context(active_test=False)
    return every.search_count([]), screen.records.search_count(screen.domain)


def print_screen(title, function, against, rows=("", "")):
    """A row of the table, and how the slowest statement of a slow screen is planned."""
    (seconds, queries), (core, __) = measure(function, against)
    ratio = seconds / core
    print(
        f"{title:<42}{rows[0]:>8}{rows[1]:>8}{seconds * 1000:>9.1f}{core * 1000:>9.1f}"
        f"{ratio:>7.2f}{queries:>9}",
        flush=True,
    )
    ratios.keep(title, ratio)
    if ratio > SLOW and os.environ.get("BENCH_EXPLAIN"):
        env.invalidate_all()
        with Statements() as statements:
            function()
        statements.explain_slowest()


def get_reading(record):
    """What opens the form of a record."""
    spec = get_form_spec(record)
    # with its own id, as a request has it
    one = record.browse(record.id)
    return lambda: one.web_read(spec)


def copy(copier):
    start = time.perf_counter()
    copier.copy(ROWS // SEEDS - 1)
    print(f"rows copied in {time.perf_counter() - start:.0f} s", flush=True)


reader = create_reader()
copier = Copier(env, MODELS)
world = World(env)
world.create_plain_invoices()
world.create_orders()
world.reinvoice()
copy(copier)
core = get_screen(reader, CORE, [("service_invoice_type", "=", False)])
print(
    f"core's list: {count(core)[1]} invoices, {measure(core.read_list)[0][1]} queries"
)
print(f"{'':<42}{'rows':>8}{'shown':>8}{'ms':>9}{'core':>9}{'ratio':>7}{'queries':>9}")
forms = {}
for xml_id in SCREENS:
    screen = get_screen(reader, xml_id)
    title = xml_id.partition(".")[2].replace("_action", "")
    print_screen(title, screen.read_list, core.read_list, count(screen))
    if screen.records._auto and (found := screen.get_first()):
        forms[title] = found
read_form = get_reading(core.get_first())
for title, record in forms.items():
    print_screen(f"form of {title}", get_reading(record), read_form)
