from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_properties import (
    Phase,
    examples,
    given,
    st,
)

from ...tools.context import IN_LINE
from ..common import MaintenanceCommon

cents = st.integers(1, 99_999).map(lambda number: number / 100)
line = st.tuples(
    st.one_of(cents, cents, cents.map(lambda amount: -amount)),
    st.sampled_from(
        [
            "added",
            "analytic",
            "basis",
            "fixed",
            "group",
            "included",
            "none",
            "payment",
            "tagged",
            "two",
            "two_included",
            "withheld",
        ]
    ),
)
permission = st.tuples(
    st.sampled_from(["company", "euro", "yen"]),
    st.booleans(),  # of the second contract
    st.lists(line, min_size=1, max_size=4),
)
# what differs from one draft to the next although nothing was done otherwise
INCIDENTAL = {
    "access_token",
    "create_date",
    "id",
    "invoice_origin",  # number of the run
    "is_manually_modified",  # whatever core writes when it looks through a document
    "matching_number",
    "write_date",
    "write_uid",  # of whoever wrote the last computed field
}


@tagged("post_install", "-at_install")
class TestCompleteItems(MaintenanceCommon):
    """Invoices and credit memos that are made with all their items are those that core
    makes of their invoice lines: every stored value of every document and item, before
    and after posting, redistribution included."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tax_exigibility = True
        cls.currencies = {
            "company": cls.company.currency_id,
            "euro": cls.setup_other_currency("EUR", rates=[("2026-01-01", 1.1834)]),
            "yen": cls.setup_other_currency(
                "JPY", rounding=1.0, rates=[("2026-01-01", 157.309)]
            ),
        }
        cls.services = {
            kind: cls._create_service(kind, taxes_id=[Command.set(taxes.ids)])
            for kind, taxes in cls._create_taxes().items()
        }
        reduced = cls._create_tax(8.0, "sale")
        position = cls.env["account.fiscal.position"].create({"name": "Abroad"})
        reduced.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(cls.sale_tax.ids)],
            }
        )
        other = cls._create_account("REV02", "income")
        position.account_ids = [
            Command.create(
                {"account_src_id": cls.revenue.id, "account_dest_id": other.id}
            )
        ]
        cls.positions = {"home": position.browse(), "abroad": position}
        cls.terms = cls._create_terms()
        cls.items = type(cls.env["maintenance.invoice.items"])

    @classmethod
    def _create_taxes(cls):
        transition = cls._create_account("TRANS", "liability_current", True)
        included = {"price_include_override": "tax_included"}
        basis = cls._create_tax(4.0, "sale", include_base_amount=True, sequence=1)
        paid = cls._create_tax(
            11.0,
            "sale",
            tax_exigibility="on_payment",
            cash_basis_transition_account_id=transition.id,
        )
        tagged_tax = cls._create_tax(19.0, "sale", description="tagged")
        for part in (
            tagged_tax.invoice_repartition_line_ids
            + tagged_tax.refund_repartition_line_ids
        ):
            name = f"{part.document_type} {part.repartition_type}"
            tag = {"name": name, "applicability": "taxes"}
            part.tag_ids = cls.env["account.account.tag"].create(tag)
        return {
            "added": cls.sale_tax,
            "analytic": cls._create_tax(9.0, "sale", analytic=True),
            "basis": basis + cls.sale_tax,
            "fixed": cls._create_tax(1.5, "sale", amount_type="fixed") + cls.sale_tax,
            "group": cls._create_group(),
            "included": cls._create_tax(23.0, "sale", **included),
            "none": cls.sale_tax.browse(),
            "payment": paid,
            "tagged": tagged_tax,
            "two": cls.sale_tax + cls._create_tax(7.7, "sale"),
            "two_included": cls._create_tax(5.0, "sale", **included)
            + cls._create_tax(9.975, "sale", **included, sequence=9),
            "withheld": cls.sale_tax
            + cls._create_tax(-2.0, "sale", service_withholding=True),
        }

    @classmethod
    def _create_group(cls):
        children = cls._create_tax(6.0, "sale") + cls._create_tax(3.3, "sale")
        return cls.env["account.tax"].create(
            {
                "name": "Group",
                "amount_type": "group",
                "type_tax_use": "sale",
                "children_tax_ids": [Command.set(children.ids)],
            }
        )

    @classmethod
    def _create_terms(cls):
        terms = {"none": cls.env["account.payment.term"]}
        parts = {
            "month": [("percent", 100.0, 30)],
            "thirds": [("percent", 33.33, 0), ("percent", 66.67, 60)],
            "same_day": [("percent", 40.0, 15), ("percent", 60.0, 15)],
            "fixed": [("fixed", 12.34, 0), ("percent", 100.0, 45)],
        }
        for name, lines in parts.items():
            terms[name] = terms["none"].create(
                {
                    "name": name,
                    "line_ids": [
                        Command.create(
                            {"value": value, "value_amount": amount, "nb_days": days}
                        )
                        for value, amount, days in lines
                    ],
                }
            )
        terms["discount"] = terms["none"].create(
            {
                "name": "discount",
                "line_ids": [Command.create({"value_amount": 100.0})],
                "early_discount": True,
                "discount_percentage": 2.0,
            }
        )
        return terms

    @examples(12, phases=[Phase.generate])
    @given(
        drawn=st.lists(permission, min_size=1, max_size=4),
        term=st.sampled_from(
            ["none", "month", "thirds", "same_day", "fixed", "discount"]
        ),
        position=st.sampled_from(["home", "abroad"]),
        rounding=st.sampled_from(["round_per_line", "round_globally"]),
        storno=st.booleans(),
        method=st.sampled_from(["customer", "permission"]),
        detail=st.sampled_from(["contract", "line"]),
        cleared=st.booleans(),
    )
    def test_as_core_makes_them(
        self, drawn, term, position, rounding, storno, method, detail, cleared
    ):
        with self.env.cr.savepoint() as savepoint:
            company = {
                "account_storno": storno,
                "maintenance_billing_method": method,
                "maintenance_line_detail": detail,
                "tax_calculation_rounding_method": rounding,
            }
            if not cleared:
                company["maintenance_mass_account_id"] = False
            self.company.write(company)
            self.customer.property_account_position_id = self.positions[position]
            self.customer.property_payment_term_id = self.terms[term]
            lines = self._create_drawn(drawn)
            if lines:
                core = self._get_documents(lines, core=True)
                ours = self._get_documents(lines, core=False)
                for of_core, of_ours in zip(core, ours, strict=True):
                    self.assertEqual(of_core, of_ours)
            savepoint.rollback()

    def _create_drawn(self, drawn):
        lines = self.env["maintenance.permission.line"]
        for name, second, parts in drawn:
            currency = self.currencies[name]
            lines += self._create_permission(
                self.vehicle_b if second else self.vehicle_a,
                [
                    {
                        "purchase_price": currency.round(price) or currency.rounding,
                        "product_id": self.services[kind].id,
                        "currency_id": currency.id,
                    }
                    for price, kind in parts
                ],
                purchase_currency_id=currency.id,
            ).line_ids
        # what the garages' bills do, without their entries
        self.env.flush_all()
        lines.sudo().bill_posted = True
        return lines

    def _get_documents(self, lines, core):
        """Values of all documents of a run, which is taken back.

        :param core: whether core adds the items
        """
        with self.env.cr.savepoint() as savepoint:
            self.env.invalidate_all()
            run = self._create_run(lines.permission_id)
            with self._leave_it_to_core() if core else nullcontext():
                run.action_check()
                if run.log_ids:
                    run.action_execute()
            self.env.flush_all()
            self.env.invalidate_all()
            values = self._read_documents(run)
            with self._leave_it_to_core() if core else nullcontext():
                cancellation = self._take_back(run)
            self.env.flush_all()
            self.env.invalidate_all()
            values += self._read_documents(cancellation)
            savepoint.rollback()
        return values

    def _take_back(self, run):
        """The run that credits all that is posted, executed."""
        if not run.log_ids.move_id.filtered(lambda move: move.state == "posted"):
            return run.browse()
        cancellation = run.browse(run.action_cancel_run()["res_id"])
        cancellation.action_execute()
        return cancellation

    @contextmanager
    def _leave_it_to_core(self):
        """Core adds the items, looks through documents again whenever it does, and
        looks for the last number before each."""
        with (
            patch.object(self.items, "_is_core_way", lambda *args: False),
            patch.dict(IN_LINE, clear=True),
        ):
            yield

    def _read_documents(self, run):
        """Every stored value of a run's documents, and what failed; records that were
        made with them are told by where they stand."""
        moves = run.log_ids.move_id
        moves |= moves.maintenance_redistribution_id
        items = moves.line_ids.sorted(
            lambda item: (
                moves.ids.index(item.move_id.id),
                item.sequence,
                item.date_maturity or item.date,
                item.tax_repartition_line_id.id,
                item.account_id.id,
                item.balance,
                item.name or "",
            )
        )
        places = {
            record: (record._name, index)
            for records in (moves, items)
            for index, record in enumerate(records)
        }
        return run.log_ids.mapped("posting_error") + [
            self._read_record(record, places)
            for record in [*moves, *items, *items.analytic_line_ids.sorted("amount")]
        ]

    def _read_record(self, record, places):
        values = {}
        for name, field in record._fields.items():
            if not field.store or name in INCIDENTAL:
                continue
            value = record[name]
            if field.relational:
                made = ("account.move", "account.move.line", "account.full.reconcile")
                if field.comodel_name in made:
                    value = [places.get(one, "made") for one in value]
                elif field.type == "one2many":
                    value = len(value)
                else:
                    value = sorted(value.ids)
            values[name] = value
        return values

    def _count_complete(self):
        """How many invoices of a run of one permission are made with all their items,
        and how many credit memos of the run that takes it back."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}]
        )
        self.env.flush_all()
        permission.line_ids.sudo().bill_posted = True
        counts, create = [], self.items._create_complete

        def count(items, moves, vals_list):
            counts.append(len(vals_list))
            return create(items, moves, vals_list)

        with patch.object(self.items, "_create_complete", count):
            run = self._execute_run(permission)
            credit = self._take_back(run).log_ids.move_id
        # 100.00 and 23 %
        for move in (run.log_ids.move_id, credit):
            self.assertEqual((move.state, move.amount_total), ("posted", 123.0))
        return counts

    def test_ordinary_customer_gets_all_items_at_once(self):
        """His invoice, and his credit memo."""
        self.assertEqual(self._count_complete(), [1, 1])

    def test_discount_for_early_payment_is_left_to_core(self):
        """Credit memos have no terms."""
        self.customer.property_payment_term_id = self.terms["discount"]
        self.assertEqual(self._count_complete(), [0, 1])

    def test_defaults_of_ones_own_are_left_to_core(self):
        """Somebody keeps a default by which invoices get other items."""
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Whole units",
                "rounding": 1.0,
                "profit_account_id": self.revenue.id,
                "loss_account_id": self.revenue.id,
            }
        )
        self.env["ir.default"].set(
            "account.move", "invoice_cash_rounding_id", rounding.id
        )
        self.assertEqual(self._count_complete(), [0, 0])

    def test_way_of_another_addon_is_left_to_it(self):
        with patch.object(
            self.items, "_is_core_way", lambda items, kind: kind != "items"
        ):
            self.assertEqual(self._count_complete(), [0, 0])

    def test_values_of_a_partner_are_left_to_core(self):
        lines = type(self.env["maintenance.permission.line"])
        prepare = lines._prepare_reinvoice_line_vals

        def with_discount(lines, key, partner, options):
            return {**prepare(lines, key, partner, options), "discount": 0.0}

        with patch.object(lines, "_prepare_reinvoice_line_vals", with_discount):
            self.assertEqual(self._count_complete(), [0, 1])

    def test_drafts_are_brought_into_line_when_they_change(self):
        """Without a clearing account the invoice stays a draft: made with all its
        items, it follows another payment term and price as any other does."""
        self.company.maintenance_mass_account_id = False
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}]
        )
        self.env.flush_all()
        permission.line_ids.sudo().bill_posted = True
        invoice = self._execute_run(permission).log_ids.move_id
        invoice.invoice_payment_term_id = self.terms["thirds"]
        invoice.invoice_line_ids.price_unit = 200.0
        # 246.00, of it 33.33 %: 81.99 now and the rest in 60 days
        items = invoice.line_ids.sorted("date_maturity")
        terms = items.filtered(lambda item: item.display_type == "payment_term")
        self.assertEqual(terms.mapped("balance"), [81.99, 164.01])
        taxes = items.filtered(lambda item: item.display_type == "tax")
        self.assertEqual(taxes.mapped("balance"), [-46.0])

    def test_numbers_of_a_run_follow_one_another(self):
        """Invoices and credit memos count on as core would, each kind by itself."""
        self.company.maintenance_billing_method = "permission"
        journal = self.company._get_maintenance_journal("invoice")
        journal.refund_sequence = True
        permissions = self.env["maintenance.permission"]
        for price in (10.0, -20.0, 30.0, -40.0):
            permissions += self._create_permission(
                self.vehicle_a, [{"purchase_price": price}]
            )
        self.env.flush_all()
        permissions.line_ids.sudo().bill_posted = True
        moves = self._execute_run(permissions).log_ids.move_id
        for documents in (
            *moves.grouped("move_type").values(),
            moves.maintenance_redistribution_id,
        ):
            numbers = sorted(documents.mapped("sequence_number"))
            first = numbers[0]
            self.assertEqual(numbers, list(range(first, first + len(documents))))
            self.assertEqual(len(set(documents.mapped("sequence_prefix"))), 1)
        self.assertEqual(len(set(moves.mapped("sequence_prefix"))), 2)
