"""States that decide what may be done."""

# work orders that may be changed
EDITABLE_STATES = ("draft", "in_progress", "checking")
# work orders whose shares are agreed
BILLING_STATES = ("to_invoice", "invoiced")
# work orders that are begun, and of which somebody still has to be invoiced
WAITING_STATES = ("in_progress", "checking", "to_invoice")
# releases that are on no invoice yet
UNBILLED_STATES = ("fresh", "confirmed")
# agreements whose months are released, closed ones until their last day
RUNNING_STATES = ("open", "closed")
