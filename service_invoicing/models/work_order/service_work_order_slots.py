from odoo import api, fields, models


class ServiceWorkOrder(models.Model):
    """The documents that the check of an order asks for: a slot each."""

    _inherit = "service.work.order"

    document_ids = fields.One2many(
        "service.work.order.document", "order_id", string="Documents"
    )
    document_slots = fields.Json(
        string="Documents Asked For",
        compute="_compute_document_slots",
        help="For each document its name and the files attached for it.",
    )

    @api.depends(
        "company_id",
        "line_ids.program_id",
        "claim_ids.state",
        "document_ids.type_id",
        "document_ids.name",
    )
    @api.depends_context("lang")
    def _compute_document_slots(self):
        wanted = self._get_wanted_documents()
        for order in self:
            files = order.document_ids._origin.grouped("type_id")
            types = wanted[order] | order.document_ids.type_id
            order.document_slots = [
                {
                    "id": kind.id,
                    "name": kind.name,
                    "wanted": kind in wanted[order],
                    "files": [
                        {"id": file.id, "name": file.name}
                        for file in files.get(kind, ())
                    ],
                }
                for kind in types.sorted()
            ]

    def _get_wanted_documents(self):
        """Documents that the check asks for.

        :return: dict order → ``service.document.type``
        """
        Type = self.env["service.document.type"]
        known = {
            company: Type.search(Type._check_company_domain(company))
            for company in self.company_id
        }
        return {
            order: known.get(order.company_id, Type).filtered(
                lambda kind, order=order: order._is_document_wanted(kind)
            )
            for order in self
        }

    def _is_document_wanted(self, kind):
        """:param kind: ``service.document.type`` of the order's company"""
        self.ensure_one()
        if kind.needed_for == "program":
            return bool(self.line_ids.program_id)
        # who rejected a claim pays nothing
        return kind.needed_for == "all" or any(
            claim.state != "rejected" for claim in self.claim_ids
        )

    def _get_document_errors(self):
        """Documents that are asked for and not attached."""
        self.ensure_one()
        missing = self._get_wanted_documents()[self] - self.document_ids.type_id
        return [
            self.env._(
                "%(order)s: the document “%(document)s” is missing. Attach it on the "
                "work order.",
                order=self.name,
                document=kind.name,
            )
            for kind in missing
        ]
