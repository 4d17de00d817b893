import ast
import contextlib

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import ServiceInvoicingCommon
from .common_buttons import (
    ACCOUNTANTS,
    AUTHORISERS,
    BUTTONS,
    CLERKS,
    CREDITABLE,
    DOORS,
    HIDDEN,
    LIST_BUTTONS,
    REASON,
    ROLES,
    STATUSES,
)


class Undo(Exception):
    """Ends a savepoint whose work is not to be kept."""


@tagged("post_install", "-at_install")
class TestButtonTable(ServiceInvoicingCommon):
    """Every status × button × role, through form, list and RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "advisor": cls.advisor,
            "billing": cls.clerk,
            "authorizer": cls.authorizer,
            "manager": cls.manager,
            "invoicing": cls._new_accountant("invoice"),
            "administrator": cls._new_accountant("manager"),
        }
        # the rights of the person who runs the tests must not help anybody
        cls.moves = {
            status: getattr(cls, f"_make_{status}")().sudo(False) for status in STATUSES
        }
        cls.env.flush_all()

    @classmethod
    def _new_accountant(cls, group):
        return new_test_user(
            cls.env,
            f"service_core_{group}",
            groups=f"account.group_account_{group}",
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )

    # -- an invoice in each status ---------------------------------------------

    @classmethod
    def _make_draft(cls):
        return (
            cls.env["account.move"]
            .with_user(cls.clerk)
            .create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": cls.customer.id,
                    "invoice_date": "2026-11-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Labour",
                                "price_unit": 100,
                                "tax_ids": [Command.set(cls.tax_11.ids)],
                            }
                        )
                    ],
                }
            )
        )

    @classmethod
    def _make_fresh(cls):
        move = cls._make_draft()
        move.action_service_save()
        return move

    @classmethod
    def _make_returned(cls):
        move = cls._make_fresh()
        move.action_service_return(**REASON)
        return move

    @classmethod
    def _make_deleted(cls):
        move = cls._make_fresh()
        move.action_service_delete(**REASON)
        return move

    @classmethod
    def _make_authorized(cls):
        move = cls._make_fresh().with_user(cls.authorizer)
        move.action_service_authorize()
        return move

    @classmethod
    def _make_partially_adjusted(cls):
        return cls._make_adjusted(amount=40)

    @classmethod
    def _make_adjusted(cls, amount=111):
        """An entry, as a prepayment would make it, settles the invoice."""
        move = cls._make_authorized()
        receivable = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        prepaid = cls.company_data["default_account_assets"]
        rows = ((prepaid, amount), (receivable.account_id, -amount))
        entry = cls.env["account.move"].create(
            {
                "date": "2026-11-02",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "balance": balance,
                            "partner_id": cls.customer.id,
                        }
                    )
                    for account, balance in rows
                ],
            }
        )
        entry.action_post()
        lines = entry.line_ids.filtered(lambda x: x.account_id == receivable.account_id)
        (lines | receivable.with_env(cls.env)).reconcile()
        return move

    @classmethod
    def _make_reversed(cls):
        move = cls._make_authorized()
        move._reverse_moves([{"invoice_date": "2026-11-02"}]).action_post()
        return move

    # -- what a door answers ---------------------------------------------------

    def _use(self, door, role, moves):
        """Go through the door as a client does, and undo it.

        :return: set of statuses after, or the class of the error
        """
        found = None
        model = self.env["account.move"].with_user(self.users[role])
        with contextlib.suppress(Undo), self.env.cr.savepoint():
            try:
                call_kw(model, door.method, [moves.ids, *door.args], door.kwargs)
                self.env.flush_all()
                found = self._read_status(moves)
            except UserError as error:  # AccessError is one of them
                found = AccessError if isinstance(error, AccessError) else UserError
            raise Undo()
        return found

    def _read_status(self, moves):
        left = moves.exists()
        left.invalidate_recordset()
        return "+".join(dict.fromkeys(left.mapped("service_status"))) or "none"

    def assertTable(self, doors, roles=ROLES):
        """All wrong answers at once: a table is read as a whole."""
        wrong = [
            f"{name} of {status} by {role}: {found}, expected {expected}"
            for name, door in doors.items()
            for role in roles
            for status, move in self.moves.items()
            if (expected := door.expect(role, status))
            != (found := self._use(door, role, move))
        ]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    # -- tests -----------------------------------------------------------------

    def test_there_is_an_invoice_in_each_status(self):
        for status, move in self.moves.items():
            self.assertEqual(move.service_status, status)

    def test_buttons_by_rpc(self):
        self.assertTable(BUTTONS)

    def test_doors_of_core_by_rpc(self):
        self.assertTable(DOORS)

    def test_refused_buttons_name_the_document(self):
        for name, door in BUTTONS.items():
            for status, move in self.moves.items():
                if status in door.results or not move.service_number:
                    continue
                with self.subTest(f"{name} of {status}"):
                    method = getattr(move.with_user(self.manager), door.method)
                    with self.assertRaisesRegex(UserError, self._get_name(move)):
                        method(**door.kwargs)

    def _get_name(self, move):
        return f"{move.service_number}|{move.name}|draft"

    def test_core_validation_dialog(self):
        """It is how the list of core posts: it takes drafts only."""
        door = DOORS["post"]
        wrong = []
        for role in ROLES:
            for status in ("draft", "fresh", "returned"):
                expected = door.expect(role, status)
                found = self._validate(role, self.moves[status])
                if expected != found:
                    wrong.append(f"{status} by {role}: {found}, expected {expected}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def _validate(self, role, move):
        found = None
        with contextlib.suppress(Undo), self.env.cr.savepoint():
            try:
                wizard = (
                    self.env["validate.account.move"]
                    .with_user(self.users[role])
                    .with_context(active_model="account.move", active_ids=move.ids)
                )
                wizard.create({}).validate_move()
                found = self._read_status(move)
            except UserError as error:
                found = AccessError if isinstance(error, AccessError) else UserError
            raise Undo()
        return found

    def test_form_shows_a_button_where_it_works(self):
        wrong = []
        for role in ACCOUNTANTS:
            buttons = self._get_header_buttons(role, "account.view_move_form")
            for status, move in self.moves.items():
                shown = self._get_shown(buttons, role, move)
                wrong += [
                    f"{name} of {status} for {role}: {'hidden' * works or 'shown'}"
                    for name, door in BUTTONS.items()
                    if (works := isinstance(door.expect(role, status), str))
                    != (door.method in shown)
                ]
                wrong += [
                    f"{method} of {status} for {role}: shown"
                    for method in HIDDEN
                    if method in shown
                ]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def test_advisor_has_no_invoice_form(self):
        moves = self.env["account.move"].with_user(self.advisor)
        self.assertFalse(moves.has_access("read"))

    def _get_header_buttons(self, role, view):
        """Buttons of the header that the role's groups leave in the view."""
        model = self.env["account.move"].with_user(self.users[role])
        view = self.env.ref(view)
        arch = model.get_view(view.id, view.type)["arch"]
        return etree.fromstring(arch).xpath("//header/button")

    def _get_shown(self, buttons, role, move):
        """Methods of the buttons whose ``invisible`` does not hide them."""
        move = move.with_user(self.users[role])
        shown = set()
        for button in buttons:
            hidden = button.get("invisible") or "False"
            if not safe_eval(hidden, self._get_values(move, hidden)):
                shown.add(button.get("name"))
        return shown

    def _get_values(self, move, expression):
        """The fields that an expression of a view names, as the client has them."""
        names = {
            node.id
            for node in ast.walk(ast.parse(expression.strip(), mode="eval"))
            if isinstance(node, ast.Name) and node.id in move._fields
        }
        values = {name: move[name] for name in names if name != "id"}
        return {
            name: value.ids if isinstance(value, type(move)) else value
            for name, value in values.items()
        } | {"id": move.id, "context": {}}

    def test_list_offers_its_buttons_by_role(self):
        names = {door.method for door in BUTTONS.values()}
        for role in ACCOUNTANTS:
            buttons = self._get_header_buttons(
                role, "service_invoicing.account_move_view_list"
            )
            shown = {button.get("name") for button in buttons} & names
            expected = {name for name, roles in LIST_BUTTONS.items() if role in roles}
            with self.subTest(role):
                self.assertEqual(shown, expected)

    def test_list_does_all_or_nothing(self):
        """A fresh invoice and one more are chosen: either both change or none."""
        wrong = []
        doors = [
            *(
                door
                for name, door in BUTTONS.items()
                # these do what they can and name the rest
                if door.method in LIST_BUTTONS and name not in ("credit", "authorize")
            ),
            DOORS["post"],
        ]
        for door in doors:
            for role in ("billing", "authorizer", "invoicing"):
                for status, move in self.moves.items():
                    expected = door.expect(role, status)
                    found = self._use(door, role, self.moves["fresh"] | move)
                    if expected != found:
                        wrong.append(f"{door.method} of {status} by {role}: {found}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
        self.assertEqual(self._read_status(self.moves["fresh"]), "fresh")

    def test_list_authorizes_what_can_be_authorized(self):
        door = BUTTONS["authorize"]
        for role in AUTHORISERS:
            for status in STATUSES:
                with self.subTest(f"{status} by {role}"):
                    moves = self.moves["fresh"] | self.moves[status]
                    after = ["authorized", door.results.get(status, status)]
                    expected = "+".join(dict.fromkeys(after))
                    self.assertEqual(self._use(door, role, moves), expected)

    def test_list_credits_what_can_be_credited(self):
        door = BUTTONS["credit"]
        for role in CLERKS:
            for status in CREDITABLE:
                with self.subTest(f"{status} by {role}"):
                    moves = self.moves["fresh"] | self.moves[status]
                    expected = f"fresh+{door.expect(role, status)}"
                    self.assertEqual(self._use(door, role, moves), expected)
