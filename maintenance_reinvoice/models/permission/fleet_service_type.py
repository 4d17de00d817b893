from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ...tools.groups import MANAGER

SEQUENCE_CODE = "maintenance.permission.type"


class FleetServiceType(models.Model):
    """Permissions of a service type may have numbers of their own."""

    _inherit = "fleet.service.type"

    maintenance_sequence_id = fields.Many2one(
        "ir.sequence",
        string="Permission Number Series",
        company_dependent=True,
        check_company=True,
        help="Numbers new maintenance permissions of this service type, in the present "
        "company. Empty: the general series.",
    )

    @api.constrains("maintenance_sequence_id")
    def _check_maintenance_sequence(self):
        """A series of this company that gives no number of another series."""
        errors = [
            error
            for service_type in self.filtered("maintenance_sequence_id")
            for error in service_type._get_sequence_errors()
        ]
        if errors:
            raise ValidationError("\n".join(errors))

    def _get_sequence_errors(self):
        """Sentences about what is wrong with the chosen series."""
        self.ensure_one()
        errors, sequence = [], self.maintenance_sequence_id
        if sequence.company_id not in (self.env["res.company"], self.env.company):
            errors.append(
                self.env._(
                    "%(type)s: number series %(series)s belongs to company "
                    "%(company)s. Choose another one.",
                    type=self.name,
                    series=sequence.name,
                    company=sequence.company_id.name,
                )
            )
        errors += [
            self.env._(
                "%(type)s: number series %(series)s begins its numbers like %(other)s, "
                "so that two permissions would get one number. Give it another prefix.",
                type=self.name,
                series=sequence.name,
                other=other.name,
            )
            for other in self._get_permission_sequences() - sequence
            if (other.prefix, other.suffix) == (sequence.prefix, sequence.suffix)
        ]
        return errors

    @api.model
    def _get_permission_sequences(self):
        """Every series that numbers permissions of the present company."""
        types = self.search([("maintenance_sequence_id", "!=", False)])
        general = self.env["ir.sequence"].search(
            [
                ("code", "=", "maintenance.permission"),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )
        return types.maintenance_sequence_id | general

    @expects()
    def action_create_maintenance_sequence(self):
        """Make a number series for permissions of each service type that has none."""
        refuse_without_group(self.env, MANAGER)
        self.check_access("write")
        existing = self.filtered("maintenance_sequence_id")
        if existing:
            raise UserError(
                self.env._(
                    "These service types have a number series already: %s",
                    ", ".join(existing.mapped("name")),
                )
            )
        for service_type in self:
            # series are the administrator's, but this one numbers our documents only
            sequences = self.env["ir.sequence"].sudo()
            vals = service_type._prepare_maintenance_sequence_vals()
            service_type.maintenance_sequence_id = sequences.create(vals).sudo(False)
        return True

    def _prepare_maintenance_sequence_vals(self):
        """Values of the number series: ``MP-`` and the first letters of the name."""
        self.ensure_one()
        return {
            "name": self.env._("Maintenance permissions: %s", self.name),
            "code": SEQUENCE_CODE,
            "prefix": self._get_free_prefix(),
            "padding": 5,
            "company_id": self.env.company.id,
        }

    def _get_free_prefix(self):
        """The shortest prefix of the name's letters, three at least, that no other
        series of permissions has."""
        used = set(self._get_permission_sequences().mapped("prefix"))
        letters = "".join(c for c in self.name.upper() if c.isalnum()) or "X"
        words = [letters[:length] for length in range(3, len(letters) + 1)]
        for word in [*words, f"{letters}{self.id}"]:
            prefix = f"MP-{word}/%(year)s/"
            if prefix not in used:
                break
        return prefix
