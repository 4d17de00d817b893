import re

from lxml import html

from odoo import Command
from odoo.tests import tagged

from ...models.print.service_print_columns import AMOUNTS
from ..common import ServiceInvoicingCommon

REPORT = "account.report_invoice_with_payments"


@tagged("post_install", "-at_install")
class TestServicePrint(ServiceInvoicingCommon):
    """The service invoice shows what the whole job costs and who bears what of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        income = cls.company_data["default_account_revenue"]
        cls.charge, cls.discount = cls.env["service.tcd"].create(
            [
                {
                    "code": kind,
                    "name": kind,
                    "tcd_type": kind,
                    "rate": rate,
                    "account_id": income.id,
                    "tax_ids": [Command.set(taxes.ids)],
                }
                for kind, rate, taxes in (
                    ("charge", 80, cls.tax_11),
                    ("discount", 50, cls.env["account.tax"]),
                )
            ]
        )
        cls.order = cls._new_shared_order(vehicle_id=cls._new_vehicle().id)
        cls.invoices = cls._bill(cls.order)
        rows = [Command.create({"tcd_id": t.id}) for t in cls.charge + cls.discount]
        cls.charged = cls._bill(cls._new_shared_order(tcd_ids=rows))[0]

    @classmethod
    def _new_shared_order(cls, **vals):
        """Labour 10 × 100, half of it the program's; parts 2,000, the insurer's less
        300; external repair 500, all the customer's."""
        order = cls._new_order(
            (cls.labour, 100, {"quantity": 10, "program_id": cls.program.id}),
            (cls.part, 2000, {}),
            (cls.external, 500, {}),
            **vals,
        )
        cls._new_claim(order, order.line_ids[1], deductible=300)
        return order

    def _find_labour(self, move):
        return move.invoice_line_ids.filtered(
            lambda line: line.product_id == self.labour
        )

    def _render(self, move):
        report = self.env["ir.actions.report"]
        return html.fromstring(report._render_qweb_html(REPORT, move.ids)[0])

    def _read(self, move):
        return " ".join(self._render(move).text_content().split())

    def _read_table(self, move):
        """Printed rows of the line table: name → amounts by column."""
        table = self._render(move).xpath("//table[@name='invoice_line_table']")[0]
        rows = {}
        for row in table.xpath("./tbody/tr"):
            name = " ".join(row.xpath("./td")[0].text_content().split())
            rows[name] = {
                cell.get("name").removeprefix("td_service_"): self._read_amount(cell)
                for cell in row.xpath("./td[starts-with(@name, 'td_service_')]")
                if cell.get("name").removeprefix("td_service_") in AMOUNTS
            }
        return rows

    def _read_amount(self, cell):
        # a currency, and a mark that keeps the minus with its number
        text = re.sub(r"[^\d.-]", "", cell.text_content())
        return float(text or 0)

    def assertRowsAddUp(self, rows):
        for name, row in rows.items():
            with self.subTest(row=name):
                deducted = row.get("program", 0) + row.get("insurance", 0)
                self.assertAlmostEqual(row["cost"] + deducted, row["amount"], places=2)

    # --- deducted columns -------------------------------------------------------

    def test_shares_of_others_are_deducted_line_by_line(self):
        """1,000 − 500 = 500; 2,000 − 2,000 = 0, of which 300 come back as own risk;
        500 stays. Together 3,500 − 500 − 1,700 = 1,300; 11 % of that is 143."""
        service = self.invoices[0]
        rows = self._read_table(service)
        self.assertRowsAddUp(rows)
        self.assertEqual(
            list(rows)[:3],
            ["Material", "Part", "Deductible (own risk), claim CLAIM-1"],
        )
        expected = {
            "Material": (2000, 0, -1700, 300),
            "Deductible (own risk), claim CLAIM-1": (0, 0, 300, 300),
            "Part": (2000, 0, -2000, 0),
            "External Repair": (500, 0, 0, 500),
            "External repair": (500, 0, 0, 500),
            "Net": (3500, -500, -1700, 1300),
        }
        for name, amounts in expected.items():
            row = rows[name]
            self.assertEqual(tuple(row[c] for c in AMOUNTS), amounts, name)
        self.assertIn("$ 1,443.00", self._read(service))
        self.assertEqual(service.amount_tax, 143)

    def test_a_shared_line_shows_its_own_quantity_and_price(self):
        """Ten at 100, not one at 500; who bears what says the row."""
        service = self.invoices[0]
        rows = self.env["service.print.columns"]._get_columns(service)["rows"]
        line = self._find_labour(service)
        self.assertEqual(rows[line.id]["name"], "Labour")
        self.assertEqual(rows[line.id]["quantity"], 10)
        self.assertEqual(rows[line.id]["price"], 100)
        self.assertNotIn("Share:", self._read(service))

    def test_the_discount_of_the_order_line_is_printed_with_its_price(self):
        """Ten at 100 less 10 %: 900, half of it the program's."""
        order = self._new_order(
            (
                self.labour,
                100,
                {"quantity": 10, "discount": 10, "program_id": self.program.id},
            )
        )
        service = self._bill(order)[0]
        row = self._read_table(service)["Net"]
        self.assertEqual((row["cost"], row["program"], row["amount"]), (900, -450, 450))
        self.assertIn("−10.00 %", self._read(service))

    def test_a_category_borne_by_others_gets_a_title_of_its_own(self):
        """The customer bears nothing of the material: it stands before his labour."""
        order = self._new_order((self.labour, 100, {}), (self.part, 2000, {}))
        self._new_claim(order, order.line_ids[1])
        rows = self._read_table(self._bill(order)[0])
        self.assertEqual(list(rows)[:4], ["Material", "Part", "Labour", "Net"])
        self.assertEqual(rows["Material"]["insurance"], -2000)
        self.assertEqual(rows["Part"]["amount"], 0)
        self.assertRowsAddUp(rows)

    def test_only_columns_with_a_share_are_printed(self):
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}), (self.part, 20, {})
        )
        service = self._bill(order)[0]
        self.assertEqual(
            self.env["service.print.columns"]._get_columns(service)["columns"],
            ["program"],
        )
        self.assertFalse(
            self._render(service).xpath("//*[@name='td_service_insurance']")
        )

    def test_an_own_cost_program_is_deducted_as_well(self):
        self.program.invoiceable = False
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        service = self._bill(order)
        self.assertEqual(service.service_invoice_type, "service")
        row = self._read_table(service)["Net"]
        self.assertEqual((row["cost"], row["program"], row["amount"]), (100, -50, 50))

    def test_charges_discounts_and_lines_by_hand_are_the_customers(self):
        """500 of 1,000 labour + 300 + 500 + charge 80 − discount 50 + 25 by hand."""
        service = self.charged
        service.invoice_line_ids = [
            Command.create(
                {
                    "name": "By hand",
                    "price_unit": 25,
                    "tax_ids": [Command.set(self.tax_11.ids)],
                }
            )
        ]
        printed = self._read_table(service)
        self.assertRowsAddUp(printed)
        self.assertEqual(printed["By hand"]["cost"], 25)
        self.assertEqual(printed["charge"]["amount"], 80)
        self.assertEqual(printed["discount"]["cost"], -50)
        self.assertEqual(printed["Net"]["amount"], service.amount_untaxed)
        self.assertEqual(service.amount_untaxed, 1355)

    def test_a_price_changed_on_the_invoice_still_adds_up(self):
        """500 becomes 450: the row then tells of a job of 950."""
        service = self.invoices[0]
        line = self._find_labour(service)
        line.price_unit = 450
        rows = self._read_table(service)
        self.assertRowsAddUp(rows)
        self.assertEqual(rows["Labour"]["cost"], 950)

    def _new_corrected(self, number, price):
        """Labour 4 × 120, half of it the program's; the price on the invoice of the
        customer (0) or the sponsor (1) is changed from 240."""
        order = self._new_order(
            (self.labour, 120, {"quantity": 4, "program_id": self.program.id})
        )
        move = self._bill(order)[number]
        self._find_labour(move).with_user(self.clerk).price_unit = price
        return move

    def test_a_corrected_price_agrees_with_text_and_columns(self):
        """200 of the customer and 240 of the program are 440."""
        service = self._new_corrected(0, 200)
        line = self._find_labour(service)
        text = "Labour\nShare: $ 200.00 of $ 440.00 (4.00 Units)"
        self.assertEqual(line.name.replace("\N{NO-BREAK SPACE}", " "), text)
        row = self.env["service.print.columns"]._get_columns(service)["rows"][line.id]
        self.assertEqual(row["name"], line.name)
        self.assertEqual((row["quantity"], row["price"], row["discount"]), (1, 440, 0))
        self.assertEqual((row["cost"], row["program"], row["amount"]), (440, -240, 200))
        self.assertIn(text.replace("\n", " ") + " 1.00 440.00", self._read(service))
        self.assertNotIn("480.00", self._read(service))
        # and back, by any of the fields
        line.with_user(self.clerk).write({"price_unit": 300, "discount": 20})
        self.assertIn("Share: $\N{NO-BREAK SPACE}240.00 of", line.name)
        self.assertIn("(4.00 Units at 120.00)", line.name)
        row = self.env["service.print.columns"]._get_columns(service)["rows"][line.id]
        self.assertEqual((row["name"], row["quantity"]), ("Labour", 4))

    def test_a_corrected_price_of_the_sponsor_agrees_with_his_text(self):
        program = self._new_corrected(1, 200)
        self.assertEqual(program.service_invoice_type, "program")
        text = "Labour Share: $ 200.00 of $ 440.00 (4.00 Units) 1.00 200.00"
        self.assertIn(text, self._read(program))

    def test_a_corrected_text_is_in_the_language_of_the_payer(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        name = self._find_labour(self._new_corrected(0, 200)).name
        self.assertRegex(name, r"200,00.*440,00")

    def test_what_the_clerk_typed_stays_when_he_corrects_the_price(self):
        service = self._new_corrected(0, 240)
        line = self._find_labour(service).with_user(self.clerk)
        line.write({"name": "As agreed", "price_unit": 200})
        self.assertEqual(line.name, "As agreed")
        line.price_unit = 210
        self.assertEqual(line.name, "As agreed")

    def test_included_taxes_are_outside_the_columns(self):
        """1,110 with 11 % is 1,000 net; the program bears 500 of them."""
        included = self._percent_tax(
            11, name="incl.", price_include_override="tax_included"
        )
        order = self._new_order(
            (
                self.labour,
                1110,
                {
                    "tax_ids": [Command.set(included.ids)],
                    "program_id": self.program.id,
                },
            )
        )
        service = self._bill(order)[0]
        self.assertEqual(service.amount_total, 555)
        rows = self._read_table(service)
        self.assertRowsAddUp(rows)
        self.assertEqual(rows["Net"]["cost"], 1000)

    def test_a_rejected_claim_deducts_nothing(self):
        order = self._new_order((self.part, 2000, {}))
        self._new_claim(order, order.line_ids, approved=False).action_reject()
        self.assertFalse(
            self.env["service.print.columns"]._get_columns(self._bill(order))
        )

    def test_tax_paid_for_a_net_paying_insurer_cancels_out(self):
        """The insurer pays 1,700 net, the customer 300 and 11 % of 2,000 = 220: the
        lines that bring the tax leave every column as it was."""
        order = self._new_order((self.part, 2000, {}))
        self._new_claim(order, order.line_ids, deductible=300, vat_payer="customer")
        service = self._bill(order)[0]
        rows = self._read_table(service)
        self.assertRowsAddUp(rows)
        total = rows["Net"]
        self.assertEqual(
            tuple(total[name] for name in ("cost", "insurance", "amount")),
            (2000, -1700, 300),
        )
        self.assertEqual(service.amount_total, 520)
        self.assertNotIn("on your part only", self._read(service))

    def test_other_payers_and_plain_orders_print_cores_table(self):
        service, program, insurance = self.invoices
        plain = self._bill(self._new_order((self.labour, 100, {})))
        for move in (program, insurance, plain):
            self.assertFalse(self.env["service.print.columns"]._get_columns(move))
            self.assertFalse(self._render(move).xpath("//*[@name='td_service_cost']"))
        self.assertTrue(self._render(service).xpath("//*[@name='td_service_cost']"))

    def test_every_row_is_as_wide_as_the_head(self):
        table = self._render(self.charged).xpath("//table[@name='invoice_line_table']")[
            0
        ]
        width = len(table.xpath("./thead/tr/th"))
        for row in table.xpath("./tbody/tr"):
            # core prints titles twice, once for telephones
            cells = row.xpath("./td[not(contains(@class, 'd-md-none'))]")
            self.assertEqual(
                sum(int(cell.get("colspan", 1)) for cell in cells),
                width,
                row.text_content(),
            )

    # --- next service -----------------------------------------------------------

    def test_the_next_service_is_on_the_service_invoice_only(self):
        service, program, insurance = self.invoices
        self.order.with_user(self.advisor).write(
            {
                "next_service_date": "2027-05-20",
                "next_service_odometer": 95000,
                "next_service_note": "Brake fluid",
            }
        )
        text = self._read(service)
        self.assertIn("Next service:", text)
        self.assertIn("05/20/2027 or at 95,000 km, whichever comes first", text)
        self.assertIn("Brake fluid", text)
        for move in (program, insurance):
            self.assertNotIn("Brake fluid", self._read(move))

    def test_the_next_service_speaks_the_customers_language(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        order = self._new_shared_order(next_service_date="2027-05-20")
        text = self._read(self._bill(order)[0])
        self.assertIn("Prochain entretien", text)
        self.assertIn("20/05/2027", text)
        self.assertIn("Votre part", text)

    def test_a_copy_has_no_next_service(self):
        self.order.write({"next_service_odometer": 95000, "next_service_note": "Belt"})
        copy = self.order.copy()
        self.assertFalse(copy.next_service_odometer or copy.next_service_note)
        self.assertFalse(copy._describe_next_service())
