from odoo import Command, models
from odoo.exceptions import UserError

from ...tools.groups import BILLING
from ...tools.guards import raise_together
from ...tools.invoice_type import TO_AUTHORIZE


class ServiceReleaseChange(models.AbstractModel):
    """Releases come on an invoice and leave it before it is authorized."""

    _name = "service.release.change"
    _description = "Releases Added to Invoices and Taken Off"

    def _check(self, moves):
        """Releases change on invoices that are not authorized, by billing clerks.

        :raise UserError: naming the documents
        """
        self.env["service.life.cycle"]._check(moves, BILLING, TO_AUTHORIZE)
        raise_together(
            [
                self.env._(
                    "%s is a credit memo: it follows the invoice it credits.",
                    move._get_service_label(),
                )
                for move in moves
                if move.move_type != "out_invoice"
            ]
        )

    def _choose(self, move, release_ids):
        """Releases that a caller asks for by their ids, in his order.

        :raise UserError: when there is none, or he does not see one of them
        """
        Release = self.env["service.release"]
        chosen = Release.browse(release_ids)
        seen = Release.search([("id", "in", chosen.ids)])
        if not seen or chosen - seen:
            raise UserError(
                self.env._(
                    "%s: choose the releases to add from the list of those you see.",
                    move._get_service_label(),
                )
            )
        return chosen & seen

    def _add(self, move, releases):
        """Put confirmed releases on an invoice.

        :raise UserError: all that is wrong with them
        """
        releases._check_action(("confirmed",))
        releases._lock_for_billing()
        releases._check_state(("confirmed",))
        raise_together(self._get_errors(move, releases))
        orders = releases.work_order_id
        monthly = releases.filtered(lambda release: not release.work_order_id)
        names = (*orders.mapped("name"), *monthly.mapped("name"))
        # links are protected, and only the checks above allow them
        move.sudo().write(
            {
                "invoice_line_ids": self._prepare_line_commands(move, releases),
                "work_order_ids": [Command.link(order.id) for order in orders],
                "invoice_origin": ", ".join(
                    filter(None, (move.invoice_origin, *names))
                ),
            }
        )
        releases._put_on_invoice(move)
        orders._update_billing_state()
        names = ", ".join(releases.mapped("name"))
        self._finish(move, self.env._("Releases added: %s", names))

    def _get_errors(self, move, releases):
        """Why releases cannot be added to an invoice.

        :return: list of translated sentences
        """
        keys = self._get_invoice_keys(move)
        is_single = bool(move.service_release_ids.single_id)
        errors = []
        for release in releases:
            names = {"release": release.name, "number": move._get_service_label()}
            own = self._get_release_keys(release)
            others = [label for label, value in keys.items() if own[label] != value]
            if others:
                errors.append(
                    self.env._(
                        "Release %(release)s does not go on %(number)s, it differs in: "
                        "%(fields)s.",
                        fields=", ".join(others),
                        **names,
                    )
                )
            elif is_single or release.single_id:
                errors.append(
                    self.env._(
                        "Release %(release)s does not go on %(number)s: a work order "
                        "with charges, discounts or a moved share is invoiced by "
                        "itself.",
                        **names,
                    )
                )
        return errors

    def _get_invoice_keys(self, move):
        """What a release must have in common with an invoice: that of the releases on
        it, else what the invoice says itself."""
        if move.service_release_ids:
            return self._get_release_keys(move.service_release_ids[0])
        return self._get_keys(move, move.service_invoice_type, move.fiscal_position_id)

    def _get_release_keys(self, release):
        """Keys of a release; the payment terms are those of the invoice."""
        fiscal_position = release._get_payer_fiscal_position()
        return self._get_keys(release, release.invoice_type, fiscal_position)

    def _get_keys(self, document, invoice_type, fiscal_position):
        """:return: dict label → value"""
        values = {
            "invoice_type": invoice_type,
            "partner_id": document.partner_id,
            "company_id": document.company_id,
            "currency_id": document.currency_id,
            "fiscal_position_id": fiscal_position,
        }
        labels = self.env["service.release"].fields_get(list(values), ["string"])
        return {labels[name]["string"]: value for name, value in values.items()}

    def _prepare_line_commands(self, move, releases):
        """Commands of the lines that releases add to an invoice."""
        lines = move.invoice_line_ids
        start = max(lines.mapped("sequence"), default=0) + 1
        orders = releases.filtered("work_order_id")
        vals_list = [
            vals
            for release in orders
            for vals in release._prepare_added_order_lines(move.fiscal_position_id)
        ]
        commands = [
            Command.create(vals | {"sequence": sequence})
            for sequence, vals in enumerate(vals_list, start)
        ]
        alone = move.service_release_ids
        if len(alone) == 1 and alone.work_order_id:
            # an order that is not alone any more gets the section it went without
            order = alone._in_language_of_payer().work_order_id
            section = order._prepare_collective_section_vals()
            links = {
                "service_release_id": alone.id,
                "sequence": min(lines.mapped("sequence"), default=0) - 1,
            }
            commands.append(Command.create(section | links))
        monthly = (releases - orders)._in_language_of_payer()
        start += len(vals_list)
        return commands + monthly._prepare_invoice_line_commands(start)

    def _remove(self, move, releases):
        """Take releases off an invoice, with their lines and orders.

        :raise UserError: when nothing would be left to bill
        """
        move.ensure_one()
        lines = move.invoice_line_ids.filtered(
            lambda line: line.service_release_id in releases
        )
        names = ", ".join(releases.mapped("name"))
        left = move._get_billed_lines().filtered(lambda line: not line.service_tcd_id)
        if not left - lines:
            raise UserError(
                self.env._(
                    "%(number)s bills nothing else than %(releases)s. Delete the "
                    "invoice instead.",
                    number=move._get_service_label(),
                    releases=names,
                )
            )
        kept = move.service_release_ids - releases
        orders = releases.work_order_id - kept.work_order_id
        gone = {*orders.mapped("name"), *releases.mapped("name")}
        origin = (move.invoice_origin or "").split(", ")
        # protected links, see their addition
        move.sudo().write(
            {
                "invoice_line_ids": [Command.delete(line.id) for line in lines],
                "work_order_ids": [Command.unlink(order.id) for order in orders],
                "invoice_origin": ", ".join(n for n in origin if n not in gone),
            }
        )
        releases._take_off_invoice()
        orders._update_billing_state()
        self._finish(move, self.env._("Releases removed: %s", names))

    def _finish(self, move, body):
        """Charges, discounts and taxes follow the lines; who changed them answers."""
        self.env["service.move.guard"]._mark_change(move)
        move._sync_service_tcd()
        move._message_log(body=body)

    def _take_over(self, move, origin):
        """A draft replaces a credited invoice: it bills what was released again.

        :param origin: the credited invoice, whose lines were copied to the draft
        """
        move.ensure_one()
        origin = origin.sudo()
        copies = origin.service_release_ids.copy_ids.filtered(
            lambda release: release.credit_move_id in origin.reversal_move_ids
        )
        copies._put_on_invoice(move)
        by_origin = copies.grouped("origin_id")
        lines = zip(
            origin.invoice_line_ids.sorted("id"),
            move.sudo().invoice_line_ids.sorted("id"),
            strict=False,
        )
        for old, new in lines:
            if release := by_origin.get(old.service_release_id):
                new.write(self._prepare_taken_over_vals(old, release[-1:]))

    def _prepare_taken_over_vals(self, old, release):
        """Links of a line that replaces another one.

        :param old: the line that was credited
        :param release: ``service.release`` that is billed again
        """
        before = old.service_release_line_id
        line = release.line_ids.filtered(lambda line: line.origin_line_id == before)
        return {
            "service_release_id": release.id,
            "service_release_line_id": line.id if before else False,
        }
