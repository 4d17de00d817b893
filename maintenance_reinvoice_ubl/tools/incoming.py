"""Where a garage may name a permission or a vehicle in an electronic document.

Only the published schemas are relied on: paths are below the root of a document, or
below the element of one of its lines.
"""

UBL_DOCUMENT = (
    "{*}OrderReference/{*}ID",  # BT-13
    "{*}OrderReference/{*}SalesOrderID",  # BT-14
    "{*}ContractDocumentReference/{*}ID",  # BT-12
    "{*}ProjectReference/{*}ID",  # BT-11
    "{*}AdditionalDocumentReference/{*}ID",  # BT-18, BT-122
    "{*}AdditionalDocumentReference/{*}DocumentDescription",  # BT-123
    "{*}BuyerReference",  # BT-10
    "{*}Note",  # BT-22
)
UBL_LINE = (
    "{*}OrderLineReference/{*}OrderReference/{*}ID",
    "{*}OrderLineReference/{*}LineID",  # BT-132
    "{*}DocumentReference/{*}ID",  # BT-128
    "{*}Item/{*}AdditionalItemProperty/{*}Value",  # BT-161
    "{*}Note",  # BT-127
    "{*}Item/{*}Name",  # BT-153
    "{*}Item/{*}Description",  # BT-154
)
_AGREEMENT = "{*}SupplyChainTradeTransaction/{*}ApplicableHeaderTradeAgreement"
CII_DOCUMENT = (
    f"{_AGREEMENT}/{{*}}BuyerOrderReferencedDocument/{{*}}IssuerAssignedID",  # BT-13
    f"{_AGREEMENT}/{{*}}SellerOrderReferencedDocument/{{*}}IssuerAssignedID",  # BT-14
    f"{_AGREEMENT}/{{*}}ContractReferencedDocument/{{*}}IssuerAssignedID",  # BT-12
    f"{_AGREEMENT}/{{*}}SpecifiedProcuringProject/{{*}}ID",  # BT-11
    f"{_AGREEMENT}/{{*}}SpecifiedProcuringProject/{{*}}Name",
    # BT-18, BT-122, BT-123
    f"{_AGREEMENT}/{{*}}AdditionalReferencedDocument/{{*}}IssuerAssignedID",
    f"{_AGREEMENT}/{{*}}AdditionalReferencedDocument/{{*}}Name",
    f"{_AGREEMENT}/{{*}}BuyerReference",  # BT-10
    "{*}ExchangedDocument/{*}IncludedNote/{*}Content",  # BT-22
)
CII_LINE = (
    "{*}SpecifiedLineTradeAgreement/{*}BuyerOrderReferencedDocument"
    "/{*}IssuerAssignedID",
    # BT-132
    "{*}SpecifiedLineTradeAgreement/{*}BuyerOrderReferencedDocument/{*}LineID",
    # BT-128, and what the extended profile has beside it
    "{*}SpecifiedLineTradeSettlement/{*}AdditionalReferencedDocument"
    "/{*}IssuerAssignedID",
    "{*}SpecifiedLineTradeAgreement/{*}AdditionalReferencedDocument"
    "/{*}IssuerAssignedID",
    "{*}SpecifiedTradeProduct/{*}ApplicableProductCharacteristic/{*}Value",  # BT-161
    "{*}AssociatedDocumentLineDocument/{*}IncludedNote/{*}Content",  # BT-127
    "{*}SpecifiedTradeProduct/{*}Name",  # BT-153
    "{*}SpecifiedTradeProduct/{*}Description",  # BT-154
)


def read_texts(node, paths, known=""):
    """Texts below an element, each once and without superfluous blanks.

    :param str known: text that need not be read again
    """
    found = (_squash(child.text) for path in paths for child in node.iterfind(path))
    return [text for text in dict.fromkeys(found) if text and text != _squash(known)]


def _squash(text):
    return " ".join((text or "").split())
