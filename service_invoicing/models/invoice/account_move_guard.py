from contextlib import ExitStack, contextmanager
from functools import partial

from odoo import Command, api, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ...tools.groups import AUTHORIZER
from ...tools.guards import (
    get_context_defaults,
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
    refuse_without_group,
)

# of those who may authorize a document, in the sentence that sends one to them
NAMED_USERS = 5


class AccountMove(models.Model):
    """The guards of the billing life cycle: the same answer whoever calls."""

    _inherit = "account.move"

    @api.model
    def _get_service_protected_fields(self):
        """Fields only the life cycle writes → value that is harmless at creation."""
        names = [
            "service_number",
            "service_saved_by_id",
            "service_replaces_id",
            "service_credit_effect",
            "service_credit_reason",
            "service_status",
            "work_order_ids",
            "service_payer_iban",
            "service_payer_bic",
            "service_installment_ids",
            "service_release_ids",
            "service_freed_release_ids",
            "service_order_release_ids",
            "service_monthly_release_ids",
            "service_prepayment_mode",
            "service_prepayment_received",
            "service_prepayment_used",
            "service_prepayment_open",
            "service_deduction_line_ids",
            "service_adjusted_prepayment_id",
            *self._get_summary_fields(),
        ]
        return {"service_stage": "draft", **dict.fromkeys(names, False)}

    @api.model
    @ormcache()
    def _get_summary_fields(self):
        """Totals of the invoice summary; asked for at every write on any move."""
        return tuple(
            name for name in self._fields if name.startswith("service_amount_")
        )

    # One create and one write for all packages: what each has to say stands in a list.

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._follow_credited_invoice(vals) for vals in vals_list]
        protected = self._get_service_protected_fields()
        for vals in vals_list:
            refuse_protected_at_creation(self, protected, vals)
        self._check_service_created_state(vals_list)
        moves = super().create(vals_list)
        for name in self._get_service_creation_steps():
            getattr(moves, name)(vals_list)
        return moves

    def _get_service_creation_steps(self):
        """Names of what is checked or done when documents were made, in this order;
        each gets the list of values."""
        return [
            "_check_print_at_creation",
            "_check_receipts_at_creation",
            "_add_automatic_tcd",
        ]

    def write(self, vals):
        followers = [
            getattr(self, name)(vals) for name in self._get_service_write_steps()
        ]
        res = super().write(vals)
        for follow in filter(None, reversed(followers)):
            follow()
        return res

    def _get_service_write_steps(self):
        """Names of what keeps documents from being changed. Each gets the values, and
        may return a function for what follows the change."""
        return [
            "_keep_prepaid",
            "_keep_credited_invoice",
            "_recount_typed_taxes",
            "_keep_receipt",
            "_keep_life_cycle",
        ]

    def _check_service_created_state(self, vals_list):
        """Core looks for another state in the values, but not in the context.

        :raise AccessError: when a document would come into being authorized or deleted
        """
        defaults = get_context_defaults(self.env)
        for vals in vals_list:
            given = defaults | vals
            if given.get("service_invoice_type") or given.get("reversed_entry_id"):
                refuse_protected(self.browse(), {"state": "draft"}, given)

    def _keep_life_cycle(self, vals):
        """What only the buttons change; who changes what is billed answers for it.

        :return: function, or ``None`` for ordinary documents
        """
        protected = dict.fromkeys(self._get_service_protected_fields())
        refuse_protected(self, protected | {"service_invoice_type": None}, vals)
        self._check_print_kept(vals)
        if not self.env.su:
            self._check_booked(vals)
        typed = self._filter_service_life_cycle()
        if typed:
            typed._check_service_type_kept(vals)
            typed._check_service_payer_kept(vals)
            typed._check_service_state(vals.get("state"))
        reset = typed.filtered(lambda m: vals.get("state") == "draft" != m.state)
        if typed or vals.keys() & {"service_stage", "state"}:
            return partial(self._follow_life_cycle, typed, reset, vals)
        return None

    def _follow_life_cycle(self, typed, reset, vals):
        """:param typed: those of these documents that were ours before the change
        :param reset: those that were taken back"""
        if reset:
            reset.sudo().write({"service_stage": "returned"})
            reset.reversed_entry_id._update_work_orders()
        if vals.keys() & self._get_service_content_fields():
            typed._mark_service_change()
        if vals.keys() & {"service_stage", "state"}:
            # whoever presses a button may not see the to-dos of others
            self._filter_service_life_cycle().sudo()._update_service_todos()
            # what is open of an order follows its invoices; a dependency on their state
            # would look for orders whenever any move changes its own
            invoices = self.sudo().filtered("service_invoice_type")
            invoices.work_order_ids.modified(["invoice_ids"])

    @api.model
    def _get_service_content_fields(self):
        """Fields that make up what is billed."""
        return {
            "invoice_line_ids",
            "line_ids",
            "service_tcd_ids",
            "currency_id",
            "partner_id",
            "fiscal_position_id",
            "invoice_payment_term_id",
            "invoice_cash_rounding_id",
        }

    def _mark_service_change(self):
        """Whoever changes what is billed answers for it like who saves it, also after
        it was returned or reset."""
        if not self.env.su:
            changed = self.filtered(
                lambda m: m.state == "draft"
                and m.service_saved_by_id
                and m.service_saved_by_id != self.env.user
            )
            if changed:
                changed.sudo().write({"service_saved_by_id": self.env.uid})

    def _check_service_type_kept(self, vals):
        """A saved invoice does not become a credit memo.

        :raise UserError: naming the documents whose type would change
        """
        raise_together(
            [
                self.env._(
                    "%s has a document number and stays what it is. Delete it, or "
                    "credit it once it is authorized.",
                    move._get_service_label(),
                )
                for move in self
                if move.service_number
                and vals.get("move_type", move.move_type) != move.move_type
            ]
        )

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

    def _check_service_payer_kept(self, vals):
        """An invoice of a work order is its payer's, in the order's currency.

        :raise UserError: naming the invoices whose payer or currency would change
        """
        names = {"partner_id", "currency_id"} & vals.keys()
        raise_together(
            [
                self.env._(
                    "%(number)s belongs to %(origin)s and to %(payer)s in "
                    "%(currency)s. To bill otherwise, delete it and change the order; "
                    "a credit memo stays with the invoice it credits.",
                    number=move._get_service_label(),
                    origin=move._get_service_origin_names(),
                    payer=move.partner_id.display_name,
                    currency=move.currency_id.name,
                )
                for move in self
                if (move.sudo().work_order_ids or move.sudo().reversed_entry_id)
                and any(move[name].id != vals[name] for name in names)
            ]
        )

    def _get_service_origin_names(self):
        """Names of the work orders, or of the invoice that is credited."""
        move = self.sudo()
        names = move.work_order_ids.mapped("name")
        return ", ".join(names) or move.reversed_entry_id._get_service_label()

    def _check_service_state(self, state):
        """Refuse a change of core's state that goes round the life cycle.

        :param state: new value of ``state``, ``None`` when it does not change
        """
        if state == "posted":
            self._check_service_post()
        elif state == "cancel":
            self._check_service_cancel()
        elif state == "draft":
            self._check_service_reset()

    def _check_service_post(self):
        """Only an authorizer posts, and only what was saved as fresh."""
        refuse_without_group(self.env, AUTHORIZER)
        periods = self.env["service.closed.period"]
        raise_together(
            [
                error
                for move in self
                for error in (
                    *move._get_service_post_errors(),
                    *move._get_service_batch_errors(self),
                    *periods._get_errors(move),
                )
            ]
        )

    def _get_service_batch_errors(self, batch):
        """Why this document cannot be authorized together with others.

        :param batch: all that is being authorized
        :return: list of translated sentences
        """
        self.ensure_one()
        names = self._get_service_batch_checks()
        return [error for name in names for error in getattr(self, name)(batch)]

    def _get_service_batch_checks(self):
        """Names of the methods that find it, each a list of translated sentences."""
        return [
            "_get_transfer_post_errors",
            "_get_overcredit_errors",
            "_get_overused_errors",
        ]

    def _get_service_post_errors(self):
        """Why this document cannot be authorized now.

        :return: list of translated sentences
        """
        self.ensure_one()
        names = self._get_service_post_checks()
        return [error for name in names for error in getattr(self, name)()]

    def _get_service_post_checks(self):
        """Names of the methods that find what keeps a document from being authorized,
        each a list of translated sentences."""
        return [
            "_get_stage_errors",
            "_get_prepayment_errors",
            "_get_receipt_errors",
            "_get_release_errors",
        ]

    def _get_stage_errors(self):
        """Not saved, or saved by who may not authorize it as well."""
        label = self._get_service_label()
        if self.service_keep_draft:
            return [
                self.env._("%s is kept as a draft. Untick the box and save it.", label)
            ]
        if self.service_stage != "fresh" and self.move_type == "out_invoice":
            return [
                self.env._(
                    "%s has not been saved for authorization. Use “Save and "
                    "Authorize”.",
                    label,
                )
            ]
        needs_other = self.company_id.service_maker_not_authorizer
        if needs_other and self.service_saved_by_id == self.env.user:
            return [self._describe_other_authorizers()]
        return []

    def _describe_other_authorizers(self):
        """Who may authorize what the current user prepared."""
        self.ensure_one()
        others = self._get_other_authorizers()
        if not others:
            return self.env._(
                "%(number)s was saved by you. Somebody else has to authorize it, and "
                "in %(company)s nobody else has the right to.",
                number=self._get_service_label(),
                company=self.company_id.name,
            )
        return self.env._(
            "%(number)s was saved by you. Somebody else has to authorize it: "
            "%(names)s.",
            number=self._get_service_label(),
            names=", ".join(others.mapped("name")),
        )

    def _get_other_authorizers(self):
        """Users but the current one who may authorize this document."""
        self.ensure_one()
        domain = [
            ("all_group_ids", "in", self.env.ref(AUTHORIZER).ids),
            ("company_ids", "in", self.company_id.ids),
            ("share", "=", False),
            ("id", "!=", self.env.uid),
        ]
        return self.env["res.users"].sudo().search(domain, limit=NAMED_USERS)

    def _check_service_cancel(self):
        """Documents of the life cycle are deleted, with a reason."""
        typed = self._filter_service_life_cycle()
        if not typed:
            return
        typed.check_access("write")
        raise_together(
            [
                self.env._(
                    "%s is cancelled with the button “Delete”, which asks for the "
                    "reason.",
                    move._get_service_label(),
                )
                for move in typed
                if move.service_stage != "deleted"
            ]
        )

    def _check_service_reset(self):
        """An authorized document goes back only untouched, a deleted one never."""
        typed = self._filter_service_life_cycle()
        if not typed:
            return
        refuse_without_group(self.env, AUTHORIZER)
        raise_together(
            [
                error
                for move in typed.filtered(lambda move: move.state != "draft")
                for error in move._get_service_reset_errors()
            ]
        )

    def _get_service_reset_errors(self):
        """Why this document does not go back to its preparer.

        :return: list of translated sentences
        """
        self.ensure_one()
        label = self._get_service_label()
        if self.state == "cancel":
            return [self.env._("%s was deleted and stays so.", label)]
        if self._has_matched_money():
            return [
                self.env._(
                    "%s cannot be reset: money has been received for it or it has been "
                    "adjusted. Undo that first.",
                    label,
                )
            ]
        if self.reversal_move_ids.filtered(lambda m: m.state != "cancel"):
            return [self.env._("%s cannot be reset: it has been credited.", label)]
        return self._get_credit_reset_errors()

    @api.depends("service_status")
    @api.depends_context("uid")
    def _compute_show_reset_to_draft_button(self):
        """Shown to whom it answers, and when."""
        res = super()._compute_show_reset_to_draft_button()
        is_authorizer = self.env.su or self.env.user.has_group(AUTHORIZER)
        for move in self._filter_service_life_cycle():
            if not is_authorizer or move._get_service_reset_errors():
                move.show_reset_to_draft_button = False
        return res

    def _compute_tax_lock_date_message(self):
        """Before posting the form says what will happen in a closed period."""
        res = super()._compute_tax_lock_date_message()
        periods = self.env["service.closed.period"]
        for move in periods._filter_kept(self).filtered(lambda m: m.state == "draft"):
            move.tax_lock_date_message = periods._announce(move)
        return res

    def _has_matched_money(self):
        self.ensure_one()
        lines = self.line_ids
        return bool(lines.matched_debit_ids or lines.matched_credit_ids)

    def _post(self, soft=True):
        typed = self._filter_service_life_cycle()
        if not typed:
            return super()._post(soft)
        with ExitStack() as phases:
            for name in self._get_service_post_phases():
                phases.enter_context(getattr(typed, name)())
            return super()._post(soft)

    def _get_service_post_phases(self):
        """Names of the methods around core's posting, in the order in which they
        begin; the last one ends first. Each is a context manager, called once for all
        documents of the life cycle that are authorized together."""
        return [
            "_post_share_warnings",
            "_post_receipts",
            "_post_deductions",
            "_post_credits",
            "_post_documents",
        ]

    @contextmanager
    def _post_documents(self):
        """What is posted is complete, and its orders and invoices follow."""
        self._check_service_post()
        self.filtered(lambda m: not m.service_number)._service_assign_number()
        self._sync_service_tcd()
        self.env["service.closed.period"]._leave(self)
        yield
        self._filter_posted().reversed_entry_id._update_work_orders()

    def _filter_posted(self):
        return self.filtered(lambda move: move.state == "posted")

    def button_draft(self):
        for name in self._get_service_reset_checks():
            getattr(self, name)()
        return super().button_draft()

    def _get_service_reset_checks(self):
        """Names of the methods that refuse what is not reset, with a sentence; some
        are about entries and payments of our documents."""
        return ["_check_prepaid_kept", "_check_adjusting_kept", "_check_service_reset"]

    def button_cancel(self):
        for name in self._get_service_cancel_checks():
            getattr(self, name)()
        return super().button_cancel()

    def _get_service_cancel_checks(self):
        """The same of what is not cancelled."""
        return ["_check_prepaid_kept", "_check_service_cancel"]

    def unlink(self):
        if not self.env.su:
            # whatever a caller's context says about an uninstallation
            self._unlink_except_numbered_service()
        orders = self.sudo().filtered("service_invoice_type").work_order_ids
        for name in self._get_service_removal_steps():
            getattr(self, name)()
        res = super().unlink()
        orders = orders.exists()
        orders.modified(["invoice_ids"])
        orders._update_billing_state()
        return res

    def _get_service_removal_steps(self):
        """Names of what is done before documents are removed, in this order."""
        return ["_give_releases_back"]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_numbered_service(self):
        raise_together(
            [
                self.env._(
                    "%s has a document number and cannot be removed. Use the button "
                    "“Delete”: it keeps the document and its reason.",
                    move._get_service_label(),
                )
                for move in self._filter_service_life_cycle()
                if move.service_number
            ]
        )

    def copy(self, default=None):
        """Only what is linked to its original, such as a credit memo, may repeat it.

        :raise UserError: naming the invoices of work orders
        """
        links = ("reversed_entry_id", "debit_origin_id")
        originals = [(default or {}).get(name) for name in links]
        copied = self.filtered(lambda m: m.id not in originals)
        for name in self._get_service_copy_checks():
            getattr(copied, name)()
        return super().copy(default)

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

    def _get_service_copy_checks(self):
        """Names of what keeps documents from being duplicated, in this order."""
        return ["_check_service_duplicate", "_check_releases_duplicate"]

    def _check_service_duplicate(self):
        raise_together(
            [
                self.env._(
                    "%(number)s cannot be duplicated: it would bill or deduct "
                    "%(orders)s twice. Invoices are made from the work order; to "
                    "correct this one, delete or credit it.",
                    number=move._get_service_label(),
                    orders=", ".join(
                        move.sudo().work_order_ids.mapped("name")
                        + move._get_deduction_lines().service_prepayment_id.mapped(
                            "service_number"
                        )
                    ),
                )
                for move in self._filter_service_life_cycle()
                if move.sudo().work_order_ids or move._get_deduction_lines()
            ]
        )

    def _update_work_orders(self):
        """Tell releases, which decide what is still billed, and then the work orders
        that their invoices have changed."""
        for name in self._get_service_origin_updates():
            getattr(self, name)()

    def _get_service_origin_updates(self):
        """Names of what follows the documents, in this order: what is billed of an
        order decides its state."""
        return ["_update_releases", "_update_billing_states"]

    def _update_billing_states(self):
        self.sudo().work_order_ids._update_billing_state()
