from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ...tools.actions import notify, open_menu
from ...tools.arguments import expects, parse_text
from ...tools.groups import AUTHORIZER, BILLING
from ...tools.guards import raise_together
from ...tools.invoice_type import (
    DOCUMENT_TYPES,
    INVOICE_TYPES,
    PREPAYMENT_KEYS,
    TO_AUTHORIZE,
)


class AccountMove(models.Model):
    """The document of service billing: its type, number and life cycle, from Save to
    Delete."""

    _inherit = "account.move"

    service_invoice_type = fields.Selection(
        selection=DOCUMENT_TYPES,
        string="Billing Type",
        index="btree_not_null",
        readonly=True,
        help="Service invoices go to the customer, program invoices to the sponsor, "
        "insurance invoices to the insurer. Prepayment invoices ask for money before "
        "the work is billed.",
    )
    service_stage = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("fresh", "Fresh"),
            ("returned", "Returned"),
            ("deleted", "Deleted"),
        ],
        string="Billing Stage",
        default="draft",
        readonly=True,
        copy=False,
        help="How far the invoice has come before it is authorized.",
    )
    service_status = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("fresh", "Fresh"),
            ("returned", "Returned"),
            ("authorized", "Authorized"),
            ("partially_adjusted", "Partially Adjusted"),
            ("adjusted", "Adjusted"),
            ("reversed", "Reversed"),
            ("deleted", "Deleted"),
        ],
        string="Billing Status",
        compute="_compute_service_status",
        store=True,
        help="Draft: may still be changed, and nobody is asked to authorize it.\n"
        "Fresh: saved, with its document number, and waits for an authorizer.\n"
        "Returned: an authorizer gave it back to who saved it.\n"
        "Authorized: posted, and nothing of it is adjusted yet.",
        index="btree_not_null",
        tracking=True,
        copy=False,
    )
    service_number = fields.Char(
        string="Document Number",
        readonly=True,
        copy=False,
        index="trigram",
        help="Given when the invoice is first saved. The legal number comes with the "
        "authorization.",
    )
    service_keep_draft = fields.Boolean(
        string="Keep as Draft",
        copy=False,
        help="Saving leaves the invoice a draft; it cannot be authorized while this "
        "is ticked.",
    )
    service_saved_by_id = fields.Many2one(
        "res.users",
        string="Saved By",
        readonly=True,
        copy=False,
        help="Who saved the invoice last.",
    )
    service_has_life_cycle = fields.Boolean(
        compute="_compute_service_has_life_cycle",
        help="This document is saved, authorized, returned and deleted by the buttons "
        "of service billing.",
    )
    service_can_authorize = fields.Boolean(
        compute="_compute_service_can_authorize",
        help="You may save and authorize this document in one step.",
    )
    work_order_ids = fields.Many2many(
        "service.work.order",
        relation="account_move_service_work_order_rel",
        column1="move_id",
        column2="work_order_id",
        string="Work Orders",
        copy=False,
        readonly=True,
        context={"active_test": False},
    )
    service_replaces_id = fields.Many2one(
        "account.move",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The credited invoice this one was made to correct.",
    )
    work_order_count = fields.Integer(compute="_compute_work_order_count")

    def _auto_init(self):
        # Nothing is typed yet when the add-on is installed: creating the columns here
        # saves computing them for every move of the database.
        if not column_exists(self.env.cr, self._table, "service_invoice_type"):
            for name, field in self._fields.items():
                if name.startswith("service_") and field.store and field.column_type:
                    create_column(self.env.cr, self._table, name, field.column_type[1])
        return super()._auto_init()

    @api.depends("work_order_ids")
    def _compute_work_order_count(self):
        for move in self:
            move.work_order_count = len(move.work_order_ids)

    @api.depends(
        "state",
        "service_invoice_type",
        "service_stage",
        "service_amount_adjusted",
        "service_amount_net",
        # the amount of a posted one stays as it is
        "reversal_move_ids.state",
    )
    def _compute_service_status(self):
        for move in self._filter_service_computed("service_status"):
            move.service_status = (
                move.service_invoice_type and move._get_service_status()
            )

    def _get_service_status(self):
        """Status of a typed move, never read from ``payment_state``: core says
        “reversed” there when another document's credit settles an invoice."""
        self.ensure_one()
        if self._is_service_deleted():
            return "deleted"
        if self.state == "draft":
            return self.service_stage or "draft"
        if self._is_covered_by_credit_memos():
            return "reversed"
        if self.currency_id.is_zero(self.service_amount_adjusted):
            return "authorized"
        is_open = self.currency_id.compare_amounts(self.service_amount_net, 0.0) > 0
        return "partially_adjusted" if is_open else "adjusted"

    def _is_service_deleted(self):
        """Whether the move was deleted before it was authorized, or cancelled."""
        return self.state == "cancel" or self.service_stage == "deleted"

    def _is_covered_by_credit_memos(self):
        """Whether the move's own posted credit memos take back all of it."""
        self.ensure_one()
        credits = self.reversal_move_ids._filter_posted()
        if not credits:
            return False
        credited = credits._get_unrounded("amount_total")
        total = self._get_unrounded("amount_total")
        return self.currency_id.compare_amounts(credited, total) >= 0

    @api.model
    def _get_share_types(self):
        """Billing types by which payers are billed their shares of work orders, in the
        order of billing, the customer's first."""
        return [key for key, __ in INVOICE_TYPES]

    @api.depends("service_invoice_type", "move_type")
    def _compute_service_has_life_cycle(self):
        types = [*self._get_share_types(), *PREPAYMENT_KEYS]
        for move in self:
            move.service_has_life_cycle = (
                move.service_invoice_type in types and move.is_sale_document()
            )

    @api.depends(
        "service_status",
        "service_keep_draft",
        "service_saved_by_id",
        "company_id",
    )
    @api.depends_context("uid")
    def _compute_service_can_authorize(self):
        user = self.env.user
        is_authorizer = user.has_group(AUTHORIZER)
        for move in self:
            # who authorizes what nobody saved yet has prepared it
            is_own = (move.service_saved_by_id or user) == user
            move.service_can_authorize = (
                is_authorizer
                and move.service_has_life_cycle
                and move.service_status in TO_AUTHORIZE
                and not move.service_keep_draft
                and not (is_own and move.company_id.service_maker_not_authorizer)
            )

    def _filter_service_life_cycle(self):
        """Sales documents among these that follow the billing life cycle."""
        # ordinary documents are told by what is stored, and most are ordinary
        typed = self.filtered("service_invoice_type")
        return typed and typed.filtered("service_has_life_cycle")

    def _filter_service_computed(self, name):
        """Those of these documents on which a stored field of service billing is worked
        out: ours, what was ours, and what is only in a form. On all others it stays
        empty: nothing is written on them whenever a journal item changes.

        :param str name: the field, in the method that computes it
        """
        return self.filtered(
            lambda move: move.service_invoice_type or not move.id or move[name]
        )

    def _compute_is_sale_installed(self):
        """Core's form shows quantities only where the app of sales is; who authorizes
        work needs them to see where an amount comes from."""
        typed = self.filtered("service_invoice_type")
        typed.is_sale_installed = True
        return super(AccountMove, self - typed)._compute_is_sale_installed()

    def _get_move_display_name(self, show_ref=False):
        """Drafts and deleted documents are told apart by their document numbers."""
        name = super()._get_move_display_name(show_ref)
        if self.state != "posted" and self.service_number:
            return f"{name} {self.service_number}".strip()
        return name

    def action_view_work_orders(self):
        """Open the work orders this document bills."""
        self.check_access("read")
        xml_id = "service_invoicing.service_work_order_action"
        domain = [("id", "in", self.work_order_ids.ids)]
        return open_menu(self.env, xml_id, domain, create=False)

    def action_service_open_entries(self):
        """Open the journal items of authorized invoices, or a preview of the others.

        :return: action that opens them; nothing can be changed there
        """
        self.check_access("read")
        return self.env["service.entry.preview"]._open(self)

    # The buttons of the billing life cycle: save, authorize, return and delete.

    def action_service_save(self):
        """Save for authorization: number, T/C/D and totals.

        The status becomes fresh, or draft while the Draft box is ticked.

        :return: True, or a notification where all had been saved before
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, TO_AUTHORIZE)
        is_new = any(move.service_status != "fresh" for move in self)
        life_cycle._save(self)
        self._write_apart_from_lines({"service_saved_by_id": self.env.uid})
        if is_new:
            return True
        text = self.env._(
            "Saved again, with charges, discounts and totals counted anew: %s",
            ", ".join(move._get_service_label() for move in self),
        )
        return notify(text, "success")

    def _get_service_save_steps(self):
        """Names of the methods that save documents, each for all of them at once, in
        the order in which they need one another: first what may refuse, then what
        changes lines, at last what follows the amounts."""
        return [
            "_check_releases_billed",
            "_check_prepayments_complete",
            "_sync_service_tcd",
            "_set_service_saved",
            "_sync_service_deductions",
            "_sync_service_schedule",
        ]

    def _set_service_saved(self):
        """Number documents that have no number yet, and leave them saved."""
        self.env["service.life.cycle"]._assign_numbers(self)
        for stage, moves in self.grouped("service_keep_draft").items():
            moves._write_apart_from_lines(
                {"service_stage": "draft" if stage else "fresh"}
            )

    def action_service_authorize(self):
        """Save and authorize: the invoice is posted, then adjusted with the credits of
        its orders if Auto Adjust is ticked.

        Of several, one that fails stops no other: it is named with its reason, and
        nothing of it is kept.

        :return: True for one document; for several a notification of how many went
            through, which names what failed
        :raise UserError: when nothing could be authorized
        """
        life_cycle = self.env["service.life.cycle"]
        if len(self) > 1:
            return life_cycle._authorize_each(self)
        life_cycle._authorize(self)
        return True

    @expects(reason=parse_text)
    def action_service_return(self, reason=None):
        """Send the invoice back to its preparer.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: naming what nobody has saved yet
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, ("draft", "fresh"))
        raise_together(
            [
                self.env._(
                    "%s has not been saved yet, so there is nobody to return it to.",
                    move._get_service_label(),
                )
                for move in self
                if not move.service_saved_by_id
            ]
        )
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_service_return", self.env._("Return Invoice")
            )
        self.sudo().write({"service_stage": "returned"})
        # the preparer reads in his to-do why the invoice came back
        self.env["service.move.todo"]._get_open(self.sudo()).note = reason
        life_cycle._log(self, self.env._("Returned: %s", reason))
        for move in self:
            body = self.env._(
                "Invoice %(number)s was returned: %(reason)s",
                number=move._get_service_label(),
                reason=reason,
            )
            life_cycle._log_on_orders(move, body)
        return True

    @expects(reason=parse_text)
    def action_service_delete(self, reason=None):
        """Delete the invoice: it is cancelled and kept, its orders are billed again.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: when money is matched with it
        """
        guard = self.env["service.move.guard"]
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, TO_AUTHORIZE)
        raise_together([e for move in self for e in guard._get_deletion_errors(move)])
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_service_delete", self.env._("Delete Invoice")
            )
        self.sudo().write({"service_stage": "deleted"})
        self.button_cancel()
        life_cycle._log(self, self.env._("Deleted: %s", reason))
        for move in self:
            body = self.env._(
                "Invoice %(number)s was deleted: %(reason)s",
                number=move._get_service_label(),
                reason=reason,
            )
            life_cycle._log_on_orders(move, body)
        life_cycle._update_origins(self)
        return True

    # Hold: core's own payment block, with its reason and with an effect.

    @expects(reason=parse_text)
    def action_service_hold(self, reason=None):
        """Hold authorized invoices: nothing is paid or adjusted by hand.

        :param str reason: without it the dialog that asks for it is returned
        :raise UserError: naming what is not authorized, paid or on hold already
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, ("authorized", "partially_adjusted"))
        raise_together(
            [
                self.env._("%s is paid or on hold already.", move._get_service_label())
                for move in self
                if move.payment_state in ("blocked", "paid", "in_payment", "reversed")
            ]
        )
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_service_hold", self.env._("Hold Invoice")
            )
        for move in self:
            move.action_toggle_block_payment()
        life_cycle._log(self, self.env._("On hold: %s", reason))
        return True

    def action_service_release_hold(self):
        """Let invoices on hold be paid and adjusted again.

        :raise UserError: naming what is not on hold
        """
        life_cycle = self.env["service.life.cycle"]
        statuses = ("authorized", "partially_adjusted", "adjusted", "reversed")
        life_cycle._check(self, BILLING, statuses)
        raise_together(
            [
                self.env._("%s is not on hold.", move._get_service_label())
                for move in self
                if move.payment_state != "blocked"
            ]
        )
        for move in self:
            move.action_toggle_block_payment()
        life_cycle._log(self, self.env._("Hold released"))
        return True

    def _write_apart_from_lines(self, vals):
        """Write what no line follows: core need not go through all lines for it."""
        self.sudo().with_context(skip_invoice_sync=True).write(vals)

    def _filter_posted(self):
        return self.filtered(lambda move: move.state == "posted")

    def _has_matched_money(self):
        self.ensure_one()
        lines = self.line_ids
        return bool(lines.matched_debit_ids or lines.matched_credit_ids)

    def _get_billed_lines(self):
        """Lines that bill something: no sections, notes, taxes or receivables."""
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )

    def _get_service_label(self):
        """What a person calls this document before and after authorization."""
        self.ensure_one()
        return self.service_number or self.display_name

    @api.model
    def _is_adjustment(self, counterpart):
        """Whether being reconciled with this move is an adjustment.

        Receipts are not, nor are exchange differences.
        """
        return not (
            self._is_receipt(counterpart) or counterpart.exchange_diff_partial_ids
        )

    @api.model
    def _is_receipt(self, counterpart):
        """Whether money comes in by this move: a payment or a bank statement line."""
        return bool(counterpart.origin_payment_id or counterpart.statement_line_id)

    def _get_installments(self):
        """Lines of the payment schedule, the earliest first."""
        lines = self._get_receivable_lines()
        return lines.sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _get_matched_lines(self):
        """Journal items that are matched with others, told without a search."""
        return self.line_ids.filtered("matching_number")

    def _get_receivable_lines(self):
        """What the payer owes, one line per instalment."""
        return self.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def _is_prepayment_document(self):
        """Whether it is a prepayment invoice or the credit memo of one."""
        self.ensure_one()
        return self.service_invoice_type in PREPAYMENT_KEYS

    def _is_service_prepayment(self):
        """Whether it is a prepayment invoice, made for a work order or directly."""
        self.ensure_one()
        return self._is_prepayment_document() and self.move_type == "out_invoice"
