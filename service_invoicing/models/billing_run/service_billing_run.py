from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ...tools.actions import open_invoices
from ...tools.arguments import expects
from ...tools.choices import CREDIT_EFFECTS
from ...tools.groups import BILLING
from ...tools.guards import refuse_without_group
from ...tools.numbers import take_number

# documents that a user waits for; more are billed in the background
INLINE_DOCUMENTS = 50
# what goes on one invoice is found out in the background, too
SPLIT_KINDS = ("collective", "releases")


class ServiceBillingRun(models.Model):
    """Many work orders, releases or agreements that are billed, or invoices that are
    credited, in the background: how far it is, what failed and what was made."""

    _name = "service.billing.run"
    _description = "Billing Run"
    _inherit = "service.run.mixin"
    _order = "id desc"
    # whoever sees it may write a note
    _mail_post_access = "read"
    _run_groups = "item_ids"
    _run_right = BILLING
    _run_cron = "service_invoicing.cron_continue_billing_runs"

    kind = fields.Selection(
        [
            ("orders", "Invoices of Work Orders"),
            ("collective", "Collective Invoices"),
            ("releases", "Invoices of Releases"),
            ("months", "Monthly Run"),
            ("credits", "Credit Memos"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection_add=[("stopped", "Stopped")], ondelete={"stopped": "cascade"}
    )
    month = fields.Date(readonly=True, help="The month that is released.")
    catch_up = fields.Boolean(
        string="Earlier Months, Too",
        readonly=True,
        help="Also release earlier months that have never been released.",
    )
    credit_date = fields.Date(string="Credit Memo Date", readonly=True)
    credit_effect = fields.Selection(
        CREDIT_EFFECTS, string="What Is Credited Is", readonly=True
    )
    credit_reason = fields.Text(string="Reason", readonly=True)
    partner_ids = fields.Many2many(
        "res.partner",
        string="Only for",
        context={"active_test": False},
        readonly=True,
        help="Sponsors and insurers. Empty: all who get collective invoices.",
    )
    item_ids = fields.One2many(
        "service.billing.run.item", "run_id", string="Documents", readonly=True
    )
    invoice_count = fields.Integer(string="Invoices", compute="_compute_made_counts")
    release_count = fields.Integer(string="Releases", compute="_compute_made_counts")

    @api.depends("item_ids.move_ids", "item_ids.release_ids")
    def _compute_made_counts(self):
        for run in self:
            run.invoice_count = len(run.item_ids.move_ids)
            run.release_count = len(run.item_ids.release_ids)

    @api.model_create_multi
    def create(self, vals_list):
        companies = self.env["res.company"]
        return super().create(
            [
                {
                    "name": take_number(
                        self.env, self._name, companies.browse(vals.get("company_id"))
                    ),
                    **vals,
                }
                for vals in vals_list
            ]
        )

    # -- beginning ------------------------------------------------------------------

    @api.model
    def _is_large(self, documents):
        """Whether nobody should wait for these documents. What cannot be committed in
        between is never left to others, who would not see it."""
        many = len(documents) > INLINE_DOCUMENTS
        return many and self.env["account.move"]._can_commit()

    @api.model
    def _take_over(self, kind, documents, **vals):
        """Bill documents in the background where they are many, in a run per company.

        :param str kind: of the runs
        :param vals: more values of the runs
        :return: action that opens the runs; None where a user can wait for it
        """
        if not self._is_large(documents):
            return None
        refuse_without_group(self.env, BILLING)
        documents.check_access("write")
        runs = self._begin(kind, documents, **vals)
        return runs._get_records_action(name=self.env._("Billing Runs"), context={})

    @api.model
    def _begin(self, kind, documents, **vals):
        """:return: the runs, which go on in the background"""
        now = fields.Datetime.now()
        runs = self.sudo().create(
            [
                {
                    "kind": kind,
                    "company_id": company.id,
                    "begin_date": now,
                    "item_ids": self._prepare_item_commands(kind, group),
                    **vals,
                }
                for company, group in documents.grouped("company_id").items()
            ]
        )
        runs._start_in_background()
        return runs.sudo(self.env.su)

    @api.model
    def _prepare_item_commands(self, kind, documents):
        """Commands that make the items of a run: one per document, or one for all of
        them that is split into invoices as soon as somebody works on it."""
        groups = [documents] if kind in SPLIT_KINDS else documents
        prepare = self.env["service.billing.run.item"]._prepare_document_vals
        return [
            fields.Command.create({"sequence": number, **prepare(group)})
            for number, group in enumerate(groups, start=1)
        ]

    # -- buttons --------------------------------------------------------------------

    @expects()
    def action_stop(self):
        """Stop: what was billed already stays so, nothing further is begun."""
        self._check_may_run()
        self._check_run_state("running")
        self._stop()

    @expects(one=True)
    def action_retry_failed(self):
        """Go on in the background, in the name of who asks for it, with what failed
        and what a stopped run never reached.

        :raise UserError: when nothing is left to be done
        """
        self._check_may_run()
        self._lock_run()
        self._check_run_state("done_with_errors", "stopped")
        left = self.item_ids.filtered(lambda item: item.state != "done")
        if not left:
            raise UserError(
                self.env._("Nothing of run %s failed or is left.", self.name)
            )
        left.sudo().write({"state": "pending", "note": False})
        self.sudo().write({**self._prepare_begin_vals(), "user_id": self.env.uid})
        self._start_in_background()

    def action_view_invoices(self):
        """The invoices that were made."""
        self.check_access("read")
        return open_invoices(self.item_ids.move_ids)

    def action_view_releases(self):
        """The releases that were made, or billed."""
        self.check_access("read")
        return self.item_ids.release_ids._get_list_action()

    # -- how it works ---------------------------------------------------------------

    @api.model
    def _get_kind_methods(self):
        """Names of the items' methods that do the work, by kind of run."""
        return {
            "orders": "_bill_orders",
            "collective": "_bill_shares",
            "releases": "_bill_releases",
            "months": "_release_months",
            "credits": "_credit_invoices",
        }

    @api.model
    def _get_batch_lines(self):
        return INLINE_DOCUMENTS

    def _count_lines(self, groups):
        return {item: item.document_count for item in groups}

    def _get_line_counts(self, operator):
        groups = self.env["service.billing.run.item"]._read_group(
            [("run_id", "in", self.ids), ("state", operator, "pending")],
            ["run_id"],
            ["document_count:sum"],
        )
        return dict(groups)

    def _get_speed_text(self):
        speed = formatLang(self.env, 60 * self.line_speed, digits=0)
        return self.env._("%s documents per minute", speed)
