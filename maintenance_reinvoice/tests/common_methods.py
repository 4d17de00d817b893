from .common import MaintenanceCommon


class MethodsCommon(MaintenanceCommon):
    """Lines that are charged at once, at the settlement, or not at all."""

    @classmethod
    def _create_lines(cls, *prices, vehicle=None, method="billing", **vals):
        lines = [
            {"purchase_price": price, "reinvoice_method": method, **vals}
            for price in prices
        ]
        permission = cls._create_permission(vehicle or cls.vehicle_a, lines)
        return permission.line_ids

    def _get_posted(self, question):
        """The invoices behind the question "open them?"."""
        return self.env[question["res_model"]].browse(question["res_id"]).invoice_ids

    def _settle(self, contracts, **vals):
        question = contracts.action_settle(posting_date="2026-10-31", **vals)
        return self._get_posted(question)

    def _reinvoice(self, lines):
        return self._get_posted(lines.action_reinvoice(posting_date="2026-10-31"))

    def _credit(self, lines, **vals):
        invoice = lines.sale_invoice_id
        action = invoice.action_maintenance_cancel(
            row_ids=lines.row_ids.filtered("live").ids,
            posting_date="2026-11-02",
            **vals,
        )
        return self.env["account.move"].browse(action["res_id"])
