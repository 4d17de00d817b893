from odoo import api, models

# whose bills are complete: more is only sold, and not by the next run
COMPLETE_STATES = ("closed", "reinvoiced")
EXTRA_VALS = {"reinvoice": True, "reinvoice_method": "individual"}


class MaintenancePermissionLine(models.Model):
    """A line added after closing is there to be re-invoiced by itself."""

    _inherit = "maintenance.permission.line"

    @api.model
    def default_get(self, fields):
        vals = super().default_get(fields)
        permission = self._get_given_permission(
            {"permission_id": self.env.context.get("default_permission_id")}
        )
        if permission.state in COMPLETE_STATES:
            vals |= {name: EXTRA_VALS[name] for name in EXTRA_VALS if name in fields}
        return vals

    @api.onchange("permission_id")
    def _onchange_permission_id(self):
        if not self._origin and self.permission_id.state in COMPLETE_STATES:
            self.update(EXTRA_VALS)

    @api.model
    def _propose_extra(self, vals):
        """Complete the values of a line that is added after closing; one that is
        charged in another way is ticked by whoever adds it."""
        method = EXTRA_VALS["reinvoice_method"]
        if vals.setdefault("reinvoice_method", method) == method:
            vals.setdefault("reinvoice", EXTRA_VALS["reinvoice"])
