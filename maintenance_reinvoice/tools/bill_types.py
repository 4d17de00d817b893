"""What garages send."""

BILL_TYPES = ("in_invoice", "in_refund")
