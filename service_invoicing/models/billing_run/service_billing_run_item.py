from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import expects
from ...tools.attempt import attempt_each
from ...tools.guards import raise_together
from ...tools.monthly import FAILED
from ...tools.shares import Payer

# documents that are named in a row
NAMED = 5


class ServiceBillingRunItem(models.Model):
    """What is billed together in a run, apart from all else: the work orders or
    releases of one invoice, or an agreement."""

    _name = "service.billing.run.item"
    _description = "Group of a Billing Run"
    _order = "run_id desc, sequence, id"

    run_id = fields.Many2one(
        "service.billing.run", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer()
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", string="Bill-to", ondelete="restrict", readonly=True
    )
    invoice_type = fields.Char(help="Whose share of the work orders is billed.")
    work_order_ids = fields.Many2many(
        "service.work.order", context={"active_test": False}, readonly=True
    )
    release_ids = fields.Many2many("service.release", string="Releases", readonly=True)
    agreement_id = fields.Many2one(
        "service.agreement", ondelete="cascade", readonly=True
    )
    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    document_count = fields.Integer(string="Documents", default=1, readonly=True)
    state = fields.Selection(
        [("pending", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        default="pending",
        required=True,
        index=True,
        readonly=True,
    )
    note = fields.Text(
        readonly=True, help="Why it failed, or what was left out, and why."
    )

    @api.depends("work_order_ids", "release_ids", "agreement_id")
    def _compute_display_name(self):
        for item in self:
            documents = item._get_documents()
            names = documents[:NAMED].mapped("display_name")
            more = ["…"] if len(documents) > NAMED else []
            item.display_name = ", ".join(names + more)

    def _get_documents(self):
        """What the item bills."""
        return self.agreement_id or self.work_order_ids or self.release_ids

    @expects(one=True)
    def action_open_documents(self):
        """What the item bills, to mend what failed."""
        self.check_access("read")
        return self._get_documents()._get_records_action(context={})

    @api.model
    def _prepare_job_vals(self, job):
        """Values of the item that bills the documents of a ``BillingJob``."""
        documents, payer = job.documents, job.payer
        is_order = documents._name == "service.work.order"
        partner = payer.partner if payer else documents[:1].partner_id
        return {
            "work_order_ids" if is_order else "release_ids": documents.ids,
            "invoice_type": payer and payer.invoice_type,
            "partner_id": partner.id,
            "document_count": len(documents),
        }

    # -- the work -------------------------------------------------------------------

    def _execute(self):
        """Bill items together; if anything fails one by one, so that what fails is
        named and stops nothing else. What is done already is not done again."""
        waiting = self.filtered(lambda item: item.state == "pending")
        method = self.run_id._get_kind_methods()[self.run_id.kind]
        errors = attempt_each(waiting, lambda items: getattr(items, method)())
        for item, error in errors.items():
            item.sudo().write({"state": "failed", "note": error})

    def _note_done(self, moves, left_out):
        """Keep what was made.

        :param left_out: documents that somebody else has billed meanwhile
        """
        names = ", ".join(left_out.mapped("display_name"))
        note = names and self.env._("Billed or changed meanwhile: %s", names)
        self.sudo().write({"state": "done", "note": note, "move_ids": moves.ids})

    def _bill_orders(self):
        """All invoices of each order that are still to be made."""
        moves = self.work_order_ids._create_invoices()
        for item in self:
            orders = item.work_order_ids
            own = moves.filtered(lambda move, own=orders: move.work_order_ids & own)
            item._note_done(own, orders.browse())

    def _bill_shares(self):
        """The collective invoice of a payer, over those orders that still wait for it.

        :raise UserError: when none does
        """
        for item in self:
            payer = Payer(item.invoice_type, item.partner_id)
            orders, moves = item.work_order_ids, item.move_ids.browse()
            left_out = orders
            for key, group in orders._group_collective_shares().items():
                if key[0] == payer:
                    moves |= group._create_collective_invoice(key)
                    left_out -= group
            if not moves:
                raise UserError(item._get_billed_error())
            item._note_done(moves, left_out)

    def _bill_releases(self):
        """The invoice of releases, without those that are not confirmed any more.

        :raise UserError: when none is
        """
        waiting = {
            item: item.release_ids.filtered(
                lambda release: release.state == "confirmed"
            )
            for item in self
        }
        raise_together([item._get_billed_error() for item in self if not waiting[item]])
        groups = [
            group
            for releases in waiting.values()
            for group in releases._group_for_invoices()
        ]
        moves = self.release_ids._create_invoices(groups)
        for item, releases in waiting.items():
            own = moves.filtered(
                lambda move, own=releases: move.service_release_ids & own
            )
            item._note_done(own, item.release_ids - releases)

    def _get_billed_error(self):
        return self.env._(
            "Nothing is left to invoice of these; they were billed or changed "
            "meanwhile: %s",
            ", ".join(self._get_documents().mapped("display_name")),
        )

    def _release_months(self):
        """The releases of agreements; what could not be released has failed."""
        run = self.run_id
        found = {}
        for result in self.agreement_id._release_chosen(run.month, run.catch_up):
            found.setdefault(result.agreement, []).append(result)
        for item in self:
            results = found.get(item.agreement_id, [])
            item.sudo().write(item._prepare_month_vals(results))

    def _prepare_month_vals(self, results):
        """Values of an item by what became of its months.

        :param list results: of ``MonthResult``
        """
        notes = [
            f"{self.agreement_id._format_month(result.month)}: {result.reason}"
            for result in results
            if result.reason
        ]
        failed = any(result.status == FAILED for result in results)
        releases = [result.release.id for result in results if result.release]
        return {
            "state": "failed" if failed else "done",
            "note": "\n".join(notes),
            "release_ids": [fields.Command.link(key) for key in releases],
        }
