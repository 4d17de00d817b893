from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import expects, parse_id
from ...tools.states import EDITABLE_STATES


class ServiceWorkOrder(models.Model):
    """Jobs that are put on the order: chosen in the form, or added by their id."""

    _inherit = "service.work.order"

    vehicle_model_id = fields.Many2one(related="vehicle_id.model_id")
    job_id = fields.Many2one(
        "service.job",
        string="Add Job",
        store=False,
        check_company=True,
        domain="[('vehicle_model_ids', 'in', [False, vehicle_model_id])]",
        help="Adds the labour and parts of the job to the lines.",
    )

    @api.onchange("job_id")
    def _onchange_job_id(self):
        if self.job_id:
            self.line_ids = self._prepare_job_lines(self.job_id)
            self.job_id = False

    def _prepare_job_lines(self, job):
        """Commands that put a job behind the lines there are, in the customer's
        language."""
        last = max(self.line_ids.mapped("sequence"), default=0)
        job = job.with_context(lang=self.partner_id.lang or self.env.lang)
        return job._prepare_order_lines(last + 1)

    @expects(one=True, job_id=parse_id("service.job"))
    def action_add_job(self, job_id):
        """Put the labour and parts of a job on the order.

        :param int job_id: a job of the order's company
        :raise UserError: when the order is checked already, or the job is another
            company's
        """
        self.check_access("write")
        self._check_state(EDITABLE_STATES)
        job = self.env["service.job"].browse(job_id)
        job.check_access("read")
        if job != job.filtered_domain(job._check_company_domain(self.company_id)):
            raise UserError(
                self.env._(
                    "Job %(job)s belongs to %(company)s and cannot be put on "
                    "%(order)s.",
                    job=job.name,
                    company=job.company_id.name,
                    order=self.name,
                )
            )
        self.line_ids = self._prepare_job_lines(job)
        return True
