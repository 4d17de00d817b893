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

    # Several invoices of one payer and order: parts before, the rest at the end.

    def _bills_part(self):
        """Whether other invoices bill a part of the same shares; a price that was
        corrected is no part."""
        self.ensure_one()
        agreed, billed = {}, {}
        for order in self.sudo().work_order_ids:
            agreed |= order._get_agreed_amounts()
        for line in self.sudo().invoice_line_ids.filtered("service_order_line_id"):
            if not line.service_tcd_id and not line.service_tax_claim_id:
                released = line.service_release_line_id
                share = released.share_amount if released else line.price_subtotal
                key = line.service_order_line_id, self.service_invoice_type
                billed[key] = billed.get(key, 0.0) + share
        # included taxes may move a smallest unit
        slack = self.currency_id.rounding * 1.5
        return any(
            abs(share - agreed.get(key, 0.0)) > slack for key, share in billed.items()
        )

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

    def _get_earlier_invoices(self):
        """Invoices by which this one's payer was billed parts of its orders before.

        :return: ``account.move``, oldest first
        """
        self.ensure_one()
        own = self.sudo().service_order_release_ids
        if self.move_type != "out_invoice" or any(own.mapped("is_supplement")):
            return self.browse()
        others = own.work_order_id._get_standing_releases(void=own).filtered(
            lambda r: r.state == "invoiced"
            and not r.is_supplement
            and r._get_payer() == self._get_service_payer()
            and r.move_id.id < self.id
        )
        return others.move_id.sorted("id").sudo(self.env.su)
