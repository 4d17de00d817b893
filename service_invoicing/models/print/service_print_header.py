from odoo import fields, models
from odoo.tools import format_date, formatLang


class ServicePrintHeader(models.AbstractModel):
    """What the print of an invoice says above its lines: pairs of label and text."""

    _name = "service.print.header"
    _description = "Facts Above the Lines of a Print"

    def _get_facts(self, move):
        """All pairs, also those without a text.

        :param move: ``account.move``, readable with all that it is about
        """
        facts = self._get_document(move)
        if not self.env["service.print.statement"]._is_wanted(move):
            facts += [*self._get_vehicles(move), *self._get_payer(move)]
        return facts

    def _get_document(self, move):
        """The document's own number and the orders it bills.

        Where a statement names them, their count is enough.
        """
        orders = move.work_order_ids
        named = (self.env._("Work Order"), self._join_names(orders))
        if self.env["service.print.statement"]._is_wanted(move):
            count = self.env._("%s, see the statement", len(orders))
            named = (self.env._("Work Orders"), count)
        proforma = self.env.context.get("service_proforma")
        today = format_date(self.env, fields.Date.context_today(self))
        return [
            (self.env._("Document No."), move.service_number),
            (self.env._("Date"), proforma and today),
            *self._get_credit(move),
            named,
        ]

    def _get_credit(self, move):
        """What a credit memo takes back, and why."""
        if move.move_type != "out_refund":
            return []
        return [
            (self.env._("Credited Invoice"), move.reversed_entry_id.name),
            (self.env._("Reason"), move.service_credit_reason),
        ]

    def _get_vehicles(self, move):
        """Plate, model, VIN and odometer of the vehicles worked on."""
        orders = move.work_order_ids
        vehicles = orders.vehicle_id
        return [
            (
                self.env._("License Plate"),
                self._join_names(vehicles, "license_plate"),
            ),
            (self.env._("Vehicle"), self._join_names(vehicles.model_id)),
            (self.env._("VIN"), self._join_names(vehicles, "vin_sn")),
            (self.env._("Odometer"), ", ".join(self._get_odometers(orders))),
        ]

    def _get_odometers(self, orders):
        """Readings with the unit of their vehicle."""
        return [
            order.vehicle_id._format_odometer(order.odometer)
            for order in orders
            if order.odometer and order.vehicle_id
        ]

    def _get_payer(self, move):
        """What a sponsor or an insurer knows the case by."""
        if move.service_invoice_type == "program":
            return self._get_programs(move)
        if move.service_invoice_type == "insurance":
            return self._get_claims(move)
        return []

    def _get_programs(self, move):
        lines = move.work_order_ids.line_ids.filtered(
            lambda line: line.sponsor_id.commercial_partner_id
            == move.commercial_partner_id
        )
        programs = lines.program_id
        return [(self.env._("Program"), self._join_names(programs, "name"))]

    def _get_claims(self, move):
        claims = move.work_order_ids.claim_ids.filtered(
            lambda claim: claim.insurer_id.commercial_partner_id
            == move.commercial_partner_id
            and claim.state == "approved"
        )
        deductibles = [
            formatLang(self.env, claim.deductible, currency_obj=move.currency_id)
            for claim in claims
            if claim.deductible
        ]
        return [
            (self.env._("Claim No."), self._join_names(claims)),
            (
                self.env._("Policy No."),
                self._join_names(claims, "policy_number"),
            ),
            (self.env._("Deductible (own risk)"), ", ".join(deductibles)),
        ]

    def _join_names(self, records, name="display_name"):
        """The distinct names of records, in their order."""
        return ", ".join(dict.fromkeys(filter(None, records.mapped(name))))
