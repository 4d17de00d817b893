from odoo import models

from ..tools.references import LICENCE_PLATE, LineFacts, Period, Reference


class AccountMove(models.Model):
    """What a document of ours says in every electronic format; where each format puts
    it stands in the file of that format.

    All of it is read as superuser: who may send a document may say what is on it.
    """

    _inherit = "account.move"

    def _has_einvoice_facts(self):
        """Whether this is a document of ours, about which we know more than core."""
        self.ensure_one()
        return self.service_has_life_cycle

    # -- other invoices (BT-25, BT-26) -----------------------------------------

    def _get_einvoice_invoices(self):
        """Invoices that this one follows: those a credit memo takes back, or the one
        that an invoice corrects and the prepayments that it takes up, with what was
        credited of them."""
        self.ensure_one()
        found = self._get_einvoice_credited() | self._get_einvoice_preceding()
        posted = found.filtered(lambda move: move.state == "posted")
        return posted.sorted(lambda move: (move.invoice_date, move.name, move.id))

    def _get_einvoice_preceding(self):
        """What an invoice corrects, and the prepayments it takes up, with what was
        credited of them."""
        if self.move_type != "out_invoice":
            return self.browse()
        prepayments = self._get_einvoice_prepayments()
        # what is credited later is not before this invoice, whenever it is sent
        credits = prepayments.reversal_move_ids.filtered(
            lambda credit: credit.state == "posted"
            and credit.invoice_date <= (self.invoice_date or credit.invoice_date)
        )
        return self.sudo().service_replaces_id | prepayments | credits

    def _get_einvoice_credited(self):
        """The invoices that a credit memo takes back."""
        if self.move_type != "out_refund":
            return self.browse()
        move = self.sudo()
        lines = move.invoice_line_ids.service_credited_line_id
        return move.reversed_entry_id | lines.move_id

    def _get_einvoice_prepayments(self):
        """Prepayments that this invoice takes up: by lines that deduct them, or by
        adjustments that still hold."""
        self.ensure_one()
        move = self.sudo()
        deducted = move._get_deduction_lines().service_prepayment_id
        live = move.service_adjustment_ids.filtered(lambda row: not row.undone)
        return (deducted | live.source_move_id).filtered(
            lambda source: source._is_service_prepayment()
        )

    def _is_einvoice_final(self):
        """Whether it bills, or credits, work that was paid for in advance."""
        self.ensure_one()
        move = self.sudo()
        invoices = move.reversed_entry_id if move.move_type == "out_refund" else move
        return any(invoice._get_einvoice_prepayments() for invoice in invoices)

    # -- the payer's own numbers -----------------------------------------------

    def _get_einvoice_order_number(self):
        """The payer's order number (BT-13), which his system looks for."""
        self.ensure_one()
        return self.ref or ""

    def _get_einvoice_contract(self):
        """The contract that is billed (BT-12), if it is one alone."""
        self.ensure_one()
        releases = self._get_billed_lines()._get_einvoice_release()
        contracts = releases.agreement_id
        return contracts.name if len(contracts) == 1 else ""

    def _get_einvoice_buyer_reference(self):
        """By what the payer routes the document (BT-10): the routing number of German
        authorities, else his reference, from the nearest level that has one: the
        department that is billed before its company."""
        self.ensure_one()
        levels = self._get_einvoice_levels()
        routed = levels.filtered(
            lambda level: level.peppol_eas == "0204" and level.peppol_endpoint
        )
        if routed:
            return routed[0].peppol_endpoint
        return next((level.ref for level in levels if level.ref), "")

    def _get_einvoice_levels(self):
        """The billed contact and what it belongs to, up to the company."""
        level = self.sudo().partner_id
        levels = level
        while level != level.commercial_partner_id and level.parent_id:
            level = level.parent_id
            levels += level
        return levels

    # -- what was billed -------------------------------------------------------

    def _prepare_einvoice_lines(self):
        """What is known of the lines, found for all of them at once.

        :return: dict line id → ``LineFacts``
        """
        self.ensure_one()
        has_vehicles = self._has_einvoice_vehicles_on_lines()
        return {
            line.id: LineFacts(
                line._get_einvoice_period(),
                tuple(line._get_einvoice_properties(has_vehicles)),
            )
            for line in self._get_billed_lines()
        }

    def _get_einvoice_period(self, facts):
        """The period of the whole document (BT-73, BT-74): that of all its lines.

        :param dict facts: see ``_prepare_einvoice_lines``
        """
        return Period.around(line.period for line in facts.values() if line.period)

    def _get_einvoice_references(self):
        """Claims with their policies, and the vehicle where the document is about one
        alone; of several each line names its own.

        :return: list of ``Reference``, each number once
        """
        self.ensure_one()
        found = [self._prepare_claim_reference(c) for c in self._get_einvoice_claims()]
        vehicles = self._get_einvoice_vehicles()
        if len(vehicles) == 1 and vehicles.license_plate:
            found.insert(0, Reference(vehicles.license_plate, "", LICENCE_PLATE))
        return list({entry.number: entry for entry in found}.values())

    def _prepare_claim_reference(self, claim):
        policy = claim.policy_number
        further = (
            (Reference(policy, self.env._("Insurance policy")),)
            if policy and policy != claim.name
            else ()
        )
        return Reference(claim.name, self.env._("Insurance claim"), further=further)

    def _has_einvoice_vehicles_on_lines(self):
        """Whether each line names the vehicle it is about: there are several."""
        self.ensure_one()
        return len(self._get_einvoice_vehicles()) > 1

    def _get_einvoice_claims(self):
        """Claims that this document is about: those of its insurer, and those whose
        tax it bills to somebody else."""
        move = self.sudo()
        payer = move.commercial_partner_id
        claims = move.work_order_ids.claim_ids.filtered(
            lambda claim: claim.state == "approved"
            and claim.insurer_id.commercial_partner_id == payer
        )
        return claims | move.invoice_line_ids.service_tax_claim_id

    def _get_einvoice_vehicles(self):
        """Vehicles of the work that is billed."""
        releases = self._get_billed_lines()._get_einvoice_release()
        return self.sudo().work_order_ids.vehicle_id | releases.agreement_id.vehicle_id

    def _get_einvoice_attachments(self):
        """Files that travel within the document (BG-24), beside its print. A statement
        of work orders is none: it is a page of the print, which core embeds in UBL and
        which Factur-X is.

        :return: ir.attachment, those that are made already
        """
        self.ensure_one()
        return self.env["ir.attachment"]

    # -- amounts ---------------------------------------------------------------

    def _get_einvoice_rounding(self):
        """What the total was rounded by (BT-114), as the payer sees it."""
        self.ensure_one()
        lines = self.line_ids.filtered(
            lambda line: line.display_type == "rounding"
            and not line.tax_repartition_line_id
        )
        rounding = self.direction_sign * sum(lines.mapped("amount_currency"))
        return self.currency_id.round(rounding) if lines else 0.0
