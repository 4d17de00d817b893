from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MaintenancePermission(models.Model):
    """One reading in the vehicle's odometer history per permission, corrected with
    it. The history is ours to write: the permission's user needs no Fleet right."""

    _inherit = "maintenance.permission"

    odometer_id = fields.Many2one(
        "fleet.vehicle.odometer",
        string="Odometer reading",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="This permission's reading in the vehicle's odometer history.",
    )
    odometer_warning = fields.Char(compute="_compute_odometer_warning")
    odometer_count = fields.Integer(compute="_compute_odometer_count")

    @api.depends("odometer", "date", "vehicle_id", "odometer_id")
    def _compute_odometer_warning(self):
        """Warn of a reading below an earlier one: it may be right (a new instrument)
        but is mostly a slip."""
        history = self._get_odometer_history().grouped("vehicle_id")
        for permission in self:
            readings = history.get(permission.vehicle_id)
            earlier = permission._get_earlier_reading(readings) or False
            permission.odometer_warning = earlier and permission._warn_of(earlier)

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
        history = self._get_odometer_history().grouped("vehicle_id")
        for permission in self:
            permission.odometer_count = len(history.get(permission.vehicle_id, ()))

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

    def _get_odometer_history(self):
        """Readings of the permissions' vehicles, whoever entered them."""
        readings = self.env["fleet.vehicle.odometer"].sudo()
        return readings.search([("vehicle_id", "in", self.vehicle_id.ids)])

    def _get_earlier_reading(self, readings):
        """The highest of ``readings`` before the permission's date that is above its
        own; empty when there is none."""
        self.ensure_one()
        empty = self.env["fleet.vehicle.odometer"]
        if not self.odometer or not self.date or not readings:
            return empty
        own = self.odometer_id
        return readings.filtered(
            lambda r: r != own
            and r.date
            and r.date <= self.date
            and r.value > self.odometer
        ).sorted("value")[-1:]

    def unlink(self):
        readings = self.sudo().odometer_id
        result = super().unlink()
        readings.unlink()
        return result

    def _update_odometer_reading(self):
        """Correct the permissions' readings, add those that are missing and take away
        those that were a slip."""
        permissions = self.sudo()
        permissions.filtered(lambda p: not p.odometer).odometer_id.unlink()
        for permission in permissions.filtered("odometer_id"):
            permission.odometer_id.write(permission._prepare_odometer_vals())
        missing = permissions.filtered(lambda p: p.odometer and not p.odometer_id)
        readings = self.env["fleet.vehicle.odometer"].sudo()
        readings = readings.create([p._prepare_odometer_vals() for p in missing])
        for permission, reading in zip(missing, readings, strict=True):
            permission.odometer_id = reading

    def _prepare_odometer_vals(self):
        """Values of the permission's reading in the vehicle's history."""
        self.ensure_one()
        return {
            "vehicle_id": self.vehicle_id.id,
            "value": self.odometer,
            "date": self.date,
        }

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
