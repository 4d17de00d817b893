from odoo import api, models
from odoo.exceptions import ValidationError

from ...tools.guards import get_context_defaults


class ServiceWorkOrderLine(models.Model):
    """Whether a program or a claim may bear a line."""

    _inherit = "service.work.order.line"

    @api.constrains("program_id", "claim_id", "cost_category", "order_id")
    def _check_coverage(self):
        errors = [error for line in self for error in line._get_coverage_errors()]
        if errors:
            raise ValidationError("\n".join(errors))

    def _get_coverage_errors(self):
        """Why the program or the claim of this line cannot bear it.

        :return: list of translated sentences
        """
        self.ensure_one()
        names = {"line": self.name, "order": self.order_id.name}
        errors = self._get_double_coverage_errors(self.program_id, self.claim_id)
        if self.claim_id and self.claim_id.work_order_id != self.order_id:
            errors.append(
                self.env._(
                    "%(order)s, “%(line)s”: claim %(claim)s belongs to another work "
                    "order. Choose a claim of this order.",
                    claim=self.claim_id.name,
                    **names,
                )
            )
        coverage = self.program_id or self.claim_id
        if coverage and self.cost_category not in coverage._get_covered_categories():
            categories = dict(
                self._fields["cost_category"]._description_selection(self.env)
            )
            errors.append(
                self.env._(
                    "%(order)s, “%(line)s”: %(coverage)s does not cover %(category)s. "
                    "Take it off the line or choose another one.",
                    coverage=coverage.display_name,
                    category=categories[self.cost_category],
                    **names,
                )
            )
        return errors

    def _get_double_coverage_errors(self, program, claim):
        """A line has a program or a claim, never both.

        :param program: ``service.program`` the line has or would get
        :param claim: ``service.insurance.claim`` the line has or would get
        :return: list of translated sentences
        """
        self.ensure_one()
        if not program or not claim:
            return []
        return [
            self.env._(
                "%(order)s, “%(line)s”: program “%(program)s” and claim %(claim)s "
                "cannot both bear the line. Take one of them off.",
                order=self.order_id.name,
                line=self.name or self.product_id.display_name,
                program=program.name,
                claim=claim.name,
            )
        ]

    @api.model
    def _check_coverage_at_creation(self, vals_list):
        """Coverage of lines that do not exist yet: the database would refuse them
        without naming them.

        :raise ValidationError: naming order and line of each
        """
        errors = []
        for vals in vals_list:
            given = get_context_defaults(self.env) | vals
            if given.get("program_id") and given.get("claim_id"):
                line = self.new(given)
                errors += line._get_double_coverage_errors(
                    line.program_id, line.claim_id
                )
        if errors:
            raise ValidationError("\n".join(errors))

    def _check_coverage_at_write(self, vals):
        """Coverage of lines that exist.

        :raise ValidationError: naming order and line of each
        """
        if not {"program_id", "claim_id"} & vals.keys():
            return
        program = self.env["service.program"].browse(vals.get("program_id") or [])
        claim = self.env["service.insurance.claim"].browse(vals.get("claim_id") or [])
        errors = []
        for line in self:
            errors += line._get_double_coverage_errors(
                program if "program_id" in vals else line.program_id,
                claim if "claim_id" in vals else line.claim_id,
            )
        if errors:
            raise ValidationError("\n".join(errors))
