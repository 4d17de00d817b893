from odoo import api, models

from ...tools.text_match import mentions


class MaintenancePermissionLine(models.Model):
    """Permission lines are found by number and plate, and give a bill's line what it
    takes over from them."""

    _inherit = "maintenance.permission.line"

    def _narrow_named(self, texts):
        """Lines of the permissions that ``texts`` name, the nearest text first.

        Each text narrows what the ones before it left open, and never adds to it."""
        found = self.browse()
        for text in filter(None, texts):
            narrower = (found or self)._filter_named(text)
            found = narrower or found
        return found

    def _filter_named(self, text):
        """Lines whose permission the text names: by number, else by plate."""
        by_permission = self.grouped("permission_id")
        for find in (self._get_permission_number, self._get_permission_plate):
            named = [p for p in by_permission if mentions(text, find(p))]
            if named:
                return self.filtered(lambda line, ps=named: line.permission_id in ps)
        return self.browse()

    def _filter_mentioned(self, text):
        """Lines whose permission the text names at all, by number or by plate: what a
        long bill does not name need not be looked for in each of its lines."""
        names = (self._get_permission_number, self._get_permission_plate)
        named = {
            permission
            for permission in self.permission_id
            if any(mentions(text, find(permission)) for find in names)
        }
        return self.filtered(lambda line: line.permission_id in named)

    @api.model
    def _get_permission_number(self, permission):
        return permission.name

    @api.model
    def _get_permission_plate(self, permission):
        return permission.vehicle_id.license_plate

    def _sum_match_price(self):
        """Net price that a bill or credit line would be recognised by."""
        return sum(
            line.amount_billed if line.bill_posted else line.purchase_price
            for line in self
        )

    def _prepare_match_vals(self):
        """Values of a bill line that charges this permission line. Account, taxes
        and price stay the garage's."""
        self.ensure_one()
        vals = {
            "maintenance_line_id": self.id,
            "maintenance_contract_id": self.contract_id.id,
            "vehicle_id": self.vehicle_id.id,
        }
        if self.contract_id.analytic_distribution:
            vals["analytic_distribution"] = self.contract_id.analytic_distribution
        return vals
