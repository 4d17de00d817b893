from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.arguments import expects
from ...tools.invoice_type import select_share_types
from ...tools.states import UNBILLED_STATES


class ServiceReleaseReport(models.Model):
    """What was released for billing and is on no invoice yet, by age."""

    _name = "service.release.report"
    _description = "Unbilled Release"
    _inherit = ["service.age.mixin"]
    _auto = False
    _source_table = "service_release"
    _rec_name = "release_id"
    _order = "reference_date, id"

    release_id = fields.Many2one("service.release", string="Release", readonly=True)
    release_type = fields.Selection(
        selection=lambda self: self._get_release_selection("release_type"),
        readonly=True,
    )
    state = fields.Selection(
        selection=lambda self: self._get_release_selection("state"),
        string="Status",
        readonly=True,
    )
    invoice_type = fields.Selection(
        selection=select_share_types, string="Billed With", readonly=True
    )
    work_order_id = fields.Many2one("service.work.order", readonly=True)
    agreement_id = fields.Many2one("service.agreement", readonly=True)
    period_from = fields.Date(string="Period", readonly=True)
    partner_id = fields.Many2one(string="Bill To")
    reference_date = fields.Date(string="Released On")
    amount = fields.Monetary(
        string="Not Billed",
        help="Before tax, in the company's currency at today's rate.",
    )

    _depends = {
        "service.release": [
            "partner_id",
            "company_id",
            "currency_id",
            "release_type",
            "state",
            "invoice_type",
            "work_order_id",
            "agreement_id",
            "period_from",
            "date",
            "amount_untaxed",
        ],
        "res.company": ["currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["currency_id", "company_id", "name", "rate"],
    }

    def _get_release_selection(self, name):
        """Choices of a field of releases, in the user's language."""
        field = self.env["service.release"]._fields[name]
        return field._description_selection(self.env)

    @api.model
    def _select(self) -> SQL:
        return SQL(
            """
            %s,
                document.id AS release_id,
                document.release_type,
                document.state,
                document.invoice_type,
                document.work_order_id,
                document.agreement_id,
                document.period_from
            """,
            super()._select(),
        )

    @api.model
    def _where(self) -> SQL:
        return SQL("WHERE document.state IN %s", UNBILLED_STATES)

    @expects(one=True)
    def action_open_release(self):
        """Open the release of the row."""
        return self._open_document(self.release_id)
