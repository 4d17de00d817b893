from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..tools.invoice_type import DOCUMENT_TYPES


class AccountMove(models.Model):
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
        help="How far the invoice has come before it is authorised.",
    )
    service_status = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("fresh", "Fresh"),
            ("returned", "Returned"),
            ("authorized", "Authorised"),
            ("partially_adjusted", "Partially Adjusted"),
            ("adjusted", "Adjusted"),
            ("reversed", "Reversed"),
            ("deleted", "Deleted"),
        ],
        string="Billing Status",
        compute="_compute_service_status",
        store=True,
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
        "authorisation.",
    )
    service_keep_draft = fields.Boolean(
        string="Keep as Draft",
        copy=False,
        help="Saving leaves the invoice a draft; it cannot be authorised while this "
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
        help="This document is saved, authorised, returned and deleted by the buttons "
        "of service billing.",
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
        for move in self:
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
        """Whether the move was deleted before it was authorised, or cancelled."""
        return self.state == "cancel" or self.service_stage == "deleted"

    def _is_covered_by_credit_memos(self):
        """Whether the move's own posted credit memos take back all of it."""
        self.ensure_one()
        credits = self.reversal_move_ids.filtered(lambda m: m.state == "posted")
        credited = sum(credits.mapped("amount_total"))
        left = self.currency_id.compare_amounts(credited, self.amount_total)
        return bool(credits) and left >= 0

    @api.model
    def _get_service_life_cycle_types(self):
        """Billing types that are saved, authorised, returned and deleted."""
        return [key for key, __ in DOCUMENT_TYPES]

    @api.depends("service_invoice_type", "move_type")
    def _compute_service_has_life_cycle(self):
        types = self._get_service_life_cycle_types()
        for move in self:
            move.service_has_life_cycle = (
                move.service_invoice_type in types and move.is_sale_document()
            )

    def _filter_service_life_cycle(self):
        """Sales documents among these that follow the billing life cycle."""
        return self.filtered("service_has_life_cycle")

    @api.depends("service_invoice_type")
    def _compute_hide_post_button(self):
        res = super()._compute_hide_post_button()
        self._filter_service_life_cycle().hide_post_button = True
        return res

    def _get_move_display_name(self, show_ref=False):
        """Drafts and deleted documents are told apart by their document numbers."""
        name = super()._get_move_display_name(show_ref)
        if self.state != "posted" and self.service_number:
            return f"{name} {self.service_number}".strip()
        return name

    def _get_form_action(self):
        """Action that opens this move."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def action_view_work_orders(self):
        """Open the work orders this document bills."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.service_work_order_action"
        )
        action["domain"] = [("id", "in", self.work_order_ids.ids)]
        action["context"] = {"create": False}
        return action
