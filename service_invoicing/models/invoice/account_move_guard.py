from contextlib import ExitStack

from odoo import Command, api, models
from odoo.exceptions import ValidationError

from ...tools.arguments import expects
from ...tools.groups import AUTHORIZER


class AccountMove(models.Model):
    """Core's methods that make and change documents: each asks
    ``service.move.guard`` first, and authorizing ``service.authorization``."""

    _inherit = "account.move"

    @api.model_create_multi
    def create(self, vals_list):
        guard = self.env["service.move.guard"]
        vals_list = guard._prepare_creation(self.browse(), vals_list)
        moves = super().create(vals_list)
        guard._follow_creation(moves, vals_list)
        return moves

    def write(self, vals):
        followers = self.env["service.move.guard"]._before_write(self, vals)
        res = super().write(vals)
        for follow in followers:
            follow()
        return res

    def unlink(self):
        followers = self.env["service.move.guard"]._before_removal(self)
        res = super().unlink()
        for follow in followers:
            follow()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_numbered_service(self):
        self.env["service.move.guard"]._check_removal(self)

    def copy(self, default=None):
        """Only what is linked to its original, such as a credit memo, may repeat it.

        :raise UserError: naming the invoices of work orders
        """
        default = default or {}
        copied = self.filtered(lambda move: not move._is_followed_by(default))
        self.env["service.move.guard"]._check_copy(copied)
        return super().copy(default)

    def _is_followed_by(self, default):
        """Whether a copy with these values takes this document back, or adds to it."""
        self.ensure_one()
        reverses = default.get("move_type", self.move_type) != self.move_type
        return self.id in (
            reverses and default.get("reversed_entry_id"),
            default.get("debit_origin_id"),
        )

    def copy_data(self, default=None):
        """Invoices keep their rows; credit memos keep the lines they credit and have no
        rows. What was deducted is given back by a credit memo; another copy, such as a
        corrected invoice, deducts at Save what there is then."""
        vals_list = super().copy_data(default)
        gives_back = "move_reverse_cancel" in self.env.context
        for move, vals in zip(self, vals_list, strict=True):
            if not move.service_invoice_type:
                continue
            if vals.get("move_type") == "out_invoice":
                rows = move.service_tcd_ids.sorted("id").copy_data()
                vals.setdefault("service_tcd_ids", [Command.create(r) for r in rows])
            if not gives_back:
                vals["line_ids"] = [
                    command
                    for command in vals.get("line_ids", [])
                    if not (command[2] or {}).get("service_prepayment_id")
                ]
        return vals_list

    @api.constrains("auto_post", "service_invoice_type", "move_type")
    def _check_service_auto_post(self):
        """Posting by itself on a later day would be authorized by nobody."""
        errors = [
            self.env._(
                "%s cannot be posted automatically: an authorizer authorizes it when "
                "its date has come.",
                move._get_service_label(),
            )
            for move in self._filter_service_life_cycle()
            if move.auto_post != "no"
        ]
        if errors:
            raise ValidationError("\n".join(errors))

    def _post(self, soft=True):
        typed = self._filter_service_life_cycle()
        if not typed:
            return super()._post(soft)
        with ExitStack() as phases:
            for name in self._get_service_post_phases():
                phases.enter_context(getattr(typed, name)())
            phases.enter_context(self.env["service.authorization"]._post(typed))
            return super()._post(soft)

    def _get_service_post_phases(self):
        """Names of the methods around the authorization, in the order in which they
        begin; the last one ends first. Each is a context manager, called once for all
        documents of the life cycle that are authorized together."""
        return [
            "_post_share_warnings",
            "_post_receipts",
            "_post_deductions",
            "_post_credits",
        ]

    def _get_service_post_checks(self):
        """Names of the methods that find what keeps a document from being authorized,
        each a list of translated sentences."""
        return ["_get_prepayment_errors", "_get_receipt_errors", "_get_release_errors"]

    def button_draft(self):
        self.env["service.move.guard"]._before_reset(self)
        return super().button_draft()

    def button_cancel(self):
        self.env["service.move.guard"]._before_cancel(self)
        return super().button_cancel()

    @expects(one=True)
    def action_toggle_block_payment(self):
        """Core's own hold is the one way to write the payment status."""
        self.check_access("write")
        booked = self.env["service.move.guard"]._filter_booked(self)
        moves = booked.sudo() or self
        return super(AccountMove, moves).action_toggle_block_payment()

    def action_force_register_payment(self):
        self.env["service.life.cycle"]._check_payable(self)
        return super().action_force_register_payment()

    # What core's form offers and says.

    @api.depends("service_invoice_type")
    def _compute_hide_post_button(self):
        res = super()._compute_hide_post_button()
        self._filter_service_life_cycle().hide_post_button = True
        return res

    @api.depends("service_status")
    @api.depends_context("uid")
    def _compute_show_reset_to_draft_button(self):
        """Shown to whom it answers, and when."""
        res = super()._compute_show_reset_to_draft_button()
        guard = self.env["service.move.guard"]
        is_authorizer = self.env.su or self.env.user.has_group(AUTHORIZER)
        for move in self._filter_service_life_cycle():
            if not is_authorizer or guard._get_reset_errors(move):
                move.show_reset_to_draft_button = False
        return res

    def _compute_tax_lock_date_message(self):
        """Before posting the form says what will happen in a closed period."""
        res = super()._compute_tax_lock_date_message()
        periods = self.env["service.closed.period"]
        for move in periods._filter_kept(self).filtered(lambda m: m.state == "draft"):
            move.tax_lock_date_message = periods._announce(move)
        return res
