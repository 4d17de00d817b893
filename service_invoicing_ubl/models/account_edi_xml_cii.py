import base64

from lxml import etree

from odoo import models
from odoo.tools import float_repr, float_round

from ..tools import cii
from ..tools.references import PREPAYMENT, PREPAYMENT_CREDIT

# what the French rules call a file that belongs to an invoice (BR-FR-17)
FRENCH_FILE = "DOCUMENT_ANNEXE"


class AccountEdiXmlCii(models.AbstractModel):
    """Factur-X.

    Relies on core for ``_export_invoice``, whose result is completed as a tree: of
    that only the published schema is relied on, not how core makes it, and that its
    lines are the product lines of the invoice in their order. ``_check_required_tax``
    is told which lines bear no tax by right. Helpers for VAT categories are core's. For
    reading, on ``_get_import_document_amount_sign`` and on ``_import_fill_invoice``,
    which returns the lines of its log.
    """

    _inherit = "account.edi.xml.cii"

    def _export_invoice(self, invoice):
        content, errors = super()._export_invoice(invoice)
        if not self.env["service.einvoice"]._has_facts(invoice):
            return content, errors
        tree = etree.fromstring(content)
        if error := self._get_service_lines_error(tree, invoice):
            return content, {*errors, error}
        move = invoice.with_context(lang=invoice.partner_id.lang)
        self._complete_service_document(tree, move)
        return cii.write(tree), errors

    def _get_service_lines_error(self, tree, move):
        """Lines are told by their order: were there others than ours, each would say
        what another one is about.

        :return: translated sentence, empty where all is well
        """
        if len(cii.find_all(tree, cii.LINE)) == len(move._get_billed_lines()):
            return ""
        return self.env._(
            "%s: Odoo makes other lines of it than it has. It cannot be sent as "
            "Factur-X before “Service Invoicing: Electronic Invoices” is updated.",
            move.display_name,
        )

    def _complete_service_document(self, tree, move):
        self._put_service_type(tree, move)
        self._put_service_process(tree, move)
        self._put_service_payer(tree, move)
        facts = self.env["service.einvoice"]._prepare_lines(move)
        self._put_service_period(tree, facts)
        self._add_service_invoices(tree, move)
        self._add_service_references(tree, move)
        self._complete_service_lines(tree, move, facts)
        withheld = self._take_off_service_withholding(tree, move)
        self._add_service_pieces(tree, move)
        self._add_service_categories(tree, move)
        self._put_service_totals(tree, move)
        if withheld:
            self._add_service_withholding_note(tree, move, withheld)

    def _format_service_amount(self, amount, digits=2):
        # never a minus before zero
        return float_repr(float_round(amount, precision_digits=digits) or 0.0, digits)

    # -- document --------------------------------------------------------------

    def _put_service_type(self, tree, move):
        """A prepayment says that it is one (BT-3), in France its credit, too."""
        if not move._is_prepayment_document():
            return
        node = cii.find(tree, f"{cii.DOCUMENT}/ram:TypeCode")
        if move.move_type == "out_invoice":
            node.text = PREPAYMENT
        elif self._is_service_french(move):
            node.text = PREPAYMENT_CREDIT

    def _is_service_french(self, move):
        """Whether the French rules hold: they are the seller's."""
        return move.company_id.country_id.code == "FR"

    def _put_service_process(self, tree, move):
        """What is billed (BT-23), as the French reform wants it: goods, services or
        both, and whether the document is final after prepayments."""
        name = "ram:BusinessProcessSpecifiedDocumentContextParameter"
        context = cii.find(tree, cii.CONTEXT)
        facts = self.env["service.einvoice"]
        is_final = not move._is_prepayment_document() and facts._is_final(move)
        if not self._is_service_french(move) or (
            cii.find(context, name) is not None and not is_final
        ):
            return
        kinds = set(move._get_billed_lines()._get_einvoice_kinds())
        kind = "M" if len(kinds) > 1 else "".join(kinds)
        code = f"{kind or 'S'}{4 if is_final else 1}"
        cii.put(context, cii.make(name, [cii.make("ram:ID", code)]))

    def _put_service_payer(self, tree, move):
        """What the payer's system looks for: his reference (BT-10), order (BT-13) and
        contract (BT-12)."""
        agreement = cii.find(tree, cii.AGREEMENT)
        facts = self.env["service.einvoice"]
        reference = facts._get_buyer_reference(move)
        if reference:
            cii.put(agreement, cii.make("ram:BuyerReference", reference))
        name = "ram:BuyerOrderReferencedDocument"
        number = facts._get_order_number(move)
        stand_in = cii.read(agreement, f"{name}/ram:IssuerAssignedID") == move.name
        if number or stand_in:
            cii.remove(agreement, name)
        for key, value in (
            (name, number),
            ("ram:ContractReferencedDocument", facts._get_contract(move)),
        ):
            if value:
                node = cii.make(key, [cii.make("ram:IssuerAssignedID", value)])
                cii.put(agreement, node)

    def _put_service_period(self, tree, facts):
        """The period that is billed (BT-73, 74). Core takes the days from invoice to
        due date for it, which bill nothing."""
        settlement = cii.find(tree, cii.SETTLEMENT)
        cii.remove(settlement, "ram:BillingSpecifiedPeriod")
        period = self.env["service.einvoice"]._get_period(facts)
        if period:
            cii.add(settlement, cii.make_period(period))

    def _add_service_invoices(self, tree, move):
        """Other invoices (BT-25, 26)."""
        settlement = cii.find(tree, cii.SETTLEMENT)
        invoices = self.env["service.einvoice"]._get_invoices(move)
        if invoices:
            cii.remove(settlement, "ram:InvoiceReferencedDocument")
        for invoice in invoices:
            number = cii.make("ram:IssuerAssignedID", invoice.name)
            day = cii.make_date(
                "ram:FormattedIssueDateTime", invoice.invoice_date, "qdt"
            )
            cii.add(
                settlement, cii.make("ram:InvoiceReferencedDocument", [number, day])
            )

    def _add_service_references(self, tree, move):
        """Claims and policies (BG-24), and the vehicle (BT-18)."""
        agreement = cii.find(tree, cii.AGREEMENT)
        references = self.env["service.einvoice"]._get_references(move)
        # one supporting document alone may be described (CII-SR-475), and in France
        # only by words for attachments (BR-FR-17)
        documents = [entry for entry in references if not entry.scheme]
        is_described = len(documents) == 1 and not self._is_service_french(move)
        if not is_described:
            references = [r for first in references for r in (first, *first.further)]
        for reference in references:
            kind, name, scheme = "916", None, None
            if reference.scheme:
                kind = "130"
                scheme = cii.make("ram:ReferenceTypeCode", reference.scheme)
            elif is_described:
                name = cii.make("ram:Name", self._describe_service_reference(reference))
            number = cii.make("ram:IssuerAssignedID", reference.number)
            nodes = [number, cii.make("ram:TypeCode", kind), name, scheme]
            cii.add(agreement, cii.make("ram:AdditionalReferencedDocument", nodes))

    def _describe_service_reference(self, reference):
        """What a document is, with the numbers of those that belong to it."""
        further = [f"{other.description} {other.number}" for other in reference.further]
        return ", ".join([reference.description, *further])

    def _embed_service_files(self, invoice, content, files):
        """A document with these files in it (BG-24, BT-125).

        They are in the XML and not beside it in the PDF, as a platform or an importer
        may leave the PDF behind, and the rules of Germany and France look at the XML.
        These want one file at most (CII-SR-476), without a description beside that of
        another document (CII-SR-475), in France with one of certain words.

        :param bytes content: the document
        :param files: ir.attachment
        :return: bytes
        """
        tree = etree.fromstring(content)
        agreement = cii.find(tree, cii.AGREEMENT)
        name = FRENCH_FILE if self._is_service_french(invoice) else None
        for file in files:
            cii.add(agreement, self._make_service_file(file, name))
        return cii.write(tree)

    def _make_service_file(self, file, name):
        """:param name: what kind of file it is, ``None`` to leave it out"""
        binary = cii.make(
            "ram:AttachmentBinaryObject",
            base64.b64encode(file.raw).decode(),
            mimeCode=file.mimetype,
            filename=file.name,
        )
        nodes = [
            cii.make("ram:IssuerAssignedID", file.name),
            cii.make("ram:TypeCode", "916"),
            cii.make("ram:Name", name) if name else None,
            binary,
        ]
        return cii.make("ram:AdditionalReferencedDocument", nodes)

    # -- lines -----------------------------------------------------------------

    def _iterate_service_lines(self, tree, move):
        """Pairs of an element and the invoice line it stands for."""
        lines = move._get_billed_lines()
        return list(zip(cii.find_all(tree, cii.LINE), lines, strict=False))

    def _complete_service_lines(self, tree, move, facts):
        """Name, period (BT-134, 135), vehicle and odometer (BG-32) of the lines."""
        for item, line in self._iterate_service_lines(tree, move):
            product = cii.find(item, "ram:SpecifiedTradeProduct")
            self._put_service_item_name(product, line)
            for name, value in facts[line.id].properties:
                cii.add(product, self._make_service_property(name, value))
            if facts[line.id].period:
                settlement = cii.find(item, cii.LINE_SETTLEMENT)
                cii.put(settlement, cii.make_period(facts[line.id].period))

    def _make_service_property(self, name, value):
        return cii.make(
            "ram:ApplicableProductCharacteristic",
            [cii.make("ram:Description", name), cii.make("ram:Value", value)],
        )

    def _put_service_item_name(self, product, line):
        """A line without product is called what its text says (BT-153)."""
        name = " ".join((line.name or "").split())
        if name and not cii.read(product, "ram:Name"):
            cii.remove(product, "ram:Description")
            cii.put(product, cii.make("ram:Name", name))

    # -- taxes -----------------------------------------------------------------

    def _check_required_tax(self, vals):
        """An advance without tax bears none by right, see ``account.move.line``."""
        if self.env["service.einvoice"]._has_facts(vals["record"]):
            lines = [
                line_vals
                for line_vals in vals["invoice_line_vals_list"]
                if line_vals["line"]._check_edi_line_tax_required()
            ]
            vals = {**vals, "invoice_line_vals_list": lines}
        return super()._check_required_tax(vals)

    def _take_off_service_withholding(self, tree, move):
        """What the payer withholds is no VAT: it counts as paid.

        :return: the amount, zero without any
        """
        withheld = 0.0
        settlement = cii.find(tree, cii.SETTLEMENT)
        parents = [
            cii.find(item, cii.LINE_SETTLEMENT)
            for item, __ in self._iterate_service_lines(tree, move)
        ]
        for parent in [settlement, *parents]:
            for node in cii.find_all(parent, "ram:ApplicableTradeTax"):
                if float(cii.read(node, "ram:RateApplicablePercent") or 0.0) < 0.0:
                    withheld -= float(cii.read(node, "ram:CalculatedAmount") or 0.0)
                    parent.remove(node)
        return withheld

    def _add_service_withholding_note(self, tree, move, withheld):
        text = move.env._(
            "Of the amount paid in advance, %s is tax that you withhold.",
            move.currency_id.format(withheld),
        )
        note = cii.make("ram:IncludedNote", [cii.make("ram:Content", text)])
        cii.add(cii.find(tree, cii.DOCUMENT), note)

    def _add_service_pieces(self, tree, move):
        """A tax per piece that bears no VAT gets a line of its own, as in UBL: within
        the line it would count to the basis of the VAT."""
        transaction = cii.find(tree, cii.TRANSACTION)
        for item, line in self._iterate_service_lines(tree, move):
            fixed = line.tax_ids.flatten_taxes_hierarchy().filtered(
                lambda tax: tax.amount_type == "fixed" and not tax.include_base_amount
            )
            names = set(fixed.mapped("name"))
            settlement = cii.find(item, cii.LINE_SETTLEMENT)
            for node in cii.find_all(settlement, "ram:SpecifiedTradeAllowanceCharge"):
                if cii.read(node, "ram:Reason") in names:
                    settlement.remove(node)
                    cii.add(transaction, self._make_service_piece(tree, item, node))

    def _make_service_piece(self, tree, item, charge):
        """The line of a tax per piece, whose amount leaves the line it was on."""
        amount = float(cii.read(charge, "ram:ActualAmount"))
        total = cii.find(item, cii.LINE_TOTAL)
        total.text = self._format_service_amount(float(total.text) - amount)
        billed = cii.find(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
        pieces = float(billed.text)
        if pieces * amount < 0:
            pieces = -pieces
        price = self._format_service_amount(amount / pieces if pieces else 0.0, 6)
        number = str(len(cii.find_all(tree, cii.LINE)) + 1)
        return cii.make_line(
            number,
            cii.read(charge, "ram:Reason"),
            price,
            (str(pieces), billed.get("unitCode")),
            self._format_service_amount(amount),
        )

    def _get_service_untaxed_category(self, move):
        """VAT category of what bears no tax: that of the company's own tax for it.

        :return: category code, reason and code of the reason
        """
        tax = move.company_id.service_untaxed_tax_id
        parties = (
            move.commercial_partner_id,
            move.company_id.partner_id.commercial_partner_id,
        )
        reason = self._get_tax_exemption_reason(*parties, tax)
        return (
            self._get_tax_category_code(*parties, tax),
            reason["tax_exemption_reason"],
            reason["tax_exemption_reason_code"],
        )

    def _add_service_categories(self, tree, move):
        """What bears no tax has a VAT category as well (BT-151), and its place in the
        breakdown of the document (BG-23)."""
        category, *reasons = self._get_service_untaxed_category(move)
        basis, has_untaxed = 0.0, False
        for item in cii.find_all(tree, cii.LINE):
            settlement = cii.find(item, cii.LINE_SETTLEMENT)
            if cii.find(settlement, "ram:ApplicableTradeTax") is None:
                cii.add(settlement, cii.make_tax(category))
                basis += float(cii.read(item, cii.LINE_TOTAL))
                has_untaxed = True
        if has_untaxed:
            self._add_service_breakdown(tree, category, reasons, basis)
        self._copy_service_reasons(tree)

    def _add_service_breakdown(self, tree, category, reasons, basis):
        """Add an untaxed amount to the breakdown; each category stands there once."""
        settlement = cii.find(tree, cii.SETTLEMENT)
        for node in cii.find_all(settlement, "ram:ApplicableTradeTax"):
            if cii.read(node, "ram:CategoryCode") == category and not float(
                cii.read(node, "ram:RateApplicablePercent") or 0.0
            ):
                found = cii.find(node, "ram:BasisAmount")
                found.text = self._format_service_amount(float(found.text) + basis)
                return
        cii.add(
            settlement,
            cii.make_tax(category, self._format_service_amount(basis), *reasons),
        )

    def _copy_service_reasons(self, tree):
        """Why a line bears no VAT stands on the line, too, as the extended profile of
        Factur-X wants it."""
        reasons = {}
        for node in cii.find_all(tree, f"{cii.SETTLEMENT}/ram:ApplicableTradeTax"):
            key = cii.read(node, "ram:CategoryCode")
            reasons.setdefault(key, []).append(node)
        path = f"{cii.LINE}/{cii.LINE_SETTLEMENT}/ram:ApplicableTradeTax"
        for node in cii.find_all(tree, path):
            total = reasons.get(cii.read(node, "ram:CategoryCode"), [])
            if len(total) == 1:
                for name in ("ram:ExemptionReason", "ram:ExemptionReasonCode"):
                    text = cii.read(total[0], name)
                    if text and not cii.read(node, name):
                        cii.add(node, cii.make(name, text))

    # -- totals ----------------------------------------------------------------

    def _put_service_totals(self, tree, move):
        """The sums of what stands in the document; what is paid follows from what is
        still to be paid (BR-CO-10 to 16)."""
        settlement = cii.find(tree, cii.SETTLEMENT)
        lines = sum(
            float(cii.read(item, cii.LINE_TOTAL))
            for item in cii.find_all(tree, cii.LINE)
        )
        taxes = sum(
            float(cii.read(node, "ram:CalculatedAmount"))
            for node in cii.find_all(settlement, "ram:ApplicableTradeTax")
        )
        summation = cii.find(settlement, cii.SUMMATION)
        basis = (
            lines
            + float(cii.read(summation, "ram:ChargeTotalAmount") or 0.0)
            - float(cii.read(summation, "ram:AllowanceTotalAmount") or 0.0)
        )
        rounding = self.env["service.einvoice"]._get_rounding(move)
        total, due = basis + taxes, move.amount_residual
        amounts = {
            "ram:LineTotalAmount": lines,
            "ram:TaxBasisTotalAmount": basis,
            "ram:TaxTotalAmount": taxes,
            "ram:GrandTotalAmount": total,
            "ram:TotalPrepaidAmount": total + rounding - due,
            "ram:DuePayableAmount": due,
        }
        for name, amount in amounts.items():
            cii.find(summation, name).text = self._format_service_amount(amount)
        if rounding:
            text = self._format_service_amount(rounding)
            cii.put(summation, cii.make("ram:RoundingAmount", text))

    # -- import ----------------------------------------------------------------

    def _get_import_document_amount_sign(self, tree):
        """Core takes no document in whose type code it does not know; a prepayment is
        an invoice, and its credit a credit note."""
        code = cii.read(tree, f"{cii.DOCUMENT}/ram:TypeCode")
        if code == PREPAYMENT:
            return "invoice", 1
        if code == PREPAYMENT_CREDIT:
            return "refund", 1
        return super()._get_import_document_amount_sign(tree)

    def _import_fill_invoice(self, invoice, tree, qty_factor):
        logs = super()._import_fill_invoice(invoice, tree, qty_factor)
        path = f"{cii.SETTLEMENT}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID"
        numbers = [node.text for node in cii.find_all(tree, path)]
        return logs + self._link_service_credited(invoice, numbers)
