"""What becomes of the work a credit memo takes back."""

CREDIT_EFFECTS = [("free", "Billed Again"), ("closed", "Closed")]
