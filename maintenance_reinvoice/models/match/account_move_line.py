from odoo import Command, fields, models

from ...tools.agreed_shares import share_by_agreed

PRICE_FIELDS = ("quantity", "price_unit", "discount")


class AccountMoveLine(models.Model):
    """What a received line names; splitting and joining lines of garages' bills leaves
    their totals alone."""

    _inherit = "account.move.line"

    maintenance_split_id = fields.Many2one(
        "account.move.line",
        string="Split From",
        copy=False,
        index="btree_not_null",
        help="The line of the garage's bill that this line was a part of.",
    )
    maintenance_split_data = fields.Json(
        copy=False, help="Quantity, price and discount before the line was split."
    )
    maintenance_named = fields.Json(
        copy=False,
        readonly=True,
        help="References and texts of this line of the received document that may name "
        "a permission or a vehicle.",
    )
    maintenance_whole = fields.Boolean(
        string="Of the Bill as a Whole",
        copy=False,
        readonly=True,
        help="The received document charges or allows it for the bill as a whole: all "
        "permissions on it bear it, by value.",
    )

    def _prepare_split_commands(self, lines):
        """Divide the bill line among permission lines by their agreed prices."""
        self.ensure_one()
        whole = {name: self[name] for name in (*PRICE_FIELDS, "price_subtotal")}
        shares = share_by_agreed(
            self.price_subtotal, lines.mapped("purchase_price"), self.currency_id
        )
        commands = []
        for line, share in zip(lines, shares, strict=True):
            vals = {
                "quantity": 1.0,
                "discount": 0.0,
                "price_unit": self.tax_ids._get_price_for_net(share, self.currency_id),
                **line._prepare_match_vals(),
            }
            if commands:
                part = self._prepare_split_vals() | vals
                commands.append(Command.create(part))
            else:
                vals["maintenance_split_data"] = whole
                commands.append(Command.update(self.id, vals))
        return commands

    def _prepare_split_vals(self):
        """Values that a part takes over from the line it was split from."""
        self.ensure_one()
        return {
            "name": self.name,
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom_id.id,
            "account_id": self.account_id.id,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution or False,
            "maintenance_split_id": self.id,
        }

    def _get_split_origins(self):
        """The lines that these were split from, or they themselves."""
        parts = self.filtered("maintenance_split_id")
        return (self - parts) | parts.maintenance_split_id

    def _prepare_unmatch_commands(self):
        """Take one line off its permission, and its parts back into it."""
        self.ensure_one()
        parts = self.move_id.invoice_line_ids.filtered(
            lambda line: line.maintenance_split_id == self
        )
        vals = {
            "maintenance_line_id": False,
            "maintenance_contract_id": False,
            "vehicle_id": False,
            "analytic_distribution": False,
            "maintenance_split_data": False,
        }
        if self.maintenance_split_data:
            vals |= self._prepare_merge_vals(parts)
        commands = [Command.delete(part.id) for part in parts]
        return [*commands, Command.update(self.id, vals)]

    def _prepare_merge_vals(self, parts):
        """Quantity and price as before the split, unless somebody has changed the
        price of a part since."""
        net, whole = (
            sum((self + parts).mapped("price_subtotal")),
            self.maintenance_split_data,
        )
        if self.currency_id.compare_amounts(net, whole["price_subtotal"]):
            price = self.tax_ids._get_price_for_net(net, self.currency_id)
            return {"quantity": 1.0, "price_unit": price, "discount": 0.0}
        return {name: whole[name] for name in PRICE_FIELDS}
