"""The seven cost categories of a service invoice, in the order of its summary."""

MATERIAL = "material"
ADDITIONAL_CHARGE = "additional_charge"

COST_CATEGORIES = [
    (MATERIAL, "Material"),
    ("labour", "Labour"),
    ("other_resource", "Other Resources"),
    ("external_repair", "External Repair"),
    ("external_service", "External Services"),
    ("fixed_price", "Fixed Price"),
    (ADDITIONAL_CHARGE, "Additional Charges"),
]
COST_CATEGORY_KEYS = [key for key, __ in COST_CATEGORIES]
