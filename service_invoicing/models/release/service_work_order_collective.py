from functools import partial

from odoo import api, models

from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group
from ...tools.split import read_key
from ...tools.states import BILLING_STATES


class ServiceWorkOrder(models.Model):
    """One invoice to a sponsor or an insurer over many work orders."""

    _inherit = "service.work.order"

    def action_create_collective_invoices(self):
        """Invoice the open shares of collective payers over all these orders.

        One invoice per payer; a payer whose invoice fails stops no other, and nothing
        of his is kept. Shares of other payers are left alone.

        :return: action that opens the invoices made, after telling what failed
        :raise UserError: when no invoice could be made
        """
        return self._create_collective_invoices()

    def _create_collective_invoices(self, partners=None):
        """Make the collective invoices of some payers.

        :param partners: sponsors and insurers; empty: all with collective invoices
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        life_cycle = self.env["service.life.cycle"]
        vals = {"partner_ids": partners.ids if partners else []}
        if run := life_cycle._bill_in_background("collective", self, **vals):
            return run
        groups = {
            key: orders
            for key, orders in self._group_collective_shares().items()
            if not partners or key[0].partner in partners
        }
        if not groups:
            raise_together([self._describe_no_collective_share()])
        return life_cycle._bill_one_by_one(
            [
                (orders, partial(orders._create_collective_invoice, key))
                for key, orders in groups.items()
            ]
        )

    def _describe_no_collective_share(self):
        return self.env._(
            "None of these work orders has an open share of a sponsor or an insurer "
            "with collective invoices. Who gets these is chosen on the contact."
        )

    def _group_collective_shares(self):
        """Orders with an open share of a collective payer, by what shares an invoice.

        :return: dict key → orders, in the order of their numbers; a key begins with the
            ``Payer``
        """
        names = self._get_collective_grouping_keys()
        groups = {}
        orders = self.filtered(lambda order: order.state in BILLING_STATES)
        for order in orders.sorted(lambda order: (order.order_date, order.id)):
            for share in order._get_open_shares():
                if order._is_collective(share):
                    term = order._get_payment_term(share.payer)
                    key = (share.payer, term, *read_key(order, names))
                    groups[key] = groups.get(key, self.browse()) | order
        return groups

    @api.model
    def _get_collective_grouping_keys(self):
        """Fields in which all orders of one collective invoice are the same. Its payer
        and his payment terms are no fields, since an order may have several payers.

        :return: list of field names
        """
        return ["company_id", "currency_id"]

    def _create_collective_invoice(self, key):
        """Create and save the collective invoice of one payer over these orders.

        :param key: what they share, see ``_group_collective_shares``
        :return: ``account.move``, numbered and fresh
        :raise UserError: when somebody else has billed one of the orders meanwhile
        """
        payer = key[0]
        self._lock_for_billing()
        self._release_rest()
        shares = {order: order._get_collective_shares(payer) for order in self}
        raise_together(
            [
                self.env._(
                    "%(order)s: the share of %(payer)s has been billed by somebody "
                    "else.",
                    order=order.name,
                    payer=payer.partner.display_name,
                )
                for order, found in shares.items()
                if not found
            ]
        )
        releases = self.env["service.release"].concat(
            *(share.release for found in shares.values() for share in found)
        )
        return releases.sudo(self.env.su)._create_invoice()

    def _get_collective_shares(self, payer):
        """Shares of this order that go on a payer's collective invoice."""
        return [
            share for share in self._get_due_shares(payer) if self._is_collective(share)
        ]

    def _prepare_collective_lines(self, commands):
        """Values of the lines of one order: its section, and below it all the lines.

        :param list commands: see ``_prepare_invoice_line_commands``
        """
        self.ensure_one()
        lines = [self._prepare_collective_line_vals(vals) for __, __, vals in commands]
        release_id = lines[0].get("service_release_id") if lines else False
        section = self._prepare_collective_section_vals()
        return [section | {"service_release_id": release_id}, *lines]

    def _prepare_collective_line_vals(self, vals):
        """A line as it stands below the section of its order."""
        if vals.get("display_type") == "line_section":
            return vals | {"display_type": "line_subsection"}
        return vals

    def _prepare_collective_section_vals(self):
        """Section of one order: its number, date, plate and the customer's number."""
        self.ensure_one()
        facts = [
            self.name,
            self.license_plate,
            self.partner_id.display_name,
            self.customer_reference,
        ]
        return {"display_type": "line_section", "name": " – ".join(filter(None, facts))}
