import base64

from lxml import etree

from odoo import Command

from odoo.addons.service_invoicing.tests.common import ServiceInvoicingCommon

BUILDERS = {
    "bis3": "account.edi.xml.ubl_bis3",
    "xrechnung": "account.edi.xml.ubl_de",
    "facturx": "account.edi.xml.cii",
}


class ExportCommon:
    """A German company that sends documents, and how these are read."""

    @classmethod
    def _set_up_seller(cls):
        cls.germany = cls.env.ref("base.de")
        cls.company = cls.env.company
        cls.euro = cls.setup_other_currency("EUR")
        cls.company.currency_id = cls.euro
        cls.env["product.pricelist"].search([]).currency_id = cls.euro
        cls._locate(cls.company.partner_id, "DE123475223")
        cls.company.partner_id.write(
            {"phone": "+49 30 1234567", "email": "w@w.example"}
        )
        cls.bank = cls.env["res.partner.bank"].create(
            {
                "acc_number": "DE75512108001245126199",
                "partner_id": cls.company.partner_id.id,
                "allow_out_payment": True,
            }
        )

    @classmethod
    def _locate(cls, partner, vat, **vals):
        partner.write(
            {
                "country_id": cls.germany.id,
                "street": "Hauptstraße 1",
                "zip": "10115",
                "city": "Berlin",
                "vat": vat,
                **vals,
            }
        )

    def _export(self, move, kind):
        """A document as a tree, without what core finds wrong with it."""
        content, errors = self.env[BUILDERS[kind]]._export_invoice(move)
        self.assertFalse(errors, f"{kind}: {move.name}")
        return etree.fromstring(content)

    def _send(self, moves):
        """Send documents; the electronic one of the last, as it is kept."""
        self.env["account.move.send"]._generate_and_send_invoices(
            moves, sending_methods=["email"]
        )
        return etree.fromstring(moves[-1].ubl_cii_xml_id.raw)

    def _read_embedded(self, tree):
        """Content by name of the files within a document of any format."""
        names = ("EmbeddedDocumentBinaryObject", "AttachmentBinaryObject")
        return {
            node.get("filename"): base64.b64decode(node.text)
            for name in names
            for node in tree.iter(f"{{*}}{name}")
        }

    def _read(self, tree, path):
        """Texts at a path whose names have no prefix."""
        steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
        return [node.text for node in tree.findall(steps)]


