"""The demo does the main job: documents, files and the table of them."""

import openpyxl
import pytest

from tools.sandbox import databases, demo

from .layouts import find_longer, find_torn, print_demo
from .prints import read_text

# nobody listens there: prints have their text without styles, and at once
NO_SERVER = 9

# of Odoo's layouts the one whose rows are the highest
LAYOUT = "bold"

# the worked example: 3,500 of work, three payers, 2 % withheld on services
THREE_PAYERS = {
    "SI": ("Northside Couriers", "1,330.00", "146.30", "1,476.30"),
    "PI": ("Meridian Motors Import", "500.00", "55.00", "555.00"),
    "II": ("Lighthouse Mutual Insurance", "1,700.00", "187.00", "1,887.00"),
}
WORDS = {
    # what is due: 1,476.30 less 20 withheld and the prepayment of 300
    "SI": "One thousand, one hundred and fifty-six dollars and thirty cents",
    "PI": "Cinq cent quarante-cinq dollars",
    "II": "Tisícosemstoosemdesiatsedem amerických dolárov",
}


# every tax on an invoice, and the kind of account it was posted on
POSTED_TAXES = """
    SELECT tax.name ->> 'en_US', account.account_type, SUM(line.balance)
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
      JOIN account_tax tax ON tax.id = line.tax_line_id
      JOIN account_account account ON account.id = line.account_id
     WHERE move.state = 'posted' AND move.service_invoice_type IS NOT NULL
  GROUP BY 1, 2
"""


# orders with a claim, and how many documents they have that these are asked for
ASKED_FOR = """
    SELECT work.state, COUNT(document.id)
      FROM service_work_order work
      JOIN service_insurance_claim claim ON claim.work_order_id = work.id
      JOIN service_document_type kind ON kind.needed_for = 'insurance'
 LEFT JOIN service_work_order_document document
           ON document.order_id = work.id AND document.type_id = kind.id
  GROUP BY work.id
  ORDER BY work.state
"""


class Played:
    """What one run of the demo has left: its files, its table and its database."""

    def __init__(self, out, database):
        self.out = out
        self.database = database
        self.lines = (out / "documents.txt").read_text().splitlines()

    def row(self, start):
        return next(line for line in self.lines if line.startswith(start))

    def file(self, start):
        return self.out / self.row(start).split()[-1]

    def text(self, start):
        return self.read(self.row(start))

    def query(self, statement):
        with databases.cursor(self.database) as cr:
            cr.execute(statement)
            return cr.fetchall()

    def read(self, row):
        return read_text(self.out / row.split()[-1])


@pytest.fixture(scope="module")
def played(environment, first_port, tmp_path_factory):
    # by night another worker has one of its own
    name = databases.test_name(f"demo_{first_port}")
    out = tmp_path_factory.mktemp("out")
    demo.prepare(environment, name)
    databases.set_address(name, NO_SERVER)
    demo.play(environment, name, out)
    return Played(out, name)


@pytest.fixture(scope="module")
def pages(environment, first_port, played):
    return print_demo(environment, first_port, played, [LAYOUT])


def test_the_check_of_orders_with_a_claim_asks_for_a_document(played):
    """The order that is billed has it; that which waits for its insurer has not."""
    assert played.query(ASKED_FOR) == [("checking", 0), ("invoiced", 1)]


@pytest.mark.parametrize("document", THREE_PAYERS)
def test_the_work_order_is_billed_to_its_three_payers(played, document):
    row = played.row(document)
    for piece in THREE_PAYERS[document]:
        assert piece in row


def test_the_customers_prepayment_settles_a_part_of_his_invoice(played):
    prepayment = played.row("PP")
    assert "Northside Couriers" in prepayment
    assert "300.00 USD" in prepayment
    # 1,476.30 less 20 withheld and 300
    assert "1,156.30" in played.text("SI")


def test_the_months_of_the_agreement_are_billed(played):
    text = played.read([line for line in played.lines if line.startswith("SI")][1])
    # a month's rate, and (1,347 - 1,262 - 60 hours) at 9.50
    assert "640.00" in text
    assert "237.50" in text


def test_taxes_are_posted_on_tax_accounts(played):
    posted = {
        (name, kind): balance for name, kind, balance in played.query(POSTED_TAXES)
    }
    kinds = {kind for name, kind in posted}
    assert kinds == {"liability_current", "asset_current"}, "none of it is revenue"
    assert posted["11% Service", "liability_current"] < 0
    # 20 and 10 of the customer's and the sponsor's services
    assert posted["2% Withheld on Services", "asset_current"] == 30


@pytest.mark.parametrize("document", WORDS)
def test_each_invoice_is_printed_in_its_payers_language(played, document):
    assert WORDS[document] in played.text(document)


def test_nothing_of_work_is_printed_in_another_language(played):
    insured, sponsored = played.text("II"), played.text("PI")
    assert "Predný nárazník" in insured
    assert "Spoluúčasť, poistná udalosť" in insured
    assert "Main-d'œuvre, à l'heure" in sponsored
    for text in ("bumper", "headlight", "Deductible", "Share:", "Labour", "Tax 11"):
        assert text not in insured + sponsored


def test_the_mass_run_posts_invoices_in_two_currencies(played):
    totals = [line for line in played.lines if line.startswith("MNT/")]
    assert totals
    assert {line.split()[-2] for line in totals} == {"USD", "EUR"}


def test_each_mass_invoice_has_its_attachment(played):
    invoices = [line for line in played.lines if line.startswith("MNT/")]
    attachments = [line for line in played.lines if "attachment" in line.split()]
    assert len(attachments) == len(invoices)
    assert "Attachment to Invoice MNT/" in played.text("  attachment")


def test_the_check_report_tells_why_lines_were_not_taken(played):
    sheet = openpyxl.load_workbook(played.file("check report")).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))[1:]
    assert {row[0] for row in rows} == {"Yes", "No"}
    assert all(row[1] for row in rows if row[0] == "No")


def test_every_file_of_the_table_is_there(played):
    files = {line.split()[-1] for line in played.lines[1:]}
    assert files | {"documents.txt"} == {path.name for path in played.out.iterdir()}


def test_an_invoice_of_three_payers_is_one_page_with_its_qr_code(pages):
    # of each payer, in euros, its credit memo and many lines, on A4 and Letter
    assert len(pages) == (3 + 1 + 1 + 1) * 2
    assert find_longer(pages) == {}
    customers = [texts[0] for name, texts in pages.items() if "service" in name]
    # 1,476.30 less 20 withheld and the prepayment of 300
    assert all("Scan this QR" in text and "1,156.30" in text for text in customers)


def test_a_foreign_invoice_and_its_credit_memo_are_one_page_each(pages):
    foreign = {name: texts for name, texts in pages.items() if "foreign" in name}
    assert len(foreign) == 2 * 2
    assert find_longer(foreign) == {}
    # and what tax is in the company's currency stands on it
    assert all("Taxes USD" in texts[0] for texts in foreign.values())


def test_an_invoice_of_many_lines_breaks_between_them(pages):
    assert find_torn(pages) == []
