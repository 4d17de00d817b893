"""Choices that several models offer."""

RECEIPT_METHODS = [("regular", "Regular"), ("electronic", "Electronic")]
PREPAYMENT_MODES = [
    ("entry", "By an entry, without tax"),
    ("deduction", "Deducted on the invoice, with tax"),
]
CLOSED_PERIODS = [
    ("refuse", "Refuse the date"),
    ("shift", "Use the first open day"),
]
# what becomes of the work that a credit memo takes back
CREDIT_EFFECTS = [("free", "Billed Again"), ("closed", "Closed")]
# who bears what one payer does not bear any more
DIFFERENCES = [
    ("nobody", "Nobody"),
    ("own", "The Workshop"),
    ("customer", "The Customer"),
]
# kinds of invoice lines that post nothing
TEXT_LINES = ("line_section", "line_subsection", "line_note")
