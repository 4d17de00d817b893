"""How much is done at once."""

# invoices made together: more gains nothing and makes a failure dearer
BATCH_SIZE = 50
# lines invoiced together, but for a group that has more: what a server may take for one
# request, and how long the numbers of invoices are locked, depends on them
BATCH_LINES = 1000
# seconds a run may take in the user's request before the scheduler takes over
INLINE_SECONDS = 60
# lines that a user waits for; what is larger is done in the background from the start
INLINE_LINES = 200
