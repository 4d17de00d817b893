"""A garage's bill as BIS Billing 3 and as Factur-X, made by hand as any other program
would: what core exports is not relied on. The bill itself is the same in both."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
CII = "urn:un:unece:uncefact:data:standard"
RATE = 23


def tag(name, *content, **attributes):
    """An element with text or other elements; none without content."""
    text = "".join(content)
    if not text:
        return ""
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{given}>{text}</{name}>"


def leaf(name, text, **attributes):
    return tag(name, escape(str(text)), **attributes)


def money(amount):
    return f"{amount:.2f}"


@dataclass
class Line:
    """A line of one piece, and where it may name something."""

    name: str
    price: float
    description: str = ""
    order: str = ""  # with a number of the order
    order_line: str = ""  # BT-132
    document: str = ""  # BT-128
    note: str = ""  # BT-127
    properties: tuple = ()  # BG-32, pairs of name and value
    charge: float = 0.0  # BG-28, on top of the price


@dataclass
class Bill:
    """A bill, or a credit note, of 23 % VAT."""

    lines: list
    number: str = "G-2026-77"
    order: str = ""  # BT-13
    sales_order: str = ""  # BT-14
    contract: str = ""  # BT-12
    project: str = ""  # BT-11
    plate: str = ""  # BT-18, type ABZ
    document: str = ""  # BT-122
    buyer_reference: str = "DEPT-1"  # BT-10
    notes: tuple = ()  # BT-22
    allowances: tuple = ()  # BG-20, BG-21: pairs of reason and amount
    preceding: str = ""  # BT-25
    is_credit: bool = False
    rounding: float = 0.0  # BT-114, in UBL alone
    names: dict = field(default_factory=lambda: {"seller": "Garage", "buyer": "Lessor"})

    @property
    def work(self):
        return sum(line.price + line.charge for line in self.lines)

    @property
    def allowed(self):
        return -sum(amount for _reason, amount in self.allowances if amount < 0)

    @property
    def charged(self):
        return sum(amount for _reason, amount in self.allowances if amount > 0)

    @property
    def net(self):
        return self.work - self.allowed + self.charged

    @property
    def tax(self):
        return round(self.net * RATE / 100, 2)


# -- UBL ---------------------------------------------------------------------------


def make_ubl(bill):
    kind = "CreditNote" if bill.is_credit else "Invoice"
    return tag(
        kind,
        *_make_ubl_head(bill),
        *_make_ubl_references(bill),
        _make_ubl_party("cac:AccountingSupplierParty", bill.names["seller"], "G"),
        _make_ubl_party("cac:AccountingCustomerParty", bill.names["buyer"], "L"),
        tag(
            "cac:PaymentMeans",
            leaf("cbc:PaymentMeansCode", "58"),
            tag("cac:PayeeFinancialAccount", leaf("cbc:ID", "DE75512108001245126199")),
        ),
        tag("cac:PaymentTerms", leaf("cbc:Note", "Within 14 days")),
        *(_make_ubl_allowance(*pair) for pair in bill.allowances),
        *_make_ubl_totals(bill),
        *(
            _make_ubl_line(number, line, kind)
            for number, line in enumerate(bill.lines, 1)
        ),
        xmlns=f"{UBL}:{kind}-2",
        **{
            "xmlns:cac": f"{UBL}:CommonAggregateComponents-2",
            "xmlns:cbc": f"{UBL}:CommonBasicComponents-2",
        },
    ).encode()


def _amount(name, amount):
    return leaf(name, money(amount), currencyID="EUR")


def _make_ubl_head(bill):
    kind = "CreditNote" if bill.is_credit else "Invoice"
    return [
        leaf(
            "cbc:CustomizationID",
            "urn:cen.eu:en16931:2017#compliant#"
            "urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        ),
        leaf("cbc:ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
        leaf("cbc:ID", bill.number),
        leaf("cbc:IssueDate", "2026-10-10"),
        leaf(f"cbc:{kind}TypeCode", "381" if bill.is_credit else "380"),
        *(leaf("cbc:Note", note) for note in bill.notes),
        leaf("cbc:DocumentCurrencyCode", "EUR"),
        leaf("cbc:BuyerReference", bill.buyer_reference),
    ]


def _make_ubl_references(bill):
    return [
        tag(
            "cac:OrderReference",
            leaf("cbc:ID", bill.order or ("NA" if bill.sales_order else "")),
            leaf("cbc:SalesOrderID", bill.sales_order),
        ),
        tag(
            "cac:BillingReference",
            tag("cac:InvoiceDocumentReference", leaf("cbc:ID", bill.preceding)),
        ),
        tag("cac:ContractDocumentReference", leaf("cbc:ID", bill.contract)),
        tag("cac:AdditionalDocumentReference", leaf("cbc:ID", bill.document)),
        tag(
            "cac:AdditionalDocumentReference",
            leaf("cbc:ID", bill.plate, schemeID="ABZ"),
            leaf("cbc:DocumentTypeCode", "130" if bill.plate else ""),
        ),
        tag("cac:ProjectReference", leaf("cbc:ID", bill.project)),
    ]


def _make_ubl_party(role, name, letter):
    vat, mail = _get_party(letter)
    return tag(
        role,
        tag(
            "cac:Party",
            leaf("cbc:EndpointID", vat, schemeID="9930"),
            tag("cac:PartyName", leaf("cbc:Name", name)),
            tag(
                "cac:PostalAddress",
                leaf("cbc:StreetName", "Hauptstraße 1"),
                leaf("cbc:CityName", "Berlin"),
                leaf("cbc:PostalZone", "10115"),
                tag("cac:Country", leaf("cbc:IdentificationCode", "DE")),
            ),
            tag(
                "cac:PartyTaxScheme",
                leaf("cbc:CompanyID", vat),
                tag("cac:TaxScheme", leaf("cbc:ID", "VAT")),
            ),
            tag("cac:PartyLegalEntity", leaf("cbc:RegistrationName", name)),
            tag(
                "cac:Contact",
                leaf("cbc:Name", name),
                leaf("cbc:Telephone", "+49 30 1234567"),
                leaf("cbc:ElectronicMail", mail),
            ),
        ),
    )


def _get_party(letter):
    """VAT number and address of seller and buyer."""
    if letter == "G":
        return "DE136695976", "garage@example.com"
    return "DE123475223", "w@w.example"


def _make_ubl_category(name):
    return tag(
        name,
        leaf("cbc:ID", "S"),
        leaf("cbc:Percent", RATE),
        tag("cac:TaxScheme", leaf("cbc:ID", "VAT")),
    )


def _make_ubl_allowance(reason, amount, with_category=True):
    return tag(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", str(amount > 0).lower()),
        leaf("cbc:AllowanceChargeReason", reason),
        _amount("cbc:Amount", abs(amount)),
        _make_ubl_category("cac:TaxCategory") if with_category else "",
    )


def _make_ubl_totals(bill):
    gross = bill.net + bill.tax
    return [
        tag(
            "cac:TaxTotal",
            _amount("cbc:TaxAmount", bill.tax),
            tag(
                "cac:TaxSubtotal",
                _amount("cbc:TaxableAmount", bill.net),
                _amount("cbc:TaxAmount", bill.tax),
                _make_ubl_category("cac:TaxCategory"),
            ),
        ),
        tag(
            "cac:LegalMonetaryTotal",
            _amount("cbc:LineExtensionAmount", bill.work),
            _amount("cbc:TaxExclusiveAmount", bill.net),
            _amount("cbc:TaxInclusiveAmount", gross),
            _amount("cbc:AllowanceTotalAmount", bill.allowed) if bill.allowed else "",
            _amount("cbc:ChargeTotalAmount", bill.charged) if bill.charged else "",
            _amount("cbc:PayableRoundingAmount", bill.rounding)
            if bill.rounding
            else "",
            _amount("cbc:PayableAmount", gross + bill.rounding),
        ),
    ]


def _make_ubl_line(number, line, kind):
    order = tag("cac:OrderReference", leaf("cbc:ID", line.order))
    order_line = line.order_line or ("1" if order else "")
    quantity = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    return tag(
        f"cac:{kind}Line",
        leaf("cbc:ID", number),
        leaf("cbc:Note", line.note),
        leaf(f"cbc:{quantity}", "1", unitCode="C62"),
        _amount("cbc:LineExtensionAmount", line.price + line.charge),
        tag("cac:OrderLineReference", leaf("cbc:LineID", order_line), order),
        tag(
            "cac:DocumentReference",
            leaf("cbc:ID", line.document),
            leaf("cbc:DocumentTypeCode", "130" if line.document else ""),
        ),
        _make_ubl_allowance("Disposal", line.charge, False) if line.charge else "",
        tag(
            "cac:Item",
            leaf("cbc:Description", line.description),
            leaf("cbc:Name", line.name),
            _make_ubl_category("cac:ClassifiedTaxCategory"),
            *(
                tag(
                    "cac:AdditionalItemProperty",
                    leaf("cbc:Name", name),
                    leaf("cbc:Value", value),
                )
                for name, value in line.properties
            ),
        ),
        tag("cac:Price", _amount("cbc:PriceAmount", line.price)),
    )


# -- CII ---------------------------------------------------------------------------


def make_cii(bill):
    return tag(
        "rsm:CrossIndustryInvoice",
        tag(
            "rsm:ExchangedDocumentContext",
            tag(
                "ram:GuidelineSpecifiedDocumentContextParameter",
                leaf(
                    "ram:ID",
                    "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
                ),
            ),
        ),
        tag(
            "rsm:ExchangedDocument",
            leaf("ram:ID", bill.number),
            leaf("ram:TypeCode", "381" if bill.is_credit else "380"),
            tag("ram:IssueDateTime", _make_cii_date("20261010")),
            *(
                tag("ram:IncludedNote", leaf("ram:Content", note))
                for note in bill.notes
            ),
        ),
        tag(
            "rsm:SupplyChainTradeTransaction",
            *(
                _make_cii_line(number, line)
                for number, line in enumerate(bill.lines, 1)
            ),
            _make_cii_agreement(bill),
            tag(
                "ram:ApplicableHeaderTradeDelivery",
                tag(
                    "ram:ActualDeliverySupplyChainEvent",
                    tag("ram:OccurrenceDateTime", _make_cii_date("20261005")),
                ),
            ),
            _make_cii_settlement(bill),
        ),
        **{
            "xmlns:rsm": f"{CII}:CrossIndustryInvoice:100",
            "xmlns:ram": f"{CII}:ReusableAggregateBusinessInformationEntity:100",
            "xmlns:udt": f"{CII}:UnqualifiedDataType:100",
        },
    ).encode()


def _make_cii_date(day):
    return leaf("udt:DateTimeString", day, format="102")


def _make_cii_reference(name, number, *further):
    if not number:
        return ""
    return tag(name, leaf("ram:IssuerAssignedID", number), *further)


def _make_cii_agreement(bill):
    plate_type = leaf("ram:TypeCode", "130") + leaf("ram:ReferenceTypeCode", "ABZ")
    return tag(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", bill.buyer_reference),
        _make_cii_party("ram:SellerTradeParty", bill.names["seller"], "G"),
        _make_cii_party("ram:BuyerTradeParty", bill.names["buyer"], "L"),
        _make_cii_reference("ram:SellerOrderReferencedDocument", bill.sales_order),
        _make_cii_reference("ram:BuyerOrderReferencedDocument", bill.order),
        _make_cii_reference("ram:ContractReferencedDocument", bill.contract),
        _make_cii_reference(
            "ram:AdditionalReferencedDocument",
            bill.document,
            leaf("ram:TypeCode", "916"),
        ),
        _make_cii_reference("ram:AdditionalReferencedDocument", bill.plate, plate_type),
        tag(
            "ram:SpecifiedProcuringProject",
            leaf("ram:ID", bill.project),
            leaf("ram:Name", "Project reference" if bill.project else ""),
        ),
    )


def _make_cii_party(role, name, letter):
    vat, mail = _get_party(letter)
    return tag(
        role,
        leaf("ram:Name", name),
        tag(
            "ram:DefinedTradeContact",
            leaf("ram:PersonName", name),
            tag(
                "ram:TelephoneUniversalCommunication",
                leaf("ram:CompleteNumber", "+49 30 1234567"),
            ),
            tag("ram:EmailURIUniversalCommunication", leaf("ram:URIID", mail)),
        ),
        tag(
            "ram:PostalTradeAddress",
            leaf("ram:PostcodeCode", "10115"),
            leaf("ram:LineOne", "Hauptstraße 1"),
            leaf("ram:CityName", "Berlin"),
            leaf("ram:CountryID", "DE"),
        ),
        tag("ram:URIUniversalCommunication", leaf("ram:URIID", mail, schemeID="EM")),
        tag("ram:SpecifiedTaxRegistration", leaf("ram:ID", vat, schemeID="VA")),
    )


def _make_cii_line(number, line):
    order = ""
    if line.order or line.order_line:
        order = tag(
            "ram:BuyerOrderReferencedDocument",
            leaf("ram:IssuerAssignedID", line.order),
            leaf("ram:LineID", line.order_line or "1"),
        )
    return tag(
        "ram:IncludedSupplyChainTradeLineItem",
        tag(
            "ram:AssociatedDocumentLineDocument",
            leaf("ram:LineID", number),
            tag("ram:IncludedNote", leaf("ram:Content", line.note)),
        ),
        tag(
            "ram:SpecifiedTradeProduct",
            leaf("ram:Name", line.name),
            leaf("ram:Description", line.description),
            *(
                tag(
                    "ram:ApplicableProductCharacteristic",
                    leaf("ram:Description", name),
                    leaf("ram:Value", value),
                )
                for name, value in line.properties
            ),
        ),
        tag(
            "ram:SpecifiedLineTradeAgreement",
            order,
            tag(
                "ram:NetPriceProductTradePrice",
                leaf("ram:ChargeAmount", money(line.price)),
            ),
        ),
        tag(
            "ram:SpecifiedLineTradeDelivery",
            leaf("ram:BilledQuantity", "1", unitCode="C62"),
        ),
        _make_cii_line_settlement(line),
    )


def _make_cii_line_settlement(line):
    return tag(
        "ram:SpecifiedLineTradeSettlement",
        _make_cii_tax(),
        _make_cii_allowance("Disposal", line.charge, False) if line.charge else "",
        tag(
            "ram:SpecifiedTradeSettlementLineMonetarySummation",
            leaf("ram:LineTotalAmount", money(line.price + line.charge)),
        ),
        _make_cii_reference(
            "ram:AdditionalReferencedDocument",
            line.document,
            leaf("ram:TypeCode", "130"),
        ),
    )


def _make_cii_tax(name="ram:ApplicableTradeTax", amount=None, basis=None):
    return tag(
        name,
        leaf("ram:CalculatedAmount", "" if amount is None else money(amount)),
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:BasisAmount", "" if basis is None else money(basis)),
        leaf("ram:CategoryCode", "S"),
        leaf("ram:RateApplicablePercent", RATE),
    )


def _make_cii_allowance(reason, amount, with_category=True):
    return tag(
        "ram:SpecifiedTradeAllowanceCharge",
        tag("ram:ChargeIndicator", leaf("udt:Indicator", str(amount > 0).lower())),
        leaf("ram:ActualAmount", money(abs(amount))),
        leaf("ram:Reason", reason),
        _make_cii_tax("ram:CategoryTradeTax") if with_category else "",
    )


def _make_cii_settlement(bill):
    gross = bill.net + bill.tax
    amounts = {
        "LineTotalAmount": bill.work,
        "ChargeTotalAmount": bill.charged,
        "AllowanceTotalAmount": bill.allowed,
        "TaxBasisTotalAmount": bill.net,
        "TaxTotalAmount": bill.tax,
        "GrandTotalAmount": gross,
        "DuePayableAmount": gross,
    }
    return tag(
        "ram:ApplicableHeaderTradeSettlement",
        leaf("ram:InvoiceCurrencyCode", "EUR"),
        tag(
            "ram:SpecifiedTradeSettlementPaymentMeans",
            leaf("ram:TypeCode", "58"),
            tag(
                "ram:PayeePartyCreditorFinancialAccount",
                leaf("ram:IBANID", "DE75512108001245126199"),
            ),
        ),
        _make_cii_tax(amount=bill.tax, basis=bill.net),
        *(_make_cii_allowance(*pair) for pair in bill.allowances),
        tag(
            "ram:SpecifiedTradePaymentTerms",
            leaf("ram:Description", "Within 14 days"),
        ),
        tag(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            *(
                leaf(f"ram:{name}", money(amount))
                if name != "TaxTotalAmount"
                else leaf(f"ram:{name}", money(amount), currencyID="EUR")
                for name, amount in amounts.items()
            ),
        ),
        _make_cii_reference("ram:InvoiceReferencedDocument", bill.preceding),
    )


FORMATS = {"ubl": make_ubl, "cii": make_cii}
