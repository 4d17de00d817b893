"""Everyday work that has nothing to do with service billing, to be measured.

Used in Odoo's shell by ``bench_ordinary.py`` and ``ordinary_queries.py``: on a database
with our add-ons and on one without them, in one process.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests.form import Form

DATE = "2026-10-31"
GROUPS = (
    "base.group_user",
    "account.group_account_basic",
    "account.group_account_manager",
)


class Measured(NamedTuple):
    """What a piece of work took: queries, and seconds of the processor in Python."""

    queries: int
    seconds: float


class Office:
    """Master data of one database, and an accountant who works with it.

    :param dict specs: what the screens of core read, by the kind of view; the office
        tells it itself when there is none yet
    """

    def __init__(self, database, specs=None):
        self.cr = Registry(database).cursor()
        self.env = api.Environment(self.cr, SUPERUSER_ID, {})
        user = self.create_user()
        self.products = {
            "out": self.create_product("sale", "taxes_id"),
            "in": self.create_product("purchase", "supplier_taxes_id"),
        }
        self.partners = self.env["res.partner"].create(
            [{"name": f"Partner {number}"} for number in range(40)]
        )
        self.cr.commit()
        # guards let the superuser pass: nothing of them would be measured
        self.env = self.env(user=user, su=False)
        self.specs = specs or self.get_specs()

    def create_user(self):
        groups = [self.env.ref(name).id for name in GROUPS]
        return self.env["res.users"].create(
            {
                "name": "Accountant",
                "login": f"accountant_{time.time_ns()}",
                "group_ids": [Command.set(groups)],
            }
        )

    def create_product(self, use, field):
        tax = self.env["account.tax"].create(
            {"name": f"23 % {time.time_ns()}", "amount": 23, "type_tax_use": use}
        )
        values = {"name": "Consulting", "type": "service"}
        return self.env["product.product"].create(
            {**values, field: [Command.set(tax.ids)]}
        )

    def get_specs(self):
        moves = self.env["account.move"].with_context(default_move_type="out_invoice")
        arch = self.env["account.move"].get_view(view_type="list")["models"]
        return {
            "form": Form(moves)._view["fields_spec"],
            "list": {name: {} for name in arch["account.move"]},
        }

    def measure(self, work, count):
        """Do a piece of work from a cold cache to written rows, and take it back.

        :param Work work: what is done
        :param int count: with how many documents
        """
        steps = work.steps(self, count, *work.kind)
        next(steps)
        self.env.flush_all()
        self.env.invalidate_all()
        queries, start = self.cr.sql_log_count, time.process_time()
        next(steps, None)
        self.env.flush_all()
        seconds = time.process_time() - start
        queries = self.cr.sql_log_count - queries
        self.cr.rollback()
        return Measured(queries, seconds)

    # -- documents -------------------------------------------------------------

    def get_values(self, count, move_type, lines=1):
        if move_type == "entry":
            return [self.get_entry_values(number) for number in range(count)]
        return [
            self.get_document_values(move_type, number, lines)
            for number in range(count)
        ]

    def get_document_values(self, move_type, number, lines):
        product = self.products[move_type.partition("_")[0]]
        line = {"product_id": product.id, "quantity": 2, "price_unit": 123.45}
        return {
            "move_type": move_type,
            "partner_id": self.partners[number].id,
            "invoice_date": DATE,
            "ref": f"Reference {number}",
            "invoice_line_ids": [Command.create(line) for _number in range(lines)],
        }

    def get_entry_values(self, number):
        expense = self.products["in"]._get_product_accounts()["expense"]
        payable = self.partners[number].property_account_payable_id
        items = [
            {"account_id": expense.id, "balance": 100.0, "name": "Accrual"},
            {"account_id": payable.id, "balance": -100.0, "name": "Accrual"},
        ]
        return {
            "move_type": "entry",
            "date": DATE,
            "line_ids": [Command.create(item) for item in items],
        }

    def create(self, vals_list):
        return self.env["account.move"].create(vals_list)

    def create_posted(self, vals_list):
        moves = self.create(vals_list)
        moves.action_post()
        return moves

    def open_wizard(self, model, moves, **values):
        context = {"active_model": "account.move", "active_ids": moves.ids}
        return self.env[model].with_context(**context).create(values)

    def register_payments(self, moves):
        self.open_wizard(
            "account.payment.register", moves, payment_date=DATE
        ).action_create_payments()

    def create_statement_lines(self, moves):
        journal = self.env["account.journal"].search([("type", "=", "bank")], limit=1)
        return self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": journal.id,
                    "date": DATE,
                    "payment_ref": move.name,
                    "partner_id": move.partner_id.id,
                    "amount": move.amount_total,
                }
                for move in moves
            ]
        )

    def match(self, statement_lines, moves):
        for statement_line, move in zip(statement_lines, moves, strict=True):
            open_items = move.line_ids.filtered(
                lambda line: line.display_type == "payment_term"
            )
            suspense = statement_line._seek_for_lines()[1]
            suspense.account_id = open_items.account_id
            (suspense | open_items).reconcile()


# Pieces of work. Each prepares, yields, and then does what is measured.


def create_together(office, *kind):
    vals_list = office.get_values(*kind)
    yield
    office.create_posted(vals_list)


def create_one_by_one(office, *kind):
    vals_list = office.get_values(*kind)
    yield
    for vals in vals_list:
        office.create_posted([vals])


def post(office, *kind):
    moves = office.create(office.get_values(*kind))
    yield
    for move in moves:
        move.action_post()


def copy(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    moves.copy()


def change(office, *kind):
    moves = office.create(office.get_values(*kind))
    yield
    for move in moves:
        line = move.invoice_line_ids[0]
        move.write({"invoice_line_ids": [Command.update(line.id, {"quantity": 3})]})


def delete(office, *kind):
    moves = office.create(office.get_values(*kind))
    yield
    moves.unlink()


def cancel(office, *kind):
    moves = office.create(office.get_values(*kind))
    yield
    moves.button_cancel()


def reset(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    moves.button_draft()


def pay_together(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    office.register_payments(moves)


def pay_one_by_one(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    for move in moves:
        office.register_payments(move)


def undo_payments(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    office.register_payments(moves)
    yield
    moves.line_ids.remove_move_reconcile()


def pay_without_document(office, count):
    yield
    payments = office.env["account.payment"].create(
        [
            {"partner_id": partner.id, "amount": 100.0, "date": DATE}
            for partner in office.partners[:count]
        ]
    )
    payments.action_post()


def credit(office, *kind):
    yield from reverse(office, "refund_moves", *kind)


def replace(office, *kind):
    yield from reverse(office, "modify_moves", *kind)


def reverse(office, method, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    values = {"date": DATE, "journal_id": moves.journal_id.id}
    wizard = office.open_wizard("account.move.reversal", moves, **values)
    getattr(wizard, method)()


def enter_statement(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    office.create_statement_lines(moves)


def match_statement(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    lines = office.create_statement_lines(moves)
    yield
    office.match(lines, moves)


def undo_statement(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    lines = office.create_statement_lines(moves)
    office.match(lines, moves)
    office.env.flush_all()
    yield
    lines.action_undo_reconciliation()


def open_new(office, count, move_type):
    moves = office.env["account.move"].with_context(default_move_type=move_type)
    yield
    for _number in range(count):
        moves.onchange({}, [], office.specs["form"])


def type_and_save(office, count, move_type):
    moves = office.env["account.move"].with_context(default_move_type=move_type)
    product = office.products[move_type.partition("_")[0]]
    # a browser asks for the views once
    forms = [Form(moves) for _number in range(count)]
    yield
    for partner, form in zip(office.partners[:count], forms, strict=True):
        with form:
            form.partner_id = partner
            form.invoice_date = DATE
            with form.invoice_line_ids.new() as line:
                line.product_id = product


def read_form(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    for move in moves:
        move.web_read(office.specs["form"])


def read_list(office, *kind):
    moves = office.create_posted(office.get_values(*kind))
    yield
    domain = [("id", "in", moves.ids)]
    moves.web_search_read(domain, office.specs["list"])


class Work(NamedTuple):
    """A row of the table.

    :param int count: with how many documents it is timed
    :param steps: function that prepares, yields and does it
    :param kind: what ``Office.get_values`` makes of each document
    """

    title: str
    count: int
    steps: Callable
    kind: tuple = ()


INVOICE, BILL, ENTRY = "out_invoice", "in_invoice", "entry"
WORKS = [
    Work("invoices of 5 lines, together", 20, create_together, (INVOICE, 5)),
    Work("bills of 5 lines, together", 20, create_together, (BILL, 5)),
    Work("entries of 2 items, together", 20, create_together, (ENTRY,)),
    Work("invoices, one by one", 15, create_one_by_one, (INVOICE,)),
    Work("bills, one by one", 15, create_one_by_one, (BILL,)),
    Work("entries, one by one", 15, create_one_by_one, (ENTRY,)),
    Work("invoice of 500 lines", 1, create_together, (INVOICE, 500)),
    Work("drafts posted, one by one", 20, post, (INVOICE, 5)),
    Work("entries posted, one by one", 20, post, (ENTRY,)),
    Work("invoices copied", 20, copy, (INVOICE, 5)),
    Work("drafts changed, one by one", 20, change, (INVOICE, 5)),
    Work("drafts deleted", 20, delete, (INVOICE, 5)),
    Work("drafts cancelled", 20, cancel, (INVOICE, 5)),
    Work("invoices reset to draft", 20, reset, (INVOICE, 5)),
    Work("entries reset to draft", 20, reset, (ENTRY,)),
    Work("payments of no document", 20, pay_without_document),
    Work("invoices paid, together", 20, pay_together, (INVOICE, 2)),
    Work("invoices paid, one by one", 10, pay_one_by_one, (INVOICE, 2)),
    Work("bills paid, together", 20, pay_together, (BILL, 2)),
    Work("bills paid, one by one", 10, pay_one_by_one, (BILL, 2)),
    Work("payments unmatched", 20, undo_payments, (INVOICE, 2)),
    Work("credit notes of invoices", 20, credit, (INVOICE, 2)),
    Work("credit notes of bills", 20, credit, (BILL, 2)),
    Work("invoices replaced", 10, replace, (INVOICE, 2)),
    Work("entries reversed", 20, credit, (ENTRY,)),
    Work("bank statement lines", 20, enter_statement, (INVOICE, 2)),
    Work("bank statement lines matched", 20, match_statement, (INVOICE, 2)),
    Work("bank statement lines unmatched", 20, undo_statement, (INVOICE, 2)),
    Work("new invoices opened", 10, open_new, (INVOICE,)),
    Work("invoices typed and saved", 5, type_and_save, (INVOICE,)),
    Work("bills typed and saved", 5, type_and_save, (BILL,)),
    Work("invoices opened", 20, read_form, (INVOICE, 5)),
    Work("invoices listed", 20, read_list, (INVOICE, 2)),
]
