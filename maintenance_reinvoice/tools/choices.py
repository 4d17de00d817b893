"""Choices that several models offer."""

METHODS = [
    ("mass", "Mass invoice"),
    ("individual", "Individual invoice"),
    ("billing", "Final settlement"),
    ("excessive_wear", "Excessive wear"),
]
BILLING_METHODS = [
    ("customer", "One invoice per customer"),
    ("contract", "One invoice per contract"),
    ("vehicle", "One invoice per vehicle"),
    ("permission", "One invoice per permission"),
]
LINE_DETAILS = [
    ("contract", "One line per contract"),
    ("line", "One line per permission line"),
]
# what a mass run does with a group whose invoice would be owed to the customer
NEGATIVE_GROUPS = [
    ("credit", "Credit memo"),
    ("carry", "Carry forward"),
]
# why a line is not taken, the most telling reason first
REFUSALS = [
    ("reinvoiced", "Already re-invoiced"),
    ("draft_invoice", "On a draft invoice"),
    ("not_approved", "Permission not approved"),
    ("not_closed", "Permission not closed"),
    ("method", "Not for mass invoicing"),
    ("not_individual", "Not for individual invoicing"),
    ("no_bill", "Vendor bill not posted"),
    ("not_reinvoice", "Not to be re-invoiced"),
    ("no_reference", "Customer order number missing"),
    ("no_analytic", "Analytic account of the contract was deleted"),
    ("archived_tax", "Customer tax of the service is archived"),
    ("zero_amount", "Amount to re-invoice is zero"),
    ("zero_group", "The lines of the invoice add up to zero"),
    ("carried", "Carried forward: the group nets negative"),
    ("below_minimum", "Carried forward: below the minimum invoice amount"),
    ("busy", "Being invoiced by somebody else"),
]
