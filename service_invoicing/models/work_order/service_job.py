from odoo import Command, fields, models


class ServiceJob(models.Model):
    """Labour and parts that belong together, put on a work order in one go."""

    _name = "service.job"
    _description = "Service Job"
    _order = "sequence, name, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    vehicle_model_ids = fields.Many2many(
        "fleet.vehicle.model",
        string="Vehicle Models",
        context={"active_test": False},
        ondelete="restrict",
        help="The job is offered for vehicles of these models; empty: for all.",
    )
    line_ids = fields.One2many("service.job.line", "job_id", copy=True)

    def _prepare_order_lines(self, sequence):
        """What the job puts on a work order.

        :param int sequence: of the lines, which stay in the order of the job
        :return: list of commands for lines of work orders
        """
        return [
            Command.create(line._prepare_order_line_vals() | {"sequence": sequence})
            for line in self.line_ids
        ]
