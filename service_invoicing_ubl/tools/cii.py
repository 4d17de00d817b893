"""Reading and changing Cross Industry Invoices, the format inside Factur-X.

Only the published schema is relied on: names of elements and their order.
"""

from lxml import etree

NAMESPACES = {
    "ram": "urn:un:unece:uncefact:data:standard:"
    "ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
CONTEXT = "rsm:ExchangedDocumentContext"
DOCUMENT = "rsm:ExchangedDocument"
TRANSACTION = "rsm:SupplyChainTradeTransaction"
AGREEMENT = f"{TRANSACTION}/ram:ApplicableHeaderTradeAgreement"
SETTLEMENT = f"{TRANSACTION}/ram:ApplicableHeaderTradeSettlement"
LINE = f"{TRANSACTION}/ram:IncludedSupplyChainTradeLineItem"
SUMMATION = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"
LINE_SETTLEMENT = "ram:SpecifiedLineTradeSettlement"
LINE_TOTAL = (
    f"{LINE_SETTLEMENT}/ram:SpecifiedTradeSettlementLineMonetarySummation"
    "/ram:LineTotalAmount"
)
# what stands after an element in its parent, where it is added
AFTER = {
    "ram:BusinessProcessSpecifiedDocumentContextParameter": (
        "ram:GuidelineSpecifiedDocumentContextParameter",
    ),
    "ram:BuyerReference": ("ram:SellerTradeParty",),
    "ram:ContractReferencedDocument": (
        "ram:AdditionalReferencedDocument",
        "ram:BuyerAgentTradeParty",
        "ram:ProcuringProject",
        "ram:SpecifiedProcuringProject",
        "ram:UltimateCustomerOrderReferencedDocument",
    ),
    "ram:BuyerOrderReferencedDocument": (
        "ram:QuotationReferencedDocument",
        "ram:ContractReferencedDocument",
        "ram:AdditionalReferencedDocument",
        "ram:SpecifiedProcuringProject",
        "ram:UltimateCustomerOrderReferencedDocument",
    ),
    "ram:AdditionalReferencedDocument": (
        "ram:BuyerAgentTradeParty",
        "ram:SpecifiedProcuringProject",
        "ram:UltimateCustomerOrderReferencedDocument",
    ),
    "ram:ApplicableTradeTax": (
        "ram:BillingSpecifiedPeriod",
        "ram:SpecifiedTradeAllowanceCharge",
        "ram:SpecifiedLogisticsServiceCharge",
        "ram:SpecifiedTradePaymentTerms",
        SUMMATION,
        "ram:SpecifiedTradeSettlementLineMonetarySummation",
    ),
    "ram:BillingSpecifiedPeriod": (
        "ram:SpecifiedTradeAllowanceCharge",
        "ram:SpecifiedLogisticsServiceCharge",
        "ram:SpecifiedTradePaymentTerms",
        SUMMATION,
        "ram:SpecifiedTradeSettlementLineMonetarySummation",
    ),
    "ram:InvoiceReferencedDocument": (
        "ram:ReceivableSpecifiedTradeAccountingAccount",
        "ram:SpecifiedAdvancePayment",
    ),
    "ram:RoundingAmount": (
        "ram:GrandTotalAmount",
        "ram:TotalPrepaidAmount",
        "ram:DuePayableAmount",
    ),
    "ram:TotalPrepaidAmount": ("ram:DuePayableAmount",),
    "ram:Name": (
        "ram:Description",
        "ram:ApplicableProductCharacteristic",
        "ram:DesignatedProductClassification",
    ),
    "ram:ApplicableProductCharacteristic": (
        "ram:DesignatedProductClassification",
        "ram:IndividualTradeProductInstance",
        "ram:OriginTradeCountry",
    ),
    "ram:ExemptionReason": ("ram:BasisAmount", "ram:CategoryCode"),
    "ram:ExemptionReasonCode": (
        "ram:TaxPointDate",
        "ram:DueDateTypeCode",
        "ram:RateApplicablePercent",
    ),
    "ram:IncludedNote": ("ram:EffectiveSpecifiedPeriod",),
    "ram:IncludedSupplyChainTradeLineItem": ("ram:ApplicableHeaderTradeAgreement",),
}


def tag(name):
    prefix, local = name.split(":")
    return etree.QName(NAMESPACES[prefix], local).text


def find(node, path):
    """The first element at a path, ``None`` without one."""
    return node.find(path, NAMESPACES)


def find_all(node, path):
    return node.findall(path, NAMESPACES)


def read(node, path):
    """Text at a path, empty without one."""
    return (node.findtext(path, namespaces=NAMESPACES) or "").strip()


def make(name, content=None, **attributes):
    """An element with text, or with elements in it.

    :param content: text, or a list of elements and ``None``
    """
    # namespaces on each element; they go where the document has them already
    node = etree.Element(tag(name), nsmap=NAMESPACES)
    for key, value in attributes.items():
        node.set(key, value)
    if isinstance(content, list):
        node.extend(child for child in content if child is not None)
    else:
        node.text = content
    return node


def make_date(name, day, kind="udt"):
    """An element with a day in it."""
    text = make(f"{kind}:DateTimeString", f"{day:%Y%m%d}", format="102")
    return make(name, [text])


def make_period(period):
    return make(
        "ram:BillingSpecifiedPeriod",
        [
            make_date("ram:StartDateTime", period.start),
            make_date("ram:EndDateTime", period.end),
        ],
    )


def add(parent, *nodes):
    """Add elements where the schema wants them."""
    for node in nodes:
        name = f"ram:{etree.QName(node).localname}"
        followers = {tag(other) for other in AFTER.get(name, ())}
        index = next(
            (i for i, child in enumerate(parent) if child.tag in followers),
            len(parent),
        )
        parent.insert(index, node)


def remove(parent, name):
    """Take away the children of a name."""
    for node in find_all(parent, name):
        parent.remove(node)


def put(parent, node):
    """Add an element instead of those of its name."""
    remove(parent, f"ram:{etree.QName(node).localname}")
    add(parent, node)


def write(content):
    etree.cleanup_namespaces(content, top_nsmap=NAMESPACES)
    return etree.tostring(content, xml_declaration=True, encoding="UTF-8")


def make_tax(category, basis=None, reason=None, reason_code=None):
    """The VAT of a line that bears none; with a basis, that of the document."""
    is_total = basis is not None
    return make(
        "ram:ApplicableTradeTax",
        [
            make("ram:CalculatedAmount", "0.00") if is_total else None,
            make("ram:TypeCode", "VAT"),
            make("ram:ExemptionReason", reason) if reason else None,
            make("ram:BasisAmount", basis) if is_total else None,
            make("ram:CategoryCode", category),
            make("ram:ExemptionReasonCode", reason_code) if reason_code else None,
            # due with the invoice, as core says of all taxes
            make("ram:DueDateTypeCode", "5") if is_total else None,
            make("ram:RateApplicablePercent", "0.0"),
        ],
    )


def make_line(number, name, price, quantity, total):
    """An invoice line without tax.

    :param quantity: pair of amount and unit code
    """
    pieces, unit = quantity
    return make(
        "ram:IncludedSupplyChainTradeLineItem",
        [
            make("ram:AssociatedDocumentLineDocument", [make("ram:LineID", number)]),
            make("ram:SpecifiedTradeProduct", [make("ram:Name", name)]),
            make(
                "ram:SpecifiedLineTradeAgreement",
                [
                    make(
                        "ram:NetPriceProductTradePrice",
                        [make("ram:ChargeAmount", price)],
                    )
                ],
            ),
            make(
                "ram:SpecifiedLineTradeDelivery",
                [make("ram:BilledQuantity", pieces, unitCode=unit)],
            ),
            make(
                LINE_SETTLEMENT,
                [
                    make(
                        "ram:SpecifiedTradeSettlementLineMonetarySummation",
                        [make("ram:LineTotalAmount", total)],
                    )
                ],
            ),
        ],
    )
