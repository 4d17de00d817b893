from odoo import models

from ..tools.references import PREPAYMENT


class AccountEdiXmlUblBis3(models.AbstractModel):
    """BIS Billing 3, and XRechnung and what else core derives from it.

    Relies on core for three steps that get ``vals["invoice"]`` and fill dicts of
    nodes: ``_add_invoice_header_nodes`` (the document's ``cbc:InvoiceTypeCode``,
    ``cbc:BuyerReference`` and ``cac:OrderReference`` are nodes by then),
    ``_get_invoice_line_node`` (``vals["base_line"]["record"]`` is the invoice line)
    and ``_export_invoice_constraints``. The templates by which core orders the nodes
    know all that is added here. Lines with a negative price, withholding, cash
    rounding and taxes per piece come from core as the rules ask.
    """

    _inherit = "account.edi.xml.ubl_bis3"

    def _get_service_prepayment_type_code(self, vals):
        """Type code of a prepayment invoice, empty where it is an invoice like any
        other: formats that build on this one list the codes they know, and do not know
        it (XRechnung warns, BR-DE-17), nor does Peppol between Germans (DE-R-017)."""
        parties = (vals["supplier"], vals["customer"])
        is_german = all(party.country_id.code == "DE" for party in parties)
        is_known = self._name == "account.edi.xml.ubl_bis3" and not is_german
        return PREPAYMENT if is_known else ""

    # -- document --------------------------------------------------------------

    def _add_invoice_header_nodes(self, document_node, vals):
        res = super()._add_invoice_header_nodes(document_node, vals)
        move = vals["invoice"]
        facts = self.env["service.einvoice"]
        if facts._has_facts(move):
            vals["service_lines"] = facts._prepare_lines(move)
            self._add_service_type_code(document_node, vals)
            self._add_service_payer_nodes(document_node, move)
            self._add_service_invoice_nodes(document_node, move)
            self._add_service_period_node(document_node, vals["service_lines"])
            self._add_service_reference_nodes(document_node, move)
        return res

    def _add_service_type_code(self, document_node, vals):
        """A prepayment says that it is one (BT-3)."""
        code = self._get_service_prepayment_type_code(vals)
        if code and vals["invoice"]._is_service_prepayment():
            document_node["cbc:InvoiceTypeCode"] = {"_text": code}

    def _add_service_payer_nodes(self, document_node, move):
        """What the payer's system looks for: his reference (BT-10), order (BT-13) and
        contract (BT-12). Core's stand-in for the order, our own number, is left where
        nothing else is there, as one of the first two is mandatory."""
        facts = self.env["service.einvoice"]
        reference = facts._get_buyer_reference(move)
        if reference:
            document_node["cbc:BuyerReference"] = {"_text": reference}
        order = document_node["cac:OrderReference"]
        number = facts._get_order_number(move)
        if number or (
            reference and not (order.get("cbc:SalesOrderID") or {}).get("_text")
        ):
            order["cbc:ID"] = {"_text": number or None}
        contract = facts._get_contract(move)
        if contract:
            document_node["cac:ContractDocumentReference"] = {
                "cbc:ID": {"_text": contract}
            }

    def _add_service_invoice_nodes(self, document_node, move):
        """Other invoices (BT-25, BT-26)."""
        invoices = self.env["service.einvoice"]._get_invoices(move)
        if invoices:
            document_node["cac:BillingReference"] = [
                {
                    "cac:InvoiceDocumentReference": {
                        "cbc:ID": {"_text": invoice.name},
                        "cbc:IssueDate": {"_text": invoice.invoice_date},
                    }
                }
                for invoice in invoices
            ]

    def _add_service_period_node(self, document_node, lines):
        """The period that is billed (BT-73, 74)."""
        period = self.env["service.einvoice"]._get_period(lines)
        if period:
            document_node["cac:InvoicePeriod"] = self._get_service_period_node(period)

    def _get_service_period_node(self, period):
        return {
            "cbc:StartDate": {"_text": period.start},
            "cbc:EndDate": {"_text": period.end},
        }

    def _add_service_reference_nodes(self, document_node, move):
        """Claims and policies (BG-24), and the vehicle (BT-18)."""
        nodes = document_node.setdefault("cac:AdditionalDocumentReference", [])
        references = self.env["service.einvoice"]._get_references(move)
        for reference in [r for first in references for r in (first, *first.further)]:
            nodes.append(
                {
                    "cbc:ID": {
                        "_text": reference.number,
                        "schemeID": reference.scheme or None,
                    },
                    "cbc:DocumentTypeCode": {
                        "_text": "130" if reference.scheme else None
                    },
                    "cbc:DocumentDescription": {"_text": reference.description or None},
                }
            )

    # -- lines -----------------------------------------------------------------

    def _get_invoice_line_node(self, vals):
        line_node = super()._get_invoice_line_node(vals)
        # what core makes of a tax per piece is no invoice line
        line_id = getattr(vals["base_line"]["record"], "id", None)
        facts = vals.get("service_lines", {}).get(line_id)
        if facts:
            self._add_service_line_nodes(line_node, facts)
        return line_node

    def _add_service_line_nodes(self, line_node, facts):
        """Name on one line (BT-153; the text as it is stands in the description),
        period (BT-134, 135), vehicle and odometer (BG-32).

        :param facts: ``LineFacts``
        """
        name = line_node["cac:Item"]["cbc:Name"]
        name["_text"] = " ".join((name["_text"] or "").split()) or None
        if facts.period:
            line_node["cac:InvoicePeriod"] = self._get_service_period_node(facts.period)
        if facts.properties:
            nodes = line_node["cac:Item"].get("cac:AdditionalItemProperty") or []
            line_node["cac:Item"]["cac:AdditionalItemProperty"] = nodes + [
                {"cbc:Name": {"_text": name}, "cbc:Value": {"_text": value}}
                for name, value in facts.properties
            ]

    # -- checks ----------------------------------------------------------------

    def _export_invoice_constraints(self, invoice, vals):
        """Core puts the reference of a Dutch credit memo where the number of the
        invoice belongs, and asks for it; ours names the invoice."""
        constraints = super()._export_invoice_constraints(invoice, vals)
        facts = self.env["service.einvoice"]
        if facts._has_facts(invoice) and facts._get_invoices(invoice):
            constraints.pop("nl_r_001", None)
        return constraints
