from odoo import models


class ServiceLifeCycle(models.AbstractModel):
    """What is too much for a request is billed in the background."""

    _inherit = "service.life.cycle"

    def _bill_each(self, jobs, title=None, kind=None, together=None):
        """With many documents: open the run that bills them in the background."""
        run = self.env["service.billing.run"]
        if kind and run._is_large(sum(len(job.documents) for job in jobs)):
            return run._begin_jobs(kind, jobs)
        return super()._bill_each(jobs, title, kind, together)
