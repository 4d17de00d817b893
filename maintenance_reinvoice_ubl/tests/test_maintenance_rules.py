from odoo.tests import tagged

from odoo.addons.service_invoicing_ubl.tests.common_rules import RulesCommon

from .common import MaintenanceEinvoiceCommon


@tagged("post_install", "-at_install")
class TestMaintenanceRules(RulesCommon, MaintenanceEinvoiceCommon):
    """All kinds of documents of re-invoicing."""

    # a credit note that a run nets to takes back no invoice
    gaps = {"negative group": {"BR-FR-CO-05_BT-3"}}

    @classmethod
    def _make_documents(cls):
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        cls.payers, cls.plain_tax = cls.customer, cls.sale_tax
        cls.exempt_tax = cls._create_tax(
            0.0,
            "sale",
            ubl_cii_tax_category_code="E",
            ubl_cii_tax_exemption_reason_code="VATEX-EU-132",
        )
        collective = cls._run_collective()
        return cls._attach(
            {
                "collective invoice": collective,
                "credit of a row": cls._cancel(collective.maintenance_row_ids[:1]),
            }
        )

    @classmethod
    def _make_other_documents(cls):
        credited = cls._run_collective()
        permission = cls._create_permission(
            cls.vehicle_a,
            [{"purchase_price": 400.0, "reinvoice_method": "individual"}],
            odometer=2000,
        )
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        negative = cls._run_negative()
        _invoice, given_back = cls._run_negative_after_invoice()
        return cls._attach(
            {
                "credit of a collective invoice": cls._cancel(
                    credited.maintenance_row_ids
                ),
                "individual invoice": permission.line_ids.sale_invoice_id,
                "negative group": negative,
                "negative group of invoiced work": given_back,
                "invoice that takes back a negative group": cls._cancel(
                    negative.maintenance_row_ids
                ),
                **cls._make_detailed(),
            }
        )

    @classmethod
    def _make_detailed(cls):
        """With a line per permission line; one is a compensation."""
        cls.customer.maintenance_line_detail = "line"
        detailed, credited = cls._run_detailed(), cls._run_detailed()
        rows = detailed.maintenance_row_ids
        return {
            "line per permission line": detailed,
            "credit of one of the lines": cls._cancel(
                rows.filtered(lambda row: row.amount == 100.0)
            ),
            "credit of all lines": cls._cancel(credited.maintenance_row_ids),
        }

    @classmethod
    def _attach(cls, documents):
        """Make the lists of permissions, which travel within the documents."""
        moves = cls.env["account.move"].union(*documents.values())
        cls.env["maintenance.attachment"]._ensure_files(moves)
        return documents

    def test_no_document_violates_more_than_those_of_core(self):
        self.assertRulesKept()
