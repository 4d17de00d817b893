from odoo import Command

from .common import MaintenanceCommon


class MaintenanceBillCommon(MaintenanceCommon):
    """Two approved permissions of one garage, and bills that it sends by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 100.0}]
        )
        cls.permission_b = cls._create_permission(
            cls.vehicle_b,
            [
                {"purchase_price": 60.0, "name": "Brakes"},
                {"purchase_price": 40.0, "name": "Tyres"},
            ],
        )
        cls.line_a = cls.permission_a.line_ids
        cls.brakes, cls.tyres = cls.permission_b.line_ids

    @classmethod
    def _create_vendor_bill(cls, *lines, **vals):
        """A typed draft; ``lines``: pairs of text and net price, or headings."""
        return cls.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": cls.garage.id,
                "ref": "G-100",
                "invoice_date": "2026-10-10",
                "invoice_line_ids": [
                    Command.create(
                        {"display_type": "line_section", "name": line}
                        if isinstance(line, str)
                        else {
                            "name": line[0],
                            "price_unit": line[1],
                            "tax_ids": [Command.set(cls.purchase_tax.ids)],
                        }
                    )
                    for line in lines
                ],
                **vals,
            }
        )

    def _get_proposed(self, bill):
        """``[(text of the bill line, permission lines)]`` of the proposal."""
        return [
            (bill_line.name, lines)
            for bill_line, (_found, lines) in bill._get_match_proposal().items()
        ]

    def _match_proposal(self, bill):
        action = bill.action_maintenance_match()
        dialog = self.env[action["res_model"]].with_context(**action["context"])
        return dialog.create({}).action_confirm()
