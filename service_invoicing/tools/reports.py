"""Prints that are told by their name."""

# of invoices, for who may read their work orders and has no right on Invoicing
ORDER_INVOICE_REPORT = "service_invoicing.report_order_invoice"
