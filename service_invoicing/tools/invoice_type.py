"""The kinds of invoice of service billing."""

# what the shares of a work order are billed with, in the order of billing
INVOICE_TYPES = [
    ("service", "Service Invoice"),
    ("program", "Program Invoice"),
    ("insurance", "Insurance Invoice"),
]
INVOICE_TYPE_KEYS = [key for key, __ in INVOICE_TYPES]
# what is asked for before anything is billed
PREPAYMENT = "prepayment"
DIRECT_PREPAYMENT = "direct_prepayment"
PREPAYMENT_TYPES = [
    (PREPAYMENT, "Prepayment Invoice"),
    (DIRECT_PREPAYMENT, "Direct Prepayment Invoice"),
]
PREPAYMENT_KEYS = [key for key, __ in PREPAYMENT_TYPES]
DOCUMENT_TYPES = [*INVOICE_TYPES, *PREPAYMENT_TYPES]
