from odoo import models


class ServiceLifeCycle(models.AbstractModel):
    """What is too much for a request is billed in the background."""

    _inherit = "service.life.cycle"

    def _bill_in_background(self, kind, documents, **vals):
        runs = self.env["service.billing.run"]
        action = runs._take_over(kind, documents, **vals)
        return action or super()._bill_in_background(kind, documents, **vals)
