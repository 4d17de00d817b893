from odoo import api, models


class MaintenanceAttachmentReport(models.AbstractModel):
    _name = "report.maintenance_reinvoice.report_attachment"
    _description = "Attachment of a Maintenance Invoice"

    @api.model
    def _get_report_values(self, docids, data=None):
        moves = self.env["account.move"].browse(docids or (data or {}).get("ids", []))
        moves.check_access("read")
        return {
            "doc_ids": moves.ids,
            "doc_model": "account.move",
            "docs": moves,
            "get_contracts": self._get_contracts,
        }

    @api.model
    def _get_contracts(self, move):
        """The rows of an invoice by contract, with the sum of each contract."""
        # who may read the invoice may read what it charges
        move = move.sudo()
        rows = move.maintenance_row_ids | move.maintenance_credited_row_ids
        rows = rows.sorted(
            lambda r: (r.contract_id.name, r.permission_id.date, r.permission_id.name)
        )
        return [
            {
                "contract": contract,
                "rows": group,
                "total": sum(group.mapped("amount")),
            }
            for contract, group in rows.grouped("contract_id").items()
        ]
