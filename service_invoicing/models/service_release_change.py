from odoo import Command, models

from ..tools.guards import raise_together


class ServiceRelease(models.Model):
    """Releases are added to an invoice and taken off it before it is authorised."""

    _inherit = "service.release"

    def _get_add_keys(self):
        """What a release and the invoice it is added to have in common.

        :return: dict label → value; the payment terms are those of the invoice
        """
        self.ensure_one()
        names = ("invoice_type", "partner_id", "company_id")
        labels = self.fields_get([*names, "currency_id"], ["string"])
        keys = {labels[name]["string"]: self[name] for name in names}
        keys[labels["currency_id"]["string"]] = self.currency_id
        keys[self.env._("Fiscal Position")] = self._get_payer_fiscal_position()
        return keys

    def _get_add_errors(self, move):
        """Why these releases cannot be added to an invoice.

        :return: list of translated sentences
        """
        keys = move._get_release_keys()
        errors = []
        for release in self:
            names = {"release": release.name, "number": move._get_service_label()}
            others = [
                name
                for name, value in release._get_add_keys().items()
                if name in keys and keys[name] != value
            ]
            if others:
                errors.append(
                    self.env._(
                        "Release %(release)s does not go on %(number)s, it differs in: "
                        "%(fields)s.",
                        fields=", ".join(others),
                        **names,
                    )
                )
            elif release._has_own_invoice() or move._has_single_release():
                errors.append(
                    self.env._(
                        "Release %(release)s does not go on %(number)s: a work order "
                        "with charges, discounts or a moved share is invoiced by "
                        "itself.",
                        **names,
                    )
                )
        return errors

    def _add_to_invoice(self, move):
        """Put confirmed releases on an invoice that is not authorised.

        :raise UserError: all that is wrong with them
        """
        self._check_action(("confirmed",))
        self._lock_for_billing()
        self._check_state(("confirmed",))
        raise_together(self._get_add_errors(move) + self._get_stale_errors())
        orders = self.work_order_id
        monthly = self.filtered(lambda release: not release.work_order_id)
        names = (*orders.mapped("name"), *monthly.mapped("name"))
        # links are protected, and only the checks above allow them
        move.sudo().write(
            {
                "invoice_line_ids": self._prepare_added_line_commands(move),
                "work_order_ids": [Command.link(order.id) for order in orders],
                "invoice_origin": ", ".join(
                    filter(None, (move.invoice_origin, *names))
                ),
            }
        )
        self._put_on_invoice(move)
        orders._update_billing_state()

    def _prepare_added_line_commands(self, move):
        """Commands of the lines that these releases add to an invoice."""
        lines = move.invoice_line_ids
        start = max(lines.mapped("sequence"), default=0) + 1
        orders = self.filtered("work_order_id")
        vals_list = [
            vals
            for release in orders
            for vals in release._prepare_added_order_lines(move.fiscal_position_id)
        ]
        commands = [
            Command.create(vals | {"sequence": sequence})
            for sequence, vals in enumerate(vals_list, start)
        ]
        if alone := move._get_release_without_section():
            order = alone.work_order_id._in_language_of(alone._get_payer())
            section = order._prepare_collective_section_vals()
            links = {
                "service_release_id": alone.id,
                "sequence": min(lines.mapped("sequence"), default=0) - 1,
            }
            commands.append(Command.create(section | links))
        monthly = (self - orders)._in_language_of_payer()
        start += len(vals_list)
        return commands + monthly._prepare_invoice_line_commands(start)

    def _prepare_added_order_lines(self, fiscal_position):
        """Values of the lines that the release of an order adds to an invoice.

        :param fiscal_position: that of the invoice
        """
        self.ensure_one()
        payer = self._get_payer()
        order = self.work_order_id._in_language_of(payer)
        return order._prepare_collective_lines(
            order._prepare_invoice_line_commands(payer, fiscal_position)
        )

    def action_remove_from_invoice(self):
        """Take releases off their invoices, which are not authorised yet; they can be
        invoiced anew.

        :raise UserError: naming the invoices of which nothing would be left
        """
        self._check_action(("invoiced",))
        self._lock_for_billing()
        self._check_state(("invoiced",))
        for move, releases in self.grouped("move_id").items():
            move._check_release_change()
            move._remove_releases(releases)
        return True
