from odoo import api, models


class MaintenanceAttachmentReport(models.AbstractModel):
    """What the list of permissions of an invoice prints."""

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
            "get_reference": self._get_reference,
        }

    @api.model
    def _get_contracts(self, move):
        """The rows of an invoice by contract and vehicle, with the sums of both.

        :return: list of dict: ``contract``, its order number ``reference``,
            ``vehicles`` (see ``_group_by_vehicle``) and ``total`` before tax
        """
        # who may read the invoice may read what it charges
        move = move.sudo()
        rows = move.maintenance_row_ids | move.maintenance_credited_row_ids
        rows = rows.sorted(self._get_sort_key)
        head = self._get_reference(move)
        return [
            {
                "contract": contract,
                "reference": self._tell(contract.customer_reference, head),
                "vehicles": self._group_by_vehicle(group, head),
                "total": sum(group.mapped("amount")),
            }
            for contract, group in rows.grouped("contract_id").items()
        ]

    @api.model
    def _get_sort_key(self, row):
        permission = row.permission_id
        plate = permission.vehicle_id.license_plate or ""
        return (row.contract_id.name, plate, permission.date, permission.name)

    @api.model
    def _get_reference(self, move):
        """The customer's order number in the head of the document: where it is the
        only one; of several each stands with what it is of.

        :return: text, empty for credit memos
        """
        # who may read the invoice may read what it charges
        move = move.sudo()
        permissions = move.maintenance_row_ids.permission_id
        numbers = {p._get_customer_reference() for p in permissions}
        is_one = move.move_type != "out_refund" and len(numbers) < 2
        return is_one and move.ref or ""

    @api.model
    def _tell(self, reference, *told):
        """An order number that was not printed yet."""
        reference = (reference or "").strip()
        return "" if reference in told else reference

    @api.model
    def _group_by_vehicle(self, rows, head):
        """The rows of a contract by vehicle.

        :param str head: the order number that the document names
        :return: list of dict: ``vehicle``, ``rows`` (see ``_prepare_rows``), ``total``
            before tax, and whether it ``shows_total``: one row is its own
        """
        return [
            {
                "vehicle": vehicle,
                "rows": self._prepare_rows(group, head),
                "total": sum(group.mapped("amount")),
                "shows_total": len(group) > 1,
            }
            for vehicle, group in rows.grouped(
                lambda row: row.permission_id.vehicle_id
            ).items()
        ]

    @api.model
    def _prepare_rows(self, rows, head):
        """Rows of a vehicle; what is of a permission is said in its first row.

        :return: list of dict: ``row``, ``odometer`` and ``reference`` (the order number
            that neither document nor contract names)
        """
        prepared = []
        named = rows.permission_id.browse()
        for row in rows:
            permission = row.permission_id - named
            contract = (permission.contract_id.customer_reference or "").strip()
            number = permission and permission._get_customer_reference()
            prepared.append(
                {
                    "row": row,
                    "odometer": permission.vehicle_id._format_odometer(
                        permission.odometer
                    ),
                    "reference": self._tell(number, head, contract),
                }
            )
            named |= permission
        return prepared
