from odoo import models


class ServiceLifeCycle(models.AbstractModel):
    """What is too much for a request is billed in the background."""

    _inherit = "service.life.cycle"

    def _bill_in_background(self, kind, documents, **vals):
        return self.env["service.billing.run"]._take_over(kind, documents, **vals)
