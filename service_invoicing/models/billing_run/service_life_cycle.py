from odoo import models


class ServiceLifeCycle(models.AbstractModel):
    """What is too much for a request is billed in the background."""

    _inherit = "service.life.cycle"

    def _bill_many(self, jobs, kind, together):
        """With many documents: open the run that bills them."""
        run = self.env["service.billing.run"]
        if run._is_large(sum(len(job.documents) for job in jobs)):
            return run._begin_jobs(kind, jobs)
        return super()._bill_many(jobs, kind, together)
