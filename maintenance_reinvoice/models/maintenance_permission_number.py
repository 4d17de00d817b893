from odoo import api, models

from odoo.addons.service_invoicing.tools.numbers import take_number


class MaintenancePermission(models.Model):
    """Numbers come from the service type's series, else from the general one."""

    _inherit = "maintenance.permission"

    @api.model
    def _get_next_number(self, vals):
        """Number of a new permission with the values ``vals``."""
        default_id = self.env.context.get("default_company_id")
        company = vals.get("company_id") or default_id or self.env.company.id
        sequence = self._get_service_type(vals).with_company(company)
        sequence = sequence.maintenance_sequence_id
        if sequence:
            return sequence.next_by_id()
        company = self.env["res.company"].browse(company)
        return take_number(self.env, self._name, company)

    @api.model
    def _get_service_type(self, vals):
        """The service type that ``vals`` or the caller's context give."""
        default_id = self.env.context.get("default_service_type_id")
        type_id = vals.get("service_type_id", default_id)
        return self.env["fleet.service.type"].browse(type_id or ())
