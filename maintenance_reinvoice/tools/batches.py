"""How much is done at once."""

# invoices made together: more gains nothing and makes a failure dearer
BATCH_SIZE = 50
# seconds a run may take in the user's request before the scheduler takes over
INLINE_SECONDS = 60
