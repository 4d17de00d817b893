"""What stands in ``extra_tax_data`` of invoice lines, by us and by core."""

# the amount before tax that was agreed for the line
NET_KEY = "service_net"
# its quantity with all digits
PIECES_KEY = "service_pieces"
# core's: tax amounts that are not computed
MANUAL_KEY = "manual_tax_amounts"
# the agreed amount, and what it holds for
NET_KEYS = (
    NET_KEY,
    "included_tax_ids",
    "currency_id",
    "price_unit",
    "quantity",
    "discount",
)
# how the computation key of a line with a typed taxable amount begins
TAXABLE_KEY = "service_tcd_taxable,"
