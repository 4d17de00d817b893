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


def select_cost_categories(model):
    """Selection of what nobody types: the categories of products, those of other
    add-ons among them.

    :return: list of pairs of key and label in the user's language
    """
    field = model.env["product.template"]._fields["service_cost_category"]
    return field._description_selection(model.env)
