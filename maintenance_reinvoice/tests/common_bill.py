from odoo import Command

from .common import MaintenanceCommon

# a garage's bill as it comes by Peppol
UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>G-2026-77</cbc:ID>
  <cbc:IssueDate>2026-10-10</cbc:IssueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyName><cbc:Name>{garage}</cbc:Name></cac:PartyName>
    <cac:PartyLegalEntity>
      <cbc:RegistrationName>{garage}</cbc:RegistrationName>
    </cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
{allowances}
  <cac:TaxTotal>
    <cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount>
    <cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="{currency}">{net}</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount>
      <cac:TaxCategory>
        <cbc:ID>S</cbc:ID><cbc:Percent>23.0</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:TaxCategory>
    </cac:TaxSubtotal>
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="{currency}">{work}</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="{currency}">{net}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="{currency}">{gross}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="{currency}">{gross}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
{lines}</Invoice>
"""
UBL_LINE = """
  <cac:InvoiceLine>
    <cbc:ID>1</cbc:ID>
    <cbc:InvoicedQuantity unitCode="C62">1.0</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="{currency}">{price}</cbc:LineExtensionAmount>
    <cac:Item>
      <cbc:Name>{text}</cbc:Name>
      <cac:ClassifiedTaxCategory>
        <cbc:ID>S</cbc:ID><cbc:Percent>23.0</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:ClassifiedTaxCategory>
    </cac:Item>
    <cac:Price>
      <cbc:PriceAmount currencyID="{currency}">{price}</cbc:PriceAmount>
    </cac:Price>
  </cac:InvoiceLine>
"""
UBL_ALLOWANCE = """
  <cac:AllowanceCharge>
    <cbc:ChargeIndicator>{charge}</cbc:ChargeIndicator>
    <cbc:AllowanceChargeReason>{reason}</cbc:AllowanceChargeReason>
    <cbc:Amount currencyID="{currency}">{amount}</cbc:Amount>
    <cac:TaxCategory>
      <cbc:ID>S</cbc:ID><cbc:Percent>23.0</cbc:Percent>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
    </cac:TaxCategory>
  </cac:AllowanceCharge>
"""


class MaintenanceBillCommon(MaintenanceCommon):
    """Two approved permissions of one garage, and bills that it sends by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 100.0}]
        )
        cls.permission_b = cls._create_permission(
            cls.vehicle_b,
            [
                {"purchase_price": 60.0, "name": "Brakes"},
                {"purchase_price": 40.0, "name": "Tyres"},
            ],
        )
        cls.line_a = cls.permission_a.line_ids
        cls.brakes, cls.tyres = cls.permission_b.line_ids

    @classmethod
    def _create_vendor_bill(cls, *lines, **vals):
        """A typed draft; ``lines``: pairs of text and net price, or headings."""
        return cls.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": cls.garage.id,
                "ref": "G-100",
                "invoice_date": "2026-10-10",
                "invoice_line_ids": [
                    Command.create(
                        {"display_type": "line_section", "name": line}
                        if isinstance(line, str)
                        else {
                            "name": line[0],
                            "price_unit": line[1],
                            "tax_ids": [Command.set(cls.purchase_tax.ids)],
                        }
                    )
                    for line in lines
                ],
                **vals,
            }
        )

    def _get_proposed(self, bill):
        """``[(text of the bill line, permission lines)]`` of the proposal."""
        return [
            (bill_line.name, lines)
            for bill_line, (_found, lines) in self.env["maintenance.bill.matching"]
            ._get_proposal(bill)
            .items()
        ]

    def _match_proposal(self, bill):
        action = bill.action_maintenance_match()
        dialog = self.env[action["res_model"]].with_context(**action["context"])
        return dialog.create({}).action_confirm()

    def _import_ubl(self, lines, allowances=(), **values):
        """A bill as the garage's UBL file, uploaded into the purchase journal.

        :param lines: pairs of text and net price
        :param allowances: pairs of reason and amount of the bill as a whole; what it
            allows is negative
        """
        if "account.edi.xml.ubl_bis3" not in self.env:
            self.skipTest(
                "core's electronic invoices (account_edi_ubl_cii) are not installed"
            )
        work = sum(price for _text, price in lines)
        net = work + sum(amount for _reason, amount in allowances)
        values = {
            "garage": self.garage.name,
            "currency": self.company.currency_id.name,
            "work": f"{work:.2f}",
            "net": f"{net:.2f}",
            "tax": f"{net * 0.23:.2f}",
            "gross": f"{net * 1.23:.2f}",
            **values,
        }
        values["lines"] = "".join(
            UBL_LINE.format(text=text, price=f"{price:.2f}", **values)
            for text, price in lines
        )
        values["allowances"] = "".join(
            UBL_ALLOWANCE.format(
                reason=reason,
                amount=f"{abs(amount):.2f}",
                charge=str(amount > 0).lower(),
                **values,
            )
            for reason, amount in allowances
        )
        xml = UBL.format(**values).encode()
        attachment = self.env["ir.attachment"].create(
            {"name": "bill.xml", "raw": xml, "mimetype": "application/xml"}
        )
        journal = self.company_data["default_journal_purchase"]
        return journal._create_document_from_attachment(attachment.ids)
