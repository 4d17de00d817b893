from functools import partial

from odoo import api, models
from odoo.tools import ormcache

from ...tools.groups import AUTHORIZER
from ...tools.guards import (
    get_changed_names,
    get_context_defaults,
    get_field_labels,
    raise_together,
    refuse_protected,
    refuse_without_group,
)

PRINT_FIELD = "invoice_pdf_report_file"


class ServiceMoveGuard(models.AbstractModel):
    """What is refused, and what follows, when documents are made, changed, reset,
    cancelled, copied or removed: the same answer whoever calls.

    What packages have to say stands in lists: names of methods of the documents, in the
    order in which they are called, for all documents at once.
    """

    _name = "service.move.guard"
    _description = "Guards of Billing Documents"

    @api.model
    def _get_protected_fields(self):
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
            "service_mail_id",
            *self._get_summary_fields(),
        ]
        return {"service_stage": "draft", **dict.fromkeys(names, False)}

    @api.model
    @ormcache()
    def _get_summary_fields(self):
        """Totals of the invoice summary; asked for at every write on any move."""
        return tuple(
            name
            for name in self.env["account.move"]._fields
            if name.startswith("service_amount_")
        )

    @api.model
    def _get_content_fields(self):
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

    def _call(self, moves, names, *args):
        for name in names:
            getattr(moves, name)(*args)

    # -- creation --------------------------------------------------------------

    def _prepare_creation(self, moves, vals_list):
        """What documents are made with: completed, and refused where it goes round the
        life cycle.

        :param moves: empty, with the rights and the context of who makes them
        :return: list of values
        :raise AccessError: when a document would come into being authorized or deleted
        """
        for name in self._get_preparation_steps():
            vals_list = [getattr(moves, name)(vals) for vals in vals_list]
        protected = self._get_protected_fields()
        defaults = get_context_defaults(moves.env)
        for vals in vals_list:
            given = defaults | vals
            refuse_protected(moves, protected, given)
            # core looks for another state in the values, but not in the context
            if given.get("service_invoice_type") or given.get("reversed_entry_id"):
                refuse_protected(moves, {"state": "draft"}, given)
        return vals_list

    def _get_preparation_steps(self):
        """What gets the values of a document before it is made, and returns them
        completed."""
        return ["_follow_credited_invoice"]

    def _follow_creation(self, moves, vals_list):
        self._check_print_at_creation(moves, vals_list)
        self._call(moves, self._get_creation_steps(), vals_list)

    def _get_creation_steps(self):
        """What is checked or done when documents were made; each gets the list of
        values."""
        return ["_check_receipts_at_creation", "_add_automatic_tcd"]

    # -- changes ---------------------------------------------------------------

    def _before_write(self, moves, vals):
        """What keeps documents from being changed.

        :return: list of functions for what follows the change, in that order
        """
        steps = [getattr(moves, name) for name in self._get_write_steps()]
        followers = [step(vals) for step in steps]
        followers.append(self._keep_life_cycle(moves, vals))
        return [follow for follow in reversed(followers) if follow]

    def _get_write_steps(self):
        """What keeps documents from being changed. Each gets the values, and may
        return a function for what follows the change."""
        return [
            # what follows in the end
            "_sync_waiting_tcd",
            "_keep_prepaid",
            "_keep_credited_invoice",
            "_recount_typed_taxes",
            "_keep_receipt",
        ]

    def _keep_life_cycle(self, moves, vals):
        """What only the buttons change; who changes what is billed answers for it.

        :return: function, or ``None`` for ordinary documents
        """
        protected = dict.fromkeys(self._get_protected_fields())
        refuse_protected(moves, protected | {"service_invoice_type": None}, vals)
        if not moves.env.su:
            if vals.get(PRINT_FIELD):
                self._refuse_print(moves)
            self._check_booked(moves, vals)
        typed = moves._filter_service_life_cycle()
        if typed:
            self._check_type_kept(typed, vals)
            self._check_payer_kept(typed, vals)
            self._check_state(typed, vals.get("state"))
        reset = typed.filtered(lambda m: vals.get("state") == "draft" != m.state)
        if typed or vals.keys() & {"service_stage", "state"}:
            return partial(self._follow_life_cycle, moves, typed, reset, vals)
        return None

    def _follow_life_cycle(self, moves, typed, reset, vals):
        """:param typed: those of these documents that were ours before the change
        :param reset: those that were taken back"""
        if reset:
            reset.sudo().write({"service_stage": "returned"})
            self.env["service.life.cycle"]._update_origins(reset.reversed_entry_id)
        if vals.keys() & self._get_content_fields():
            self._mark_change(typed)
        if vals.keys() & {"service_stage", "state"}:
            # whoever presses a button may not see the to-dos of others
            mine = moves._filter_service_life_cycle().sudo()
            self.env["service.move.todo"]._update(mine)
            # what is open of an order follows its invoices; a dependency on their state
            # would look for orders whenever any move changes its own
            invoices = moves.sudo().filtered("service_invoice_type")
            invoices.work_order_ids.modified(["invoice_ids"])

    def _mark_change(self, moves):
        """Whoever changes what is billed answers for it like who saves it, also after
        it was returned or reset."""
        if not moves.env.su:
            user = moves.env.user
            changed = moves.filtered(
                lambda m: m.state == "draft"
                and m.service_saved_by_id
                and m.service_saved_by_id != user
            )
            if changed:
                changed.sudo().write({"service_saved_by_id": user.id})

    def _check_type_kept(self, moves, vals):
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
                for move in moves
                if move.service_number
                and vals.get("move_type", move.move_type) != move.move_type
            ]
        )

    def _check_payer_kept(self, moves, vals):
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
                    origin=origin,
                    payer=move.partner_id.display_name,
                    currency=move.currency_id.name,
                )
                for move in moves
                if any(move[name].id != vals[name] for name in names)
                and (origin := self._describe_origin(move.sudo()))
            ]
        )

    def _describe_origin(self, move):
        """Names of the work orders, or of the invoice that is credited; empty without
        any."""
        credited = move.reversed_entry_id
        names = move.work_order_ids.mapped("name")
        return ", ".join(names or [m._get_service_label() for m in credited])

    # -- what is booked: the ledger of posted documents is changed by resetting or
    # crediting them, whatever core lets be written on a posted move -------------

    def _filter_booked(self, moves):
        """Posted documents whose entries nobody changes. Asked for every write on a
        posted move: looks at stored fields only."""
        return moves._filter_service_life_cycle()._filter_posted()

    @api.model
    @ormcache()
    def _get_booked_fields(self):
        """Fields that say what was posted, when, for whom and what of it is paid; asked
        for at every write on any move."""
        fields = self.env["account.move"]._fields
        return frozenset(name for name in fields if name.startswith("amount_")) | {
            "commercial_partner_id",
            "company_id",
            "currency_id",
            "date",
            "fiscal_position_id",
            "invoice_cash_rounding_id",
            "invoice_currency_rate",
            "invoice_date",
            "invoice_payment_term_id",
            "is_storno",
            "journal_id",
            "move_type",
            "name",
            "partner_id",
            "payment_state",
            "posted_before",
        }

    def _get_booked_error(self, move, labels):
        """Why what is booked by a document does not change any more.

        :param str labels: what would change, as a person calls it
        """
        return self.env._(
            "%(number)s: %(fields)s cannot be changed after authorization. Reset the "
            "document first, or credit it.",
            number=move._get_service_label(),
            fields=labels,
        )

    def _check_booked(self, moves, vals):
        """:raise UserError: naming the documents and what would change on them"""
        names = self._get_booked_fields() & vals.keys()
        if names:
            raise_together(
                [
                    self._get_booked_error(move, get_field_labels(move, changed))
                    for move in self._filter_booked(moves)
                    if (changed := get_changed_names(move, vals, names))
                ]
            )

    # -- the stored print is what core's sending made of the document -----------

    def _check_print_at_creation(self, moves, vals_list):
        """No new document of ours comes with a print that nobody made of it."""
        if moves.env.su:
            return
        defaults = get_context_defaults(moves.env)
        planted = moves.browse(
            move.id
            for move, vals in zip(moves, vals_list, strict=True)
            if (defaults | vals).get(PRINT_FIELD)
        )
        self._refuse_print(planted)

    def _refuse_print(self, moves):
        """:raise UserError: naming those of these documents that are ours"""
        raise_together(
            [
                self.env._(
                    "%s: its print is made by printing or sending it. Add other files "
                    "to the document as attachments.",
                    move._get_service_label(),
                )
                for move in moves.filtered("service_invoice_type")
            ]
        )

    # -- state -----------------------------------------------------------------

    def _check_state(self, moves, state):
        """Refuse a change of core's state that goes round the life cycle.

        :param state: new value of ``state``, ``None`` when it does not change
        """
        if state == "posted":
            self.env["service.authorization"]._check(moves)
        elif state == "cancel":
            self._check_cancel(moves)
        elif state == "draft":
            self._check_reset(moves)

    def _before_cancel(self, moves):
        self._call(moves, self._get_cancel_checks())
        self._check_cancel(moves)

    def _get_cancel_checks(self):
        """What refuses what is not cancelled, with a sentence; some are about entries
        and payments of our documents."""
        return ["_check_prepaid_kept"]

    def _check_cancel(self, moves):
        """Documents of the life cycle are deleted, with a reason."""
        typed = moves._filter_service_life_cycle()
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

    def _before_reset(self, moves):
        self._call(moves, self._get_reset_checks())
        self._check_reset(moves)

    def _get_reset_checks(self):
        """The same of what is not reset."""
        return ["_check_prepaid_kept", "_check_adjusting_kept"]

    def _check_reset(self, moves):
        """An authorized document goes back only untouched, a deleted one never."""
        typed = moves._filter_service_life_cycle()
        if not typed:
            return
        refuse_without_group(moves.env, AUTHORIZER)
        raise_together(
            [
                error
                for move in typed.filtered(lambda move: move.state != "draft")
                for error in self._get_reset_errors(move)
            ]
        )

    def _get_reset_errors(self, move):
        """Why a document does not go back to its preparer.

        :return: list of translated sentences
        """
        label = move._get_service_label()
        if move.state == "cancel":
            return [self.env._("%s was deleted and stays so.", label)]
        if move._has_matched_money():
            return [
                self.env._(
                    "%s cannot be reset: money has been received for it or it has been "
                    "adjusted. Undo that first.",
                    label,
                )
            ]
        if move.reversal_move_ids.filtered(lambda m: m.state != "cancel"):
            return [self.env._("%s cannot be reset: it has been credited.", label)]
        return self._get_taking_back_errors(move)

    def _get_deletion_errors(self, move):
        """Why a document is not deleted.

        :return: list of translated sentences
        """
        errors = self._get_taking_back_errors(move)
        if move._has_matched_money():
            matched = self.env._(
                "%s cannot be deleted: money is matched with it. Undo that first.",
                move._get_service_label(),
            )
            errors = [matched, *errors]
        return errors

    def _get_taking_back_errors(self, move):
        names = self._get_taking_back_checks()
        return [error for name in names for error in getattr(move, name)()]

    def _get_taking_back_checks(self):
        """What keeps a document from being reset or deleted, each a list of translated
        sentences."""
        return ["_get_credit_reset_errors"]

    # -- copies and removal ----------------------------------------------------

    def _check_copy(self, moves):
        """:raise UserError: naming what would be billed twice"""
        raise_together(
            [
                self.env._(
                    "%(number)s cannot be duplicated: it would bill or deduct "
                    "%(orders)s twice. Invoices are made from the work order; to "
                    "correct this one, delete or credit it.",
                    number=move._get_service_label(),
                    orders=", ".join(
                        orders.mapped("name") + prepayments.mapped("service_number")
                    ),
                )
                for move in moves._filter_service_life_cycle()
                for orders in [move.sudo().work_order_ids]
                for prepayments in [move.invoice_line_ids.service_prepayment_id]
                if orders or prepayments
            ]
        )
        self._call(moves, self._get_copy_checks())

    def _get_copy_checks(self):
        """What keeps documents from being duplicated, too."""
        return ["_check_releases_duplicate"]

    def _check_removal(self, moves):
        """:raise UserError: naming what has a document number"""
        raise_together(
            [
                self.env._(
                    "%s has a document number and cannot be removed. Use the button "
                    "“Delete”: it keeps the document and its reason.",
                    move._get_service_label(),
                )
                for move in moves._filter_service_life_cycle()
                if move.service_number
            ]
        )

    def _before_removal(self, moves):
        """:return: list of functions for what follows the removal"""
        if not moves.env.su:
            # whatever a caller's context says about an uninstallation
            self._check_removal(moves)
        steps = [getattr(moves, name) for name in self._get_removal_steps()]
        return [follow for step in steps if (follow := step())]

    def _get_removal_steps(self):
        """What is done before documents are removed; each may return a function for
        what follows."""
        return ["_give_releases_back"]
