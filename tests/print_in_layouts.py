"""Run in Odoo's shell on the demo's database, beside its server: the invoices of the
order of three payers, one in a foreign currency with its credit memo, and one of many
lines, with a QR code in layouts of Odoo.

PRINT_LAYOUTS and PRINT_OUT say which, and where to. Nothing of it stays.
"""

# ruff: noqa: F821  (the shell gives env)
import base64
import io
import os
import pathlib
from unittest.mock import patch

import qrcode

from odoo import Command

PAPERS = {"A4": "base.paperformat_euro", "Letter": "base.paperformat_us"}
REPORT = "account.report_invoice_with_payments"
LINES = 60
# two lines of text each, so that a row could be torn
TEXT = "Work {number}\nEnd {number}"


def bill(lines, **values):
    customer = env.ref("service_invoicing.work_order_three_payers_demo").partner_id
    order = env["service.work.order"].create(
        {
            "partner_id": customer.id,
            "line_ids": [Command.create(line) for line in lines],
            **values,
        }
    )
    order.action_start()
    order.action_submit_check()
    order.action_confirm_check()
    order.action_create_next_invoice()
    order.invoice_ids.action_service_authorize()
    return order.invoice_ids


def bill_many_lines():
    labour = env.ref("service_invoicing.product_labour_demo")
    return bill(
        {
            "product_id": labour.id,
            "name": TEXT.format(number=1000 + number),
            "price_unit": 1000 + number,
        }
        for number in range(LINES)
    )


def bill_in_euros():
    euro = env.ref("base.EUR")
    euro.active = True
    pricelist = env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
    lines = [
        {"product_id": env.ref(f"service_invoicing.product_{name}_demo").id}
        for name in ("bumper", "headlight", "labour")
    ]
    vehicle = env.ref("service_invoicing.work_order_three_payers_demo").vehicle_id
    return bill(lines, pricelist_id=pricelist.id, vehicle_id=vehicle.id)


def render(move, name):
    report = env["ir.actions.report"].with_context(force_report_rendering=True)
    content, _kind = report._render_qweb_pdf(REPORT, move.ids)
    (pathlib.Path(os.environ["PRINT_OUT"]) / f"{name}.pdf").write_bytes(content)


def make_code(move, silent_errors=False):
    """What core's own ways of paying make is for some countries and currencies."""
    picture = io.BytesIO()
    qrcode.make(move.payment_reference * 8).save(picture, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"


def render_all():
    order = env.ref("service_invoicing.work_order_three_payers_demo")
    invoices = order.invoice_ids.filtered(
        lambda move: move.service_invoice_type in ("service", "program", "insurance")
    )
    account = {"acc_number": "SK3112000000198742637541"}
    invoices.partner_bank_id.write(account)
    large = bill_many_lines()
    foreign = bill_in_euros()
    foreign.action_service_credit(reason="Wrong vehicle")
    layouts = env["report.layout"].search([]).view_id
    wanted = os.environ["PRINT_LAYOUTS"].split()
    for layout in layouts.filtered(lambda view: view.key.split("_")[-1] in wanted):
        env.company.external_report_layout_id = layout
        for paper, external_id in PAPERS.items():
            env.company.paperformat_id = env.ref(external_id)
            name = f"{layout.key.split('_')[-1]} {paper}"
            for move in invoices:
                render(move, f"{name} {move.service_invoice_type}")
            render(foreign, f"{name} foreign")
            render(foreign.reversal_move_ids, f"{name} foreign credit memo")
            render(large, f"{name} many lines")


env.company.qr_code = True
with patch.object(type(env["account.move"]), "_generate_qr_code", make_code):
    render_all()
env.cr.rollback()
