"""States of permissions, and what they mean for billing."""

STATES = [
    ("preparation", "Preparation"),
    ("to_approve", "To Approve"),
    ("approved", "Approved"),
    ("closed", "Closed"),
    ("reinvoiced", "Re-invoiced"),
    ("rejected", "Rejected"),
    ("cancelled", "Cancelled"),
]
# what is approved may be billed
APPROVED_STATES = ("approved", "closed", "reinvoiced")
# whose bills are complete: more is only sold, and not by the next run
COMPLETE_STATES = ("closed", "reinvoiced")
