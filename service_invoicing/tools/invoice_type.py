"""The kinds of invoice a work order is billed with, in the order of billing."""

INVOICE_TYPES = [
    ("service", "Service Invoice"),
    ("program", "Program Invoice"),
    ("insurance", "Insurance Invoice"),
]
