from odoo import models

from ...tools.guards import raise_together


class ServiceDocumentMixin(models.AbstractModel):
    """A document with a number, a state and buttons that depend on it: work orders,
    releases and agreements."""

    _name = "service.document.mixin"
    _description = "Document with a State"

    def _check_state(self, states):
        """:raise UserError: naming every document that is in none of the states"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        raise_together(
            [
                self.env._(
                    "%(document)s is in state “%(state)s”: this cannot be done now.",
                    document=document.name,
                    state=labels[document.state],
                )
                for document in self
                if document.state not in states
            ]
        )

    def _ask_reason(self, method, title):
        return self.env["service.reason.wizard"]._open(self, method, title)
