from lxml import html

from odoo import Command
from odoo.tests import tagged

from ...models.print.service_print_statement import COLUMNS
from ..common import ServiceInvoicingCommon

REPORT = "account.report_invoice_with_payments"


@tagged("post_install", "-at_install")
class TestStatementPrint(ServiceInvoicingCommon):
    """An invoice over many orders says on a page of its own what each of them cost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["service.work.order"]
        for number, price in ((1, 1000.05), (2, 333.35), (3, 10.10)):
            order = cls._new_order(
                (cls.labour, price / 10, {"quantity": 10}),
                (cls.part, 2 * price, {}),
                (cls.external, 50, {}),
                customer_reference=f"PO-{number}",
            )
            claim = cls._new_claim(
                order,
                order.line_ids[:2],
                name=f"LM-{number}",
                policy_number=f"FL-{number}",
                deductible=10 * number,
            )
            cls.orders |= claim.work_order_id

    def _new_collective(self, orders, invoice_type="insurance", **vals):
        """One invoice of the insurer's lines of these orders, as a draft."""
        lines = []
        for order in orders:
            shares = order.line_ids.filtered(
                "claim_id" if invoice_type == "insurance" else "program_id"
            )
            for line in shares:
                lines.append(
                    {
                        "name": line.name,
                        "service_order_line_id": line.id,
                        "service_cost_category": line.cost_category,
                        "price_unit": line.amount_insurance or line.amount_program,
                    }
                )
            for claim in order.claim_ids:
                lines.append(
                    {
                        "name": "Own risk",
                        "service_deductible": True,
                        "service_order_line_id": shares[0].id,
                        "service_cost_category": "material",
                        "price_unit": -claim.deductible,
                    }
                )
        payer = self.insurer if invoice_type == "insurance" else self.sponsor
        move = self.env["account.move"].sudo()
        move = move.create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": invoice_type,
                "partner_id": payer.id,
                "work_order_ids": [Command.set(orders.ids)],
                "invoice_line_ids": [
                    Command.create({"tax_ids": [Command.set(self.tax_11.ids)], **line})
                    for line in lines
                ],
                **vals,
            }
        )
        return move.sudo(False)

    def _read(self, move):
        report = self.env["ir.actions.report"]
        tree = html.fromstring(report._render_qweb_html(REPORT, move.ids)[0])
        return tree.xpath("//*[@name='service_statement']"), " ".join(
            tree.text_content().split()
        )

    def assertAddsUp(self, move):
        """Every row by itself, and every column to the invoice."""
        statement = self.env["service.print.statement"]._get_statement(move)
        for row in statement["rows"]:
            parts = sum(row[c] for c in ("labour", "material", "other", "deductible"))
            self.assertAlmostEqual(parts, row["net"], places=2)
            self.assertAlmostEqual(
                row["net"] + row["tax"] + row["withheld"], row["total"], places=2
            )
        total = statement["total"]
        for name in COLUMNS:
            self.assertAlmostEqual(
                sum(row[name] for row in statement["rows"]), total[name], places=2
            )
        self.assertAlmostEqual(total["net"], move.amount_untaxed, places=2)
        self.assertAlmostEqual(total["total"], move.amount_total, places=2)
        return statement

    def test_one_row_per_order_adding_up_to_the_invoice(self):
        """Order 1: labour 1,000.05, parts 2,000.10, own risk −10: 2,990.15 net; order
        2: 333.35 + 666.70 − 20 = 980.05; order 3: 10.10 + 20.20 − 30 = 0.30.
        Together 3,970.50, 11 % of which is 436.755, rounded 436.76; the parts 328.92,
        107.81 and 0.03 add up to that."""
        move = self._new_collective(self.orders)
        statement = self.assertAddsUp(move)
        self.assertEqual(
            [row["net"] for row in statement["rows"]], [2990.15, 980.05, 0.3]
        )
        self.assertEqual(
            [row["tax"] for row in statement["rows"]], [328.92, 107.81, 0.03]
        )
        self.assertEqual(statement["total"]["tax"], 436.76)
        self.assertEqual(statement["total"]["deductible"], -60)

    def test_the_collective_invoice_of_the_button_has_it(self):
        """The same orders billed by the button: the same figures."""
        self.insurer.service_collective_invoice = True
        self.orders.action_confirm_check()
        orders = self.orders.with_user(self.clerk)
        action = orders.action_create_collective_invoices()
        move = self.orders.invoice_ids
        self.assertTrue(action)
        self.assertEqual(move.work_order_ids, self.orders)
        statement = self.assertAddsUp(move)
        rows = statement["rows"]
        self.assertEqual([row["net"] for row in rows], [2990.15, 980.05, 0.3])
        self.assertEqual([row["deductible"] for row in rows], [-10, -20, -30])

    def test_the_residual_cent_is_on_the_largest_order(self):
        """Three times 11 % of 0.05: 0.0055 is 0.01 each, the invoice's tax 0.02."""
        self.orders.line_ids.sudo().claim_id = False
        lines = [
            {"name": "Part", "price_unit": 0.05, "service_order_line_id": line.id}
            for line in (order.line_ids[0] for order in self.orders)
        ]
        move = self._new_collective(self.env["service.work.order"]).sudo()
        move.work_order_ids = self.orders
        move.invoice_line_ids = [
            Command.create({**line, "tax_ids": [Command.set(self.tax_11.ids)]})
            for line in lines
        ]
        statement = self.assertAddsUp(move.sudo(False))
        self.assertEqual(sorted(r["tax"] for r in statement["rows"]), [0, 0.01, 0.01])

    def test_order_vehicle_customer_claim_and_policy_are_named(self):
        vehicle = self._new_vehicle()
        self.orders[1].vehicle_id = vehicle
        pages, text = self._read(self._new_collective(self.orders))
        self.assertEqual(len(pages), 1)
        self.assertIn("page-break-before: always", pages[0].get("style"))
        printed = " ".join(pages[0].text_content().split())
        for piece in (
            *self.orders.mapped("name"),
            "1-ABC-234",
            "PO-2",
            "Policy FL-3",
            "Total USD",
        ):
            self.assertIn(piece, printed)
        self.assertIn("Work Orders 3, see the statement", text)

    def test_a_sponsor_sees_his_program_and_no_deductible(self):
        orders = self.env["service.work.order"]
        for __ in range(2):
            orders |= self._new_order(
                (self.labour, 100, {"program_id": self.program.id})
            )
        move = self._new_collective(orders, "program")
        statement = self.assertAddsUp(move)
        self.assertEqual(statement["columns"], ["labour", "net", "tax", "total"])
        self.assertEqual(statement["rows"][0]["coverage"], ["Half labour"])
        self.assertIn("Half labour", self._read(move)[1])

    def test_lines_by_hand_stand_in_a_row_of_their_own(self):
        move = self._new_collective(self.orders)
        move.sudo().invoice_line_ids = [
            Command.create(
                {
                    "name": "Handling",
                    "price_unit": 7.77,
                    "tax_ids": [Command.set(self.tax_11.ids)],
                }
            )
        ]
        statement = self.assertAddsUp(move)
        self.assertEqual(len(statement["rows"]), 4)
        self.assertEqual(statement["rows"][3]["order"], ["Not on a work order"])
        self.assertEqual(statement["rows"][3]["other"], 7.77)

    def test_withholding_has_a_column_of_its_own(self):
        """2 % of 2,990.15, 980.05 and 0.30: 59.80, 19.60 and 0.01, together 79.41."""
        withheld = self.percent_tax(-2, service_withholding=True)
        move = self._new_collective(self.orders)
        for line in move.sudo().invoice_line_ids:
            line.tax_ids |= withheld
        statement = self.assertAddsUp(move)
        self.assertEqual(statement["total"]["withheld"], -79.41)
        self.assertEqual(statement["total"]["tax"], 436.76)

    def test_one_order_needs_no_statement_nor_does_the_customer(self):
        insurance = self._new_collective(self.orders[:1])
        service = self._new_collective(self.orders)
        service.sudo().service_invoice_type = "service"
        for move in (insurance, service):
            self.assertFalse(self.env["service.print.statement"]._get_statement(move))
            self.assertFalse(self._read(move)[0])
