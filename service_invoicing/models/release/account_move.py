from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import expects, parse_ids
from ...tools.guards import raise_together
from ...tools.invoice_type import select_share_types
from ...tools.shares import Payer


class AccountMove(models.Model):
    """The releases an invoice bills, which follow what becomes of it."""

    _inherit = "account.move"

    service_release_ids = fields.One2many(
        "service.release",
        "move_id",
        string="Releases",
        readonly=True,
        help="What has been released for billing and is on this invoice. A credited "
        "invoice keeps its releases here.",
    )
    service_order_release_ids = fields.One2many(
        "service.release",
        "move_id",
        string="Order Releases",
        domain=[("release_type", "=", "order")],
        readonly=True,
    )
    service_monthly_release_ids = fields.One2many(
        "service.release",
        "move_id",
        string="Monthly Releases",
        domain=[("release_type", "=", "monthly")],
        readonly=True,
    )

    service_next_invoice_type = fields.Selection(
        selection=select_share_types,
        compute="_compute_service_next_invoice_type",
        help="Billing type of the next invoice of the one work order that this invoice "
        "bills.",
    )

    @api.depends("work_order_ids")
    def _compute_service_next_invoice_type(self):
        for move in self:
            orders = move.sudo().work_order_ids if move.service_invoice_type else ()
            move.service_next_invoice_type = (
                orders.next_invoice_type if len(orders) == 1 else False
            )

    @expects(one=True)
    def action_service_next_invoice(self):
        """Make and save the next invoice of the work order that this one bills.

        :return: action that opens it
        :raise UserError: when nothing of the order is left to invoice
        """
        orders = self.work_order_ids
        if len(orders) != 1:
            raise UserError(
                self.env._(
                    "%s does not bill one work order alone. Make the next invoice from "
                    "the work order.",
                    self._get_service_label(),
                )
            )
        return orders.action_create_next_invoice()

    def action_view_releases(self):
        """Open the releases of these invoices."""
        self.check_access("read")
        return self.service_release_ids._get_list_action()

    def _give_releases_back(self):
        """What they were to bill is billed by another invoice.

        :return: function that follows the removal, ``None`` for ordinary documents
        """
        typed = self.sudo().filtered("service_invoice_type")
        orders = typed.work_order_ids
        typed.service_release_ids._take_off_invoice()
        return orders._follow_removed_invoices if orders else None

    def _check_releases_duplicate(self):
        """What was released is billed once, monthly releases among it."""
        raise_together(
            [
                self.env._(
                    "%(number)s cannot be duplicated: it would bill %(releases)s "
                    "twice. Make the invoice from its releases; to correct this one, "
                    "delete or credit it.",
                    number=move._get_service_label(),
                    releases=", ".join(releases.mapped("name")),
                )
                for move in self._filter_service_life_cycle()
                if (releases := move.sudo().line_ids.service_release_id)
            ]
        )

    # An invoice bills something of every release on it, whoever calls.

    def _check_releases_billed(self):
        raise_together([e for move in self for e in move._get_release_errors()])

    def _get_release_errors(self):
        """Why this invoice cannot be saved or authorized with its releases: the lines
        of some were deleted, which would count as billed all the same.

        :return: list of translated sentences, one per release
        """
        self.ensure_one()
        if self.move_type != "out_invoice":
            return []
        # whoever may bill the invoice may know which releases it bills
        move = self.sudo()
        billed = move._get_billed_lines().service_release_id
        return [
            self.env._(
                "%(number)s bills release %(release)s without lines: all of them were "
                "deleted. Take the release off the invoice with “Remove From Invoice” "
                "instead of its lines, or delete the invoice if it bills nothing else.",
                number=self._get_service_label(),
                release=release.name,
            )
            for release in move.service_release_ids - billed
            if release.state == "invoiced" and release._has_work_to_bill()
        ]

    @expects(one=True, release_ids=parse_ids)
    def action_service_add_releases(self, release_ids=None):
        """Add confirmed releases of the same payer to an invoice.

        :param list release_ids: ids of releases; without them the dialog that asks
            for them is returned
        :raise UserError: when the invoice is authorized, nothing was chosen, or all
            that is wrong with the releases
        """
        Change = self.env["service.release.change"]
        Change._check(self)
        if release_ids is None:
            return self.env["service.release.wizard"]._open(self)
        Change._add(self, Change._choose(self, release_ids))
        return True

    def _get_service_payer(self):
        """Whose share of its work orders this invoice bills."""
        self.ensure_one()
        return Payer(self.service_invoice_type, self.partner_id)

    def _bills_moved_share(self):
        """Whether another payer was to bear what this invoice bills."""
        self.ensure_one()
        return any(self.sudo().service_release_ids.mapped("is_moved"))

    def _get_tcd_scope_lines(self):
        """Charges and discounts that come with one invoice count on all that its payer
        bears of the order."""
        lines = super()._get_tcd_scope_lines()
        for release in self.sudo().service_order_release_ids.filtered("has_tcd"):
            order, payer = release.work_order_id, release._get_payer()
            for part in order._get_parts_beside(payer, self.service_release_ids):
                line = part.order_line._get_part_scope_line(part)
                taxes = self.fiscal_position_id._map_kept_taxes(line.taxes)
                lines.append(line._replace(taxes=taxes))
        return lines
