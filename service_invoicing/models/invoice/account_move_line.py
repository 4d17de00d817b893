from collections import defaultdict
from functools import partial

from odoo import Command, api, fields, models
from odoo.tools.sql import column_exists, create_column

from ...tools.cost_category import ADDITIONAL_CHARGE, COST_CATEGORIES
from ...tools.guards import (
    changes_values,
    get_changed_names,
    get_field_labels,
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
)
from ...tools.tax_data import MANUAL_KEY, NET_KEY, TAXABLE_KEY


class AccountMoveLine(models.Model):
    """What a line of an invoice bills, and the guards that keep it."""

    _inherit = "account.move.line"

    service_cost_category = fields.Selection(
        selection=COST_CATEGORIES,
        string="Cost Category",
        compute="_compute_service_cost_category",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the line stands in the invoice summary.",
    )
    service_order_line_id = fields.Many2one(
        "service.work.order.line",
        string="Work Order Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    service_deductible = fields.Boolean(
        string="Deductible",
        readonly=True,
        help="Moves the own risk of a claim from the insurer to the customer.",
    )
    service_tcd_id = fields.Many2one(
        "service.tcd",
        string="Charge or Discount",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The charge or discount this line was made from when the invoice was "
        "saved.",
    )

    service_tax_claim_id = fields.Many2one(
        "service.insurance.claim",
        string="Claim Taxed to Customer",
        readonly=True,
        index="btree_not_null",
        help="The line is one of a pair that adds up to zero: by it the customer pays "
        "the tax on what the insurer of this claim pays net.",
    )

    def _is_moved_from_insurer(self):
        """Whether the line bills no work but what the insurer does not pay of it."""
        return self.service_deductible or bool(self.service_tax_claim_id)

    def _auto_init(self):
        # As on the invoice: no line has a category when the add-on is installed.
        if not column_exists(self.env.cr, self._table, "service_cost_category"):
            create_column(self.env.cr, self._table, "service_cost_category", "varchar")
        return super()._auto_init()

    @api.depends("product_id", "move_id.service_invoice_type")
    def _compute_service_cost_category(self):
        for line in self:
            if line.move_id.service_invoice_type and line.display_type == "product":
                template = line.product_id.product_tmpl_id
                line.service_cost_category = (
                    template._get_service_cost_category() or line.service_cost_category
                )
            else:
                line.service_cost_category = line.service_cost_category

    def _add_to_service_summary(self, sums):
        """Add every line to its place in the summary.

        :param dict sums: place → amount in the document's currency; discounts and
            withholding are positive when they reduce
        """
        for line in self:
            amount = line.amount_currency * line.move_id.direction_sign
            bucket = line._get_service_bucket(amount)
            if bucket:
                sign = -1 if bucket in ("discount", "withholding") else 1
                sums[bucket] += sign * amount

    def _get_service_bucket(self, amount):
        """Place of this line in the invoice summary.

        :param float amount: amount of the line, positive when it raises the total
        :return: cost category, tax, charge, discount or withholding; ``None`` for
            lines that are no part of the invoiced amount
        """
        self.ensure_one()
        if self.display_type == "tax":
            return "withholding" if self.tax_line_id.service_withholding else "tax"
        if self.display_type == "rounding":
            return "charge" if amount >= 0 else "discount"
        # a deduction is no part of what the service costs
        if self.display_type != "product" or self.service_prepayment_id:
            return None
        if self.service_tcd_id:
            return self.service_tcd_id.tcd_type
        return self.service_cost_category or ADDITIONAL_CHARGE

    def copy_data(self, default=None):
        """A copy knows what was a deduction, which a credit memo gives back and any
        other copy leaves out, and which of its taxes a tax row has put there."""
        vals_list = super().copy_data(default)
        for line, vals in zip(self, vals_list, strict=True):
            if not line.move_id.service_invoice_type:
                continue
            if line.service_prepayment_id:
                vals["service_prepayment_id"] = line.service_prepayment_id.id
            if taxes := line.service_tcd_tax_ids:
                vals["service_tcd_tax_ids"] = [Command.set(taxes.ids)]
        return vals_list

    # The guards of invoice lines: the same answer whoever calls.

    @api.model
    def _get_service_protected_fields(self):
        """Links only the add-on's own methods write on a line that exists."""
        return {
            "service_order_line_id",
            "service_deductible",
            "service_tax_claim_id",
            "service_tcd_id",
            "service_tcd_tax_ids",
            "service_work_quantity",
            "service_credited_line_id",
            "service_release_id",
            "service_release_line_id",
            "service_prepayment_id",
            "service_deduction_manual",
        }

    @api.model
    def _get_service_content_fields(self):
        """Fields by which a person changes what a line bills."""
        return {
            "price_unit",
            "quantity",
            "discount",
            "product_id",
            "account_id",
            "tax_ids",
            "amount_currency",
            "balance",
            "debit",
            "credit",
            "extra_tax_data",
            "move_id",
        }

    @api.model
    def _get_service_frozen_fields(self):
        """Fields core lets be written on posted lines, without any effect on what was
        posted: the summary, the print and a credit memo would follow them."""
        return {
            "price_unit",
            "quantity",
            "discount",
            "product_id",
            "product_uom_id",
            "service_cost_category",
        }

    @api.model_create_multi
    def create(self, vals_list):
        # links to releases, which nobody sets by hand
        protected = {"service_release_id": False, "service_release_line_id": False}
        for vals in vals_list:
            refuse_protected_at_creation(self, protected, vals)
        lines = super().create(vals_list)
        if not self.env.su:
            for name in self._get_service_creation_checks():
                getattr(lines, name)()
        for name in self._get_service_creation_steps():
            getattr(lines, name)()
        return lines

    def _get_service_creation_checks(self):
        """Names of the methods that refuse lines, or note them, after their creation
        by a user."""
        return [
            "_check_booked_items",
            "_check_service_links",
            "_check_deduction_links",
            "_check_tax_data",
            "_mark_service_change",
        ]

    def _get_service_creation_steps(self):
        """Names of what is done with lines after their creation, by whoever."""
        return ["_correct_prepayment_accounts"]

    def _check_service_links(self):
        """Links are given by the add-on's own methods; core's reversal repeats those
        of the line it credits.

        :raise AccessError: when a new line names what its document has nothing to do
            with
        """
        names = ("service_order_line_id", "service_tax_claim_id", "service_tcd_id")
        for line in self.filtered(
            lambda line: line.service_credited_line_id or any(line[n] for n in names)
        ):
            found = {n: line[n].id for n in names if line._is_foreign_link(n)}
            origin = line.service_credited_line_id
            if origin.move_id != line.move_id.reversed_entry_id and origin:
                found["service_credited_line_id"] = origin.id
            refuse_protected(self.browse(), dict.fromkeys(found), found)

    def _is_foreign_link(self, name):
        """Whether what a new line is linked to belongs to another document.

        :param str name: field of the link
        """
        self.ensure_one()
        line = self.sudo()
        linked, origin = line[name], line.service_credited_line_id
        if not linked or linked == origin[name]:
            return False
        if name == "service_tcd_id":
            return bool(linked.company_id - line.company_id.parent_ids)
        order_field = "work_order_id" if name == "service_tax_claim_id" else "order_id"
        order, move = linked[order_field], line.move_id
        if move.work_order_ids:
            return order not in move.work_order_ids
        # a replacement is linked to its orders after it was made
        return not order.invoice_ids.filtered(
            lambda invoice: invoice.reversal_move_ids
            and invoice.partner_id == move.partner_id
        )

    def write(self, vals):
        followers = [
            getattr(self, name)(vals) for name in self._get_service_write_steps()
        ]
        res = super().write(vals)
        for follow in filter(None, reversed(followers)):
            follow()
        return res

    def _get_service_write_steps(self):
        """Names of what keeps lines from being changed. Each gets the values, and may
        return a function for what follows the change."""
        return [
            "_describe_changed_shares",
            "_drop_taxes_of_rows",
            "_keep_schedule",
            "_keep_billed",
        ]

    def _keep_billed(self, vals):
        """What a person may change of a line that bills something.

        :return: function that follows the change, ``None`` without any
        """
        if self.env.su:
            return None
        refuse_protected(
            self, dict.fromkeys(self._get_service_protected_fields()), vals
        )
        self._check_billed_lines_kept(vals)
        self._check_document_kept(vals)
        self._check_booked(vals)
        names = self._get_service_content_fields() | {"extra_tax_data"}
        return partial(self._follow_change, vals) if vals.keys() & names else None

    def _follow_change(self, vals):
        if vals.get("extra_tax_data"):
            self._check_tax_data()
        if vals.keys() & self._get_service_content_fields():
            self._mark_service_change()

    def unlink(self):
        if not self.env.su:
            # whatever a caller's context says about an uninstallation
            self._check_booked_items()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_mark_service_change(self):
        self._mark_service_change()

    def _mark_service_change(self):
        """Whoever changes what is billed answers for it; taxes and instalments follow
        by themselves."""
        typed = self.move_id._filter_service_life_cycle()
        if typed:
            billed = self.filtered(lambda line: line.display_type == "product")
            self.env["service.move.guard"]._mark_change(billed.move_id & typed)

    def _check_billed_lines_kept(self, vals):
        """:raise UserError: naming the authorized documents whose lines change"""
        names = self._get_service_frozen_fields() & vals.keys()
        if not names:
            return
        changed = self.filtered(
            lambda line: line.move_id.state != "draft"
            and line.display_type == "product"
            and changes_values(line, vals, names)
        )
        raise_together(
            [
                self.env._(
                    "%s: what it bills does not change any more. Reset the document "
                    "first, or credit it.",
                    move._get_service_label(),
                )
                for move in changed.move_id._filter_service_life_cycle()
            ]
        )

    def _check_document_kept(self, vals):
        """What a document bills does not go to another one, where neither its release
        nor its order would follow.

        :raise UserError: naming both documents of every line that would move
        """
        if "move_id" not in vals:
            return
        moved = self.filtered(
            lambda line: changes_values(line, vals, {"move_id"})
            and line._belongs_to_document()
        )
        if not moved:
            return
        target = moved.move_id.browse(vals["move_id"] or [])
        target = target.exists()._filtered_access("read")
        raise_together(
            [
                self.env._(
                    "%(number)s: its lines stay on it and do not go to %(other)s. "
                    "Remove the release or delete the invoice, and bill it anew.",
                    number=move._get_service_label(),
                    other=target._get_service_label() if target else "–",
                )
                for move in moved.move_id
            ]
        )

    def _belongs_to_document(self):
        """Whether this line came with a release, or bills something on a document that
        has a document number."""
        self.ensure_one()
        move = self.move_id
        is_numbered = move.service_number and move._filter_service_life_cycle()
        is_billed = self.display_type == "product" and is_numbered
        return bool(self.sudo().service_release_id or is_billed)

    # The items of a posted document stay as they are.

    @api.model
    def _get_booked_fields(self):
        """Fields that say where a journal item is booked, and with how much."""
        return {
            "account_id",
            "amount_currency",
            "amount_residual",
            "amount_residual_currency",
            "balance",
            "company_id",
            "credit",
            "currency_id",
            "currency_rate",
            "date",
            "debit",
            "display_type",
            "is_storno",
            "journal_id",
            "move_id",
            "partner_id",
            "price_subtotal",
            "price_total",
            "reconciled",
            "tax_base_amount",
            "tax_ids",
            "tax_line_id",
            "tax_repartition_line_id",
            "tax_tag_ids",
        }

    def _check_booked_items(self):
        """A posted document gains and loses no items.

        :raise UserError: naming the documents
        """
        guard = self.env["service.move.guard"]
        if booked := guard._filter_booked(self.move_id):
            label = get_field_labels(booked, ["line_ids"])
            raise_together([guard._get_booked_error(move, label) for move in booked])

    def _check_booked(self, vals):
        """:raise UserError: naming the documents and what would change on them"""
        names = self._get_booked_fields() & vals.keys()
        guard = self.env["service.move.guard"]
        booked = names and guard._filter_booked(self.move_id)
        if not booked:
            return
        changed = defaultdict(set)
        for line in self.filtered(lambda line: line.move_id in booked):
            changed[line.move_id].update(get_changed_names(line, vals, names))
        raise_together(
            [
                guard._get_booked_error(move, get_field_labels(self, sorted(found)))
                for move, found in changed.items()
                if found
            ]
        )

    def _check_tax_data(self):
        """Tax amounts of one's own come by the row of a tax, where the company allows
        them; a credit memo repeats those of its invoice.

        :raise UserError: naming the documents
        """
        typed = self.filtered(
            lambda line: line.extra_tax_data
            and {MANUAL_KEY, NET_KEY} & set(line.extra_tax_data)
            and not line._has_taxable_amount()
            and not line._differs_by_rounding()
        )
        invoices = typed.move_id._filter_service_life_cycle().filtered(
            lambda move: move.move_type == "out_invoice"
        )
        raise_together(
            [
                self.env._(
                    "%s: tax amounts cannot be typed on its lines. Type the taxable "
                    "amount of a tax row, if the company allows it.",
                    move._get_service_label(),
                )
                for move in invoices
            ]
        )

    def _get_matched_amounts(self):
        """Reconciled part of this line; exchange differences are neither.

        :return: (adjusted, received) in the document's currency
        """
        self.ensure_one()
        sign = -self.move_id.direction_sign
        parts = [
            (partial.credit_move_id.move_id, sign * partial.debit_amount_currency)
            for partial in self.matched_credit_ids
        ] + [
            (partial.debit_move_id.move_id, -sign * partial.credit_amount_currency)
            for partial in self.matched_debit_ids
        ]
        move = self.move_id
        adjusted = sum(
            a for counterpart, a in parts if move._is_adjustment(counterpart)
        )
        received = sum(a for counterpart, a in parts if move._is_receipt(counterpart))
        return self.currency_id.round(adjusted), self.currency_id.round(received)

    def _has_taxable_amount(self):
        """Whether a typed taxable amount is on the line, as far as we put it there."""
        self.ensure_one()
        key = (self.extra_tax_data or {}).get("computation_key") or ""
        return key.startswith(TAXABLE_KEY)
