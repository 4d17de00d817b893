"""What the web client does after a button."""


def notify(message, kind="warning", **params):
    """Show ``message``, then read the view again.

    :param params: of the client's notification: what comes next instead, its title,
        whether it stays
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "message": message,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            **params,
        },
    }


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


def open_menu(env, xml_id, domain, **context):
    """Open what a menu opens, for the records of ``domain`` alone."""
    action = env["ir.actions.act_window"]._for_xml_id(xml_id)
    return {**action, "domain": domain, "context": context}


def open_records(records, xml_id, **context):
    """Open the form of one record, and what a menu opens for the others."""
    if len(records) == 1:
        return records._get_records_action(context={})
    return open_menu(records.env, xml_id, [("id", "in", records.ids)], **context)


def open_invoices(moves):
    """Open service invoices: the form of one, the list of several."""
    xml_id = "service_invoicing.account_move_action_all"
    return open_records(moves, xml_id, create=False)
