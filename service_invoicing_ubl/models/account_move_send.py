from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    """Files that belong to a document of ours travel within it, in every format.

    Relies on core for ``ubl_cii_xml_options`` (``builder``, ``ubl_cii_format``) and
    ``ubl_cii_xml_attachment_values`` (``raw``) of an invoice's data, which
    ``_hook_invoice_document_before_pdf_report_render`` puts there, and for
    ``_postprocess_invoice_ubl_xml``, which embeds the print and is not called for
    Factur-X, where the print is the document, nor for a document printed before.
    """

    _inherit = "account.move.send"

    @api.model
    def _generate_invoice_documents(self, invoices_data, allow_fallback_pdf=False):
        """What is embedded is made before, for all documents together."""
        sent = {
            move: data
            for move, data in invoices_data.items()
            if self.env["service.einvoice"]._has_facts(move)
            and move._need_ubl_cii_xml(data.get("invoice_edi_format"))
        }
        if sent:
            self._make_einvoice_attachments(sent)
        return super()._generate_invoice_documents(
            invoices_data, allow_fallback_pdf=allow_fallback_pdf
        )

    @api.model
    def _make_einvoice_attachments(self, invoices_data):
        """Make the files that documents, about to become electronic, have embedded.

        :param dict invoices_data: documents of ours and core's data of each; where a
            file cannot be made, its ``error`` is set
        """

    @api.model
    def _hook_invoice_document_before_pdf_report_render(self, invoice, invoice_data):
        res = super()._hook_invoice_document_before_pdf_report_render(
            invoice, invoice_data
        )
        options = invoice_data.get("ubl_cii_xml_options", {})
        is_facturx = options.get("ubl_cii_format") == "facturx"
        if is_facturx or options and invoice.invoice_pdf_report_id:
            self._embed_einvoice_attachments(invoice, invoice_data)
        return res

    @api.model
    def _postprocess_invoice_ubl_xml(self, invoice, invoice_data):
        res = super()._postprocess_invoice_ubl_xml(invoice, invoice_data)
        self._embed_einvoice_attachments(invoice, invoice_data)
        return res

    @api.model
    def _embed_einvoice_attachments(self, invoice, invoice_data):
        facts = self.env["service.einvoice"]
        files = facts._has_facts(invoice) and facts._get_attachments(invoice)
        if files:
            document = invoice_data["ubl_cii_xml_attachment_values"]
            builder = invoice_data["ubl_cii_xml_options"]["builder"]
            document["raw"] = builder._embed_service_files(
                invoice, document["raw"], files
            )
