"""The kinds of invoice of service billing."""

# what the shares of a work order are billed with, in the order of billing
INVOICE_TYPES = [
    ("service", "Service Invoice"),
    ("program", "Program Invoice"),
    ("insurance", "Insurance Invoice"),
]
# what is asked for before anything is billed
PREPAYMENT = "prepayment"
DIRECT_PREPAYMENT = "direct_prepayment"
PREPAYMENT_TYPES = [
    (PREPAYMENT, "Prepayment Invoice"),
    (DIRECT_PREPAYMENT, "Direct Prepayment Invoice"),
]
PREPAYMENT_KEYS = [key for key, __ in PREPAYMENT_TYPES]
# statuses in which a document is saved, saved and authorized, or deleted
TO_AUTHORIZE = ("draft", "fresh", "returned")
DOCUMENT_TYPES = [*INVOICE_TYPES, *PREPAYMENT_TYPES]


def select_share_types(model):
    """Selection of what nobody types: what shares are billed with, by other add-ons,
    too.

    :return: list of pairs of key and label in the user's language
    """
    Move = model.env["account.move"]
    field = Move._fields["service_invoice_type"]
    labels = dict(field._description_selection(model.env))
    return [(key, labels[key]) for key in Move._get_share_types()]
