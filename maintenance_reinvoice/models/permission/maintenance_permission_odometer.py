from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MaintenancePermission(models.Model):
    """What a permission's reading has to do with the others of its vehicle."""

    _inherit = "maintenance.permission"

    odometer_warning = fields.Char(compute="_compute_odometer_warning")
    odometer_count = fields.Integer(compute="_compute_odometer_count")

    @api.depends("odometer", "date", "vehicle_id", "odometer_id")
    def _compute_odometer_warning(self):
        """Warn of a reading below an earlier one: it may be right (a new instrument)
        but is mostly a slip."""
        history = self._get_odometer_history()
        for permission in self:
            earlier = permission._get_earlier_reading(history)
            lower = 0 < permission.odometer < earlier.value
            permission.odometer_warning = lower and permission._warn_of(earlier)

    def _warn_of(self, earlier):
        dates = self.env["ir.qweb.field.date"]
        return self.env._(
            "The reading %(value).0f is lower than %(earlier).0f on %(date)s.",
            value=self.odometer,
            earlier=earlier.value,
            date=dates.value_to_html(earlier.date, {}),
        )

    @api.depends("vehicle_id", "odometer_id")
    def _compute_odometer_count(self):
        history = self._get_odometer_history()
        for permission in self:
            vehicle = permission.vehicle_id._origin
            permission.odometer_count = len(history.get(vehicle, ()))

    @api.constrains("odometer")
    def _check_odometer(self):
        negative = self.filtered(lambda p: p.odometer < 0)
        if negative:
            raise ValidationError(
                self.env._(
                    "An odometer reading cannot be negative: %s",
                    ", ".join(negative.mapped("name")),
                )
            )

    def action_view_odometer(self):
        """The odometer history of the permissions' vehicles."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Odometer History"),
            "res_model": "fleet.vehicle.odometer",
            "view_mode": "list",
            "domain": [("vehicle_id", "in", self.vehicle_id.ids)],
            "context": {"create": False, "edit": False, "delete": False},
        }
