"""What the web client does after a button."""


def notify(message, kind="warning"):
    """Show ``message``, then read the view again."""
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "message": message,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }


def open_documents(moves):
    """Open bills and invoices: the form of one, the list of several."""
    return moves._get_records_action(
        name=moves.env._("Maintenance Invoices"),
        domain=[("id", "in", moves.ids)],
        context={},
    )


def open_list(records, title, **context):
    """Show records in a list, however few they are; core's own action would open the
    form of one."""
    return {
        "type": "ir.actions.act_window",
        "name": title,
        "res_model": records._name,
        "view_mode": "list,form",
        "domain": [("id", "in", records.ids)],
        "context": context,
    }
