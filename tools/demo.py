"""The main job on the demo data, as its users do it.

Run by ``make demo`` in Odoo's shell, which gives ``env``, while a server on the same
database starts, at the address in the variable DEMO_SERVER. The files go to the folder
in the variable DEMO_OUT.
"""

import os
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

# three lines at most: with more, older wkhtmltopdf lays the header over the page
LETTERHEAD = "{name}<br/>{street}, {zip} {city}<br/>{country}"
LANGUAGES = {
    "service_invoicing.partner_sponsor_demo": "fr_FR",
    "service_invoicing.partner_insurer_demo": "sk_SK",
}
NAMES = {
    "service_invoicing.product_labour_demo": {"fr_FR": "Main-d'œuvre, à l'heure"},
    "service_invoicing.product_bumper_demo": {"sk_SK": "Predný nárazník, základovaný"},
    "service_invoicing.product_headlight_demo": {"sk_SK": "LED svetlomet"},
}
TAX_GROUP = {"fr_FR": "TVA 11 %", "sk_SK": "DPH 11 %"}
HEADS = ("Document", "Partner", "Net", "Tax", "Withheld", "Total", "File")
NUMBERS = range(2, 6)


class Row(NamedTuple):
    """One line of the table: an invoice, or a file which is none (``move`` empty)."""

    name: str
    file: str
    move: object = None

    def cells(self):
        if not self.move:
            return (self.name, "", "", "", "", "", self.file)
        move = self.move
        withheld = move.service_amount_withholding
        return (
            self.name,
            move.partner_id.name,
            f"{move.amount_untaxed:,.2f}",
            f"{move.amount_tax + withheld:,.2f}",
            f"{-withheld:,.2f}" if withheld else "",
            f"{move.amount_total + withheld:,.2f} {move.currency_id.name}",
            self.file,
        )


def write(name, content):
    """Write a file into DEMO_OUT and return its name."""
    name = re.sub(r"[^\w.-]+", "_", name)
    (Path(os.environ["DEMO_OUT"]) / name).write_bytes(content)
    return name


def set_letterhead(company):
    """A short letterhead on A4, which the invoices fill better than Letter."""
    company.paperformat_id = company.env.ref("base.paperformat_euro")
    company.company_details = LETTERHEAD.format(
        name=company.name,
        street=company.street,
        zip=company.zip,
        city=company.city,
        country=company.country_id.name,
    )


def set_languages(env):
    """Two payers get their invoices in a language of their own."""
    for payer, lang in LANGUAGES.items():
        env.ref(payer).lang = lang
    for product, names in NAMES.items():
        translate(env.ref(product), names)
    translate(env.ref("service_invoicing.tax_11_demo").tax_group_id, TAX_GROUP)
    # shares are released in the language of their payer
    order = env.ref("service_invoicing.work_order_three_payers_demo")
    order.action_back_to_check(reason="Two payers have another language.")
    order.action_confirm_check()


def translate(record, names):
    for lang, name in names.items():
        record.with_context(lang=lang).name = name


def wait_for_server(seconds=120):
    """Prints take their styles from the server; without any they would lack them."""
    url = os.environ["DEMO_SERVER"]
    deadline = time.monotonic() + seconds
    while url and time.monotonic() < deadline:
        try:
            return urllib.request.urlopen(f"{url}/web/health", timeout=seconds).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)


def prepay(order, amount):
    """The customer of a work order pays in advance."""
    move = order.env["account.move"].browse(
        order.action_create_prepayment(amount=amount)["res_id"]
    )
    move.action_service_authorize()
    payment = order.env["account.payment.register"].with_context(
        active_model=move._name, active_ids=move.ids
    )
    payment.create({}).action_create_payments()
    return move


def bill_work_order(env):
    """Invoice the demo work order to its three payers and authorize the invoices."""
    order = env.ref("service_invoicing.work_order_three_payers_demo")
    prepayment = prepay(order, 300)
    while order.next_invoice_type:
        order.action_create_next_invoice()
    invoices = order.invoice_ids.sorted("id") - prepayment
    invoices.action_service_authorize()
    return prepayment | invoices


def bill_months(env):
    """Release the months of all agreements that have ended, and invoice them."""
    run = env["service.monthly.run"].create({})
    run.action_run()
    releases = run.line_ids.release_id.filtered(lambda r: r.state == "fresh")
    releases.action_confirm()
    action = releases.action_create_invoice()
    invoices = env["account.move"].browse(action["res_id"])
    invoices.action_service_authorize()
    return invoices


def reinvoice(env):
    """Check and execute a mass run over the permissions of the demo lessor."""
    run = env["maintenance.reinvoice.run"].create({})
    run.action_check()
    run.action_execute()
    return run


def make_prints(invoices):
    """The legal prints, stored on the invoices as sending them does, and with those of
    the mass run their attachments: all pages by one start of wkhtmltopdf each."""
    wait_for_server()
    send = invoices.env["account.move.send"]
    send._generate_and_send_invoices(invoices, sending_methods=["manual"])


def list_invoices(invoices):
    return [
        Row(
            move.service_number or move.name,
            write(f"{move.name}.pdf", move.invoice_pdf_report_id.raw),
            move,
        )
        for move in invoices
    ]


def list_run(run):
    """Invoices, attachments and check report of a run, as its buttons make them."""
    run.action_print_invoices()
    rows = []
    for move in run.log_ids.move_id:
        rows += list_invoices(move)
        content = move.maintenance_attachment_id.raw
        rows.append(Row("  attachment", write(f"{move.name}_attachment.pdf", content)))
    rows.append(Row("check report", write(f"{run.name}.xlsx", export_check(run))))
    return rows


def export_check(run):
    """Content of the workbook the button lets the user download."""
    url = run.action_export_xlsx()["url"]
    attachment = int(re.search(r"/content/(\d+)", url)[1])
    return run.env["ir.attachment"].browse(attachment).raw


def tabulate(rows):
    """The rows as text, their columns under the heads."""
    table = [HEADS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for cells in table:
        aligned = (
            text.rjust(width) if number in NUMBERS else text.ljust(width)
            for number, (text, width) in enumerate(zip(cells, widths, strict=True))
        )
        lines.append("  ".join(aligned).rstrip())
    return "\n".join(lines) + "\n"


def main(env):
    env = env(user=env.ref("base.user_admin"))
    set_letterhead(env.company)
    set_languages(env)
    invoices = bill_work_order(env) | bill_months(env)
    run = reinvoice(env)
    make_prints(invoices | run.log_ids.move_id)
    rows = list_invoices(invoices) + list_run(run)
    env.cr.commit()
    table = tabulate(rows)
    write("documents.txt", table.encode())
    print(table, end="")


main(env)  # noqa: F821
