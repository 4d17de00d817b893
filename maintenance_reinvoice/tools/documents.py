"""What is printed with an invoice, and where it is kept."""

ATTACHMENT_REPORT = "maintenance_reinvoice.report_attachment"
ATTACHMENT_FIELD = "maintenance_attachment_file"
# documents of an invoice, in the order they are printed, and where they are kept
DOCUMENTS = {
    "invoice": "invoice_pdf_report_id",
    "attachment": "maintenance_attachment_id",
}
