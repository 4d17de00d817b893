"""The table of the design: what the buttons do, in which status and for whom."""

from typing import NamedTuple

from odoo.exceptions import AccessError, UserError

STATUSES = (
    "draft",
    "fresh",
    "returned",
    "authorized",
    "partially_adjusted",
    "adjusted",
    "reversed",
    "deleted",
)
AUTHORISERS = ("authorizer", "manager")
CLERKS = ("billing", *AUTHORISERS)
# core's rights on Invoicing, without one of ours
ACCOUNTANTS = ("invoicing", "administrator", *CLERKS)
ROLES = ("advisor", *ACCOUNTANTS)
REASON = {"reason": "Because"}


CREDITABLE = ("authorized", "partially_adjusted", "adjusted")


class Door(NamedTuple):
    """A way to change an invoice.

    ``roles``: who may use it; for all others it ends with an AccessError.
    ``results``: status before → status after; in every other status they get a
    UserError. ``by_role``: the same for a role with results of its own.
    """

    method: str
    roles: tuple
    results: dict
    args: tuple = ()
    kwargs: dict = {}
    by_role: dict = {}

    def expect(self, role, status):
        """Status after, or the class of the error."""
        if role not in self.roles:
            return AccessError
        return self.by_role.get(role, self.results).get(status, UserError)


BUTTONS = {
    "save": Door(
        "action_service_save",
        CLERKS,
        {"draft": "fresh", "fresh": "fresh", "returned": "fresh"},
    ),
    "authorize": Door(
        "action_service_authorize",
        AUTHORISERS,
        dict.fromkeys(("draft", "fresh", "returned"), "authorized"),
    ),
    # the draft of the table was never saved
    "return": Door(
        "action_service_return",
        CLERKS,
        {"fresh": "returned"},
        kwargs=REASON,
    ),
    "delete": Door(
        "action_service_delete",
        CLERKS,
        {"draft": "deleted", "fresh": "deleted", "returned": "deleted"},
        kwargs=REASON,
    ),
    "hold": Door(
        "action_service_hold",
        CLERKS,
        {"authorized": "authorized", "partially_adjusted": "partially_adjusted"},
        kwargs=REASON,
    ),
    "credit": Door(
        "action_service_credit",
        CLERKS,
        # a whole credit memo undoes the adjustments that are in its way
        dict.fromkeys(CREDITABLE, "reversed"),
        kwargs=REASON,
        # a clerk's credit memo waits for its authorization
        by_role={"billing": {status: status for status in CREDITABLE}},
    ),
    # without credits it opens the dialog
    "adjust": Door(
        "action_service_adjust",
        CLERKS,
        {"authorized": "authorized", "partially_adjusted": "partially_adjusted"},
    ),
    # nobody has paid in advance here
    "deduct": Door("action_service_deduct", CLERKS, {}),
    # nothing is on hold here
    "release hold": Door("action_service_release_hold", CLERKS, {}),
    "reset": Door("button_draft", AUTHORISERS, {"authorized": "returned"}),
}
# Core's own doors: the same answers below them
DOORS = {
    "post": Door("action_post", AUTHORISERS, {"fresh": "authorized"}),
    "cancel": Door("button_cancel", ACCOUNTANTS, {}),
    # what never had a document number leaves no gap; “none” is no invoice any more
    "unlink": Door("unlink", ACCOUNTANTS, {"draft": "none"}),
    "write posted": Door(
        "write",
        AUTHORISERS,
        {
            "fresh": "authorized",
            # writing the state a document has changes nothing, here and below
            "authorized": "authorized",
            "partially_adjusted": "partially_adjusted",
            "adjusted": "adjusted",
            "reversed": "reversed",
        },
        args=({"state": "posted"},),
    ),
    "write draft": Door(
        "write",
        AUTHORISERS,
        {
            "draft": "draft",
            "fresh": "fresh",
            "returned": "returned",
            "authorized": "returned",
        },
        args=({"state": "draft"},),
    ),
    "write cancel": Door(
        "write",
        ACCOUNTANTS,
        {"deleted": "deleted"},
        args=({"state": "cancel"},),
    ),
}
# Buttons on the pages of the form: the header does not show them
DOORS["add releases"] = Door(
    "action_service_add_releases",
    CLERKS,
    {status: status for status in ("draft", "fresh", "returned")},
)
# Buttons of core's form that a service invoice never shows
HIDDEN = ("action_post", "button_cancel")
# The list shows buttons by role alone: the status is told by the answer
LIST_BUTTONS = {
    "action_service_save": CLERKS,
    "action_service_authorize": AUTHORISERS,
    "action_service_return": CLERKS,
    "action_service_delete": CLERKS,
    "action_service_credit": CLERKS,
}