class EinvoiceCommon(ExportCommon, ServiceInvoicingCommon):
    """A German workshop and German payers, to whom documents go electronically."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_seller()
        cls.tax_20 = cls._percent_tax(20)
        cls.tax_10 = cls._percent_tax(10)
        (cls.labour | cls.part | cls.external).taxes_id = cls.tax_20
        cls._locate(cls.customer, "DE811569869", ref="BUYER-7", email="c@c.example")
        cls._locate(cls.sponsor, "DE136695976", ref="BUYER-8", email="s@s.example")
        cls._locate(cls.insurer, "DE129273398", ref="BUYER-9", email="i@i.example")
        cls.prepaid = cls._new_prepayment_account()
        cls.company.service_prepayment_account_id = cls.prepaid
        cls.vehicle = cls._new_vehicle()

    # -- documents -------------------------------------------------------------

    @classmethod
    def _authorize(cls, move):
        move.action_service_save()
        move.action_service_authorize()
        return move

    @classmethod
    def _bill_order(cls, *lines, **vals):
        """Authorized invoices of an order, made on the day they are dated."""
        lines = lines or ((cls.labour, 600, {}), (cls.part, 400, {}))
        vals = {
            "customer_reference": "PO-4711",
            "vehicle_id": cls.vehicle.id,
            "odometer": 12345,
        } | vals
        order = cls._new_order(*lines, **vals)
        return cls._authorize(cls._bill(order))

    @classmethod
    def _credit(cls, move, **answers):
        return cls._get_documents(
            move.action_service_credit(**{"reason": "Fraud suspected", **answers})
        )

    @classmethod
    def _receive(cls, move):
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        return wizard.create({})._create_payments()

    @classmethod
    def _new_prepayment(cls, order, amount=300, is_received=True):
        move = cls._get_documents(order.action_create_prepayment(amount=amount))
        cls._authorize(move)
        if is_received:
            cls._receive(move)
        return move

    @classmethod
    def _bill_prepaid(cls, mode, amount=300):
        """A received prepayment, and the final invoice of its order over 1,000."""
        cls.company.service_prepayment_mode = mode
        order = cls._new_order(
            (cls.labour, 600, {}),
            (cls.part, 400, {}),
            customer_reference="PO-4711",
        )
        prepayment = cls._new_prepayment(order, amount)
        return prepayment, cls._authorize(cls._bill(order) - prepayment)

    @classmethod
    def _new_typed(cls, *lines, rows=(), **vals):
        """An authorized invoice that was typed: (product, price, values), codes."""
        return cls._authorize(
            cls.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": cls.customer.id,
                    "ref": "PO-4711",
                    "invoice_line_ids": [
                        Command.create(
                            {"product_id": product.id, "price_unit": price, **line_vals}
                        )
                        for product, price, line_vals in lines
                    ],
                    "service_tcd_ids": [
                        Command.create({"tcd_id": code.id}) for code in rows
                    ],
                    **vals,
                }
            )
        )

    @classmethod
    def _new_code(cls, code, tcd_type, **vals):
        if tcd_type != "tax":
            account = cls.company_data["default_account_revenue"]
            vals = {"account_id": account.id, "rate": 10, **vals}
        return cls.env["service.tcd"].create(
            {"code": code, "name": code, "tcd_type": tcd_type, **vals}
        )

    @classmethod
    def _new_cash_rounding(cls, **vals):
        """Totals in whole euros."""
        return cls.env["account.cash.rounding"].create(
            {
                "name": "Whole",
                "rounding": 1.0,
                "strategy": "add_invoice_line",
                "profit_account_id": cls.company_data["default_account_revenue"].id,
                "loss_account_id": cls.company_data["default_account_expense"].id,
                **vals,
            }
        )

    @classmethod
    def _new_zero_tax(cls):
        """A tax of 0 % for what is exempt."""
        return cls._percent_tax(
            0,
            ubl_cii_tax_category_code="E",
            ubl_cii_tax_exemption_reason_code="VATEX-EU-132",
        )

    @classmethod
    def _new_monthly_invoice(cls):
        """January's rent of 100 and February's, of one agreement, on one invoice."""
        agreement = cls.env["service.agreement"].create(
            {
                "partner_id": cls.customer.id,
                "vehicle_id": cls.vehicle.id,
                "date_start": "2026-01-01",
                "customer_reference": "PO-4711",
                "line_ids": [
                    Command.create(
                        {
                            "kind": "fixed",
                            "name": "Rent",
                            "amount": 100,
                            "tax_ids": [Command.set(cls.tax_20.ids)],
                        }
                    )
                ],
            }
        )
        agreement.action_open()
        releases = cls.env["service.release"]
        for month in ("2026-01-01", "2026-02-01"):
            run = cls.env["service.monthly.run"].create(
                {
                    "period_from": month,
                    "agreement_ids": [Command.set(agreement.ids)],
                }
            )
            run.action_run()
            releases |= run.line_ids.release_id
        releases.filtered(lambda r: r.state == "fresh").action_confirm()
        return agreement, cls._authorize(
            cls._get_documents(releases.action_create_invoice())
        )

    @classmethod
    def _bill_collective(cls):
        """One invoice to the sponsor: half of 1,000 on two orders with vehicles."""
        cls.sponsor.service_collective_invoice = True
        orders = cls.env["service.work.order"]
        for plate in ("B-AB 1", "B-AB 2"):
            vehicle = cls._new_vehicle(plate)
            vehicle.license_plate = plate
            order = cls._new_order(
                (cls.labour, 1000, {"program_id": cls.program.id}),
                vehicle_id=vehicle.id,
                odometer=1000,
            )
            order.action_confirm_check()
            orders |= order
        orders.action_create_collective_invoices()
        moves = orders.invoice_ids
        return cls._authorize(
            moves.filtered(lambda move: move.service_invoice_type == "program")
        )
