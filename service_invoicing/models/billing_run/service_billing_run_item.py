from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import expects
from ...tools.attempt import attempt_each
from ...tools.month import FAILED
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
        "res.partner", string="Bill To", ondelete="restrict", readonly=True
    )
    invoice_type = fields.Char(
        string="Billed With", help="Whose share of the work orders is billed."
    )
    work_order_ids = fields.Many2many(
        "service.work.order", context={"active_test": False}, readonly=True
    )
    release_ids = fields.Many2many("service.release", string="Releases", readonly=True)
    agreement_id = fields.Many2one(
        "service.agreement", ondelete="cascade", readonly=True
    )
    credited_move_id = fields.Many2one(
        "account.move",
        string="Credited Invoice",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
    )
    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    document_count = fields.Integer(string="Documents", default=1, readonly=True)
    state = fields.Selection(
        [("pending", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        string="Status",
        default="pending",
        required=True,
        index=True,
        readonly=True,
    )
    note = fields.Text(
        readonly=True, help="Why it failed, or what was left out, and why."
    )

    @api.depends("work_order_ids", "release_ids", "agreement_id", "credited_move_id")
    def _compute_display_name(self):
        for item in self:
            documents = item._get_documents()
            names = documents[:NAMED].mapped("display_name")
            more = ["…"] if len(documents) > NAMED else []
            item.display_name = ", ".join(names + more)

    def _get_documents(self):
        """What the item bills, or credits."""
        documents = self.credited_move_id or self.agreement_id
        return documents or self.work_order_ids or self.release_ids

    @expects(one=True)
    def action_open_documents(self):
        """What the item bills, to mend what failed."""
        self.check_access("read")
        return self._get_documents()._get_records_action(context={})

    @api.model
    def _prepare_document_vals(self, documents):
        """Values of the item that bills these documents of one model."""
        if documents._name == "service.agreement":
            return {"agreement_id": documents.id, "document_count": 1}
        if documents._name == "account.move":
            return {
                "credited_move_id": documents.id,
                "partner_id": documents.partner_id.id,
            }
        is_order = documents._name == "service.work.order"
        name = "work_order_ids" if is_order else "release_ids"
        return {name: documents.ids, "document_count": len(documents)}

    # -- the work -------------------------------------------------------------------

    def _execute(self):
        """Bill items together; what fails is tried in ever smaller parts, so that it is
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
        note = bool(names) and self.env._("Billed or changed meanwhile: %s", names)
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
            groups = item._group_shares()
            if not groups:
                raise UserError(item._get_billed_error())
            if not item.partner_id:
                item._split(
                    [item._prepare_share_vals(*pair) for pair in groups.items()]
                )
                continue
            moves, left_out = item.move_ids.browse(), item.work_order_ids
            for key, orders in groups.items():
                moves |= orders._create_collective_invoice(key)
                left_out -= orders
            item._note_done(moves, left_out)

    def _group_shares(self):
        """Orders of this item that wait for collective invoices, by what they share:
        for its payer, or before it is split for all of the run."""
        payer = Payer(self.invoice_type, self.partner_id)
        chosen = self.run_id.partner_ids
        return {
            key: orders
            for key, orders in self.work_order_ids._group_collective_shares().items()
            if (
                key[0] == payer
                if self.partner_id
                else not chosen or key[0].partner in chosen
            )
        }

    def _prepare_share_vals(self, key, orders):
        """Values of the item of one collective invoice."""
        payer = key[0]
        return {
            "partner_id": payer.partner.id,
            "invoice_type": payer.invoice_type,
            "work_order_ids": orders.ids,
            "document_count": len(orders),
        }

    def _bill_releases(self):
        """The invoice of releases, without those that are not confirmed any more.

        :raise UserError: when none is
        """
        for item in self:
            releases = item.release_ids
            waiting = releases.filtered(lambda release: release.state == "confirmed")
            if not waiting:
                raise UserError(item._get_billed_error())
            groups = waiting._group_for_invoices()
            if not item.partner_id:
                item._split([item._prepare_release_vals(group) for group in groups])
                continue
            item._note_done(waiting._create_invoices(groups), releases - waiting)

    def _prepare_release_vals(self, releases):
        """Values of the item of one invoice of releases."""
        return {
            "partner_id": releases.partner_id.id,
            "release_ids": releases.ids,
            "document_count": len(releases),
        }

    def _split(self, vals_list):
        """Items of one invoice each take the place of this one."""
        self.ensure_one()
        self.sudo().create(
            [
                {"run_id": self.run_id.id, "sequence": number, **vals}
                for number, vals in enumerate(vals_list, start=1)
            ]
        )
        self.sudo().unlink()

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

    def _credit_invoices(self):
        """The credit memo of each invoice, of all that is not credited yet."""
        run = self.run_id
        free = run.credit_effect == "free"
        Crediting = self.env["service.crediting"]
        for item in self:
            credit = Crediting._credit(
                item.credited_move_id, run.credit_reason, run.credit_date, None, free
            )
            item._note_done(credit, credit.browse())
