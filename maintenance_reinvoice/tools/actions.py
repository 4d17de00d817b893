"""What the web client does after a button."""


def open_documents(moves):
    """Open bills and invoices: the form of one, the list of several."""
    return moves._get_records_action(
        name=moves.env._("Maintenance Invoices"),
        domain=[("id", "in", moves.ids)],
        context={},
    )
