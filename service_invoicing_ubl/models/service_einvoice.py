from odoo import models

from ..tools.references import LICENCE_PLATE, LineFacts, Period, Reference


class ServiceEinvoice(models.AbstractModel):
    """What a document of ours says in every electronic format; where each format puts
    it stands in the file of that format.

    All of it is read as superuser: who may send a document may say what is on it. Texts
    are in the language of the document's environment.
    """

    _name = "service.einvoice"
    _description = "Facts of Electronic Invoices"

    def _has_facts(self, move):
        """Whether this is a document of ours, about which we know more than core."""
        return move.service_has_life_cycle

    # -- other invoices (BT-25, BT-26) -----------------------------------------

    def _get_invoices(self, move):
        """Invoices that this one follows: those a credit memo takes back, or the one
        that an invoice corrects and the prepayments that it takes up, with what was
        credited of them."""
        found = self._get_credited(move.sudo()) | self._get_preceding(move.sudo())
        posted = found.filtered(lambda other: other.state == "posted")
        return posted.sorted(lambda other: (other.invoice_date, other.name, other.id))

    def _get_preceding(self, move):
        """What an invoice corrects, and the prepayments it takes up, with what was
        credited of them."""
        if move.move_type != "out_invoice":
            return move.browse()
        prepayments = self._get_prepayments(move)
        # what is credited later is not before this invoice, whenever it is sent
        credits = prepayments.reversal_move_ids.filtered(
            lambda credit: credit.state == "posted"
            and credit.invoice_date <= (move.invoice_date or credit.invoice_date)
        )
        return move.service_replaces_id | prepayments | credits

    def _get_credited(self, move):
        """The invoices that a credit memo takes back."""
        if move.move_type != "out_refund":
            return move.browse()
        lines = move.invoice_line_ids.service_credited_line_id
        return move.reversed_entry_id | lines.move_id

    def _get_prepayments(self, move):
        """Prepayments that this invoice takes up: by lines that deduct them, or by
        adjustments that still hold."""
        deducted = move._get_deduction_lines().service_prepayment_id
        live = move.service_adjustment_ids.filtered(lambda row: not row.undone)
        return (deducted | live.source_move_id).filtered(
            lambda source: source._is_service_prepayment()
        )

    def _is_final(self, move):
        """Whether it bills, or credits, work that was paid for in advance."""
        move = move.sudo()
        invoices = move.reversed_entry_id if move.move_type == "out_refund" else move
        return any(self._get_prepayments(invoice) for invoice in invoices)

    # -- the payer's own numbers -----------------------------------------------

    def _get_order_number(self, move):
        """The payer's order number (BT-13), which his system looks for."""
        return move.ref or ""

    def _get_contract(self, move):
        """The contract that is billed (BT-12), if it is one alone."""
        releases = move._get_billed_lines()._get_einvoice_release()
        contracts = releases.agreement_id
        return contracts.name if len(contracts) == 1 else ""

    def _get_buyer_reference(self, move):
        """By what the payer routes the document (BT-10): the routing number of German
        authorities, else his reference, from the nearest level that has one: the
        department that is billed before its company."""
        levels = self._get_levels(move.sudo().partner_id)
        routed = levels.filtered(
            lambda level: level.peppol_eas == "0204" and level.peppol_endpoint
        )
        if routed:
            return routed[0].peppol_endpoint
        return next((level.ref for level in levels if level.ref), "")

    def _get_levels(self, contact):
        """The billed contact and what it belongs to, up to the company."""
        levels = contact
        while contact != contact.commercial_partner_id and contact.parent_id:
            contact = contact.parent_id
            levels += contact
        return levels

    # -- what was billed -------------------------------------------------------

    def _prepare_lines(self, move):
        """What is known of the lines, found for all of them at once.

        :return: dict line id → ``LineFacts``
        """
        names_vehicle = self._names_vehicles_on_lines(move)
        return {
            line.id: LineFacts(
                line._get_einvoice_period(),
                tuple(line._get_einvoice_properties(names_vehicle)),
            )
            for line in move._get_billed_lines()
        }

    def _get_period(self, facts):
        """The period of the whole document (BT-73, BT-74): that of all its lines.

        :param dict facts: see ``_prepare_lines``
        """
        return Period.around(line.period for line in facts.values() if line.period)

    def _get_references(self, move):
        """Claims with their policies, and the vehicle where the document is about one
        alone; of several each line names its own.

        :return: list of ``Reference``, each number once
        """
        found = [self._prepare_claim(claim) for claim in self._get_claims(move)]
        vehicles = self._get_vehicles(move)
        if len(vehicles) == 1 and vehicles.license_plate:
            found.insert(0, Reference(vehicles.license_plate, "", LICENCE_PLATE))
        return list({entry.number: entry for entry in found}.values())

    def _prepare_claim(self, claim):
        """:return: ``Reference`` to a claim and its policy"""
        policy = claim.policy_number
        further = (
            (Reference(policy, claim.env._("Insurance policy")),)
            if policy and policy != claim.name
            else ()
        )
        return Reference(claim.name, claim.env._("Insurance claim"), further=further)

    def _names_vehicles_on_lines(self, move):
        """Whether each line names the vehicle it is about: there are several."""
        return len(self._get_vehicles(move)) > 1

    def _get_claims(self, move):
        """Claims that this document is about: those of its insurer, and those whose
        tax it bills to somebody else."""
        move = move.sudo()
        payer = move.commercial_partner_id
        claims = move.work_order_ids.claim_ids.filtered(
            lambda claim: claim.state == "approved"
            and claim.insurer_id.commercial_partner_id == payer
        )
        return claims | move.invoice_line_ids.service_tax_claim_id

    def _get_vehicles(self, move):
        """Vehicles of the work that is billed."""
        releases = move._get_billed_lines()._get_einvoice_release()
        return move.sudo().work_order_ids.vehicle_id | releases.agreement_id.vehicle_id

    def _get_attachments(self, move):
        """Files that travel within the document (BG-24), beside its print. A statement
        of work orders is none: it is a page of the print, which core embeds in UBL and
        which Factur-X is.

        :return: ir.attachment, those that are made already
        """
        return move.env["ir.attachment"]

    # -- amounts ---------------------------------------------------------------

    def _get_rounding(self, move):
        """What the total was rounded by (BT-114), as the payer sees it."""
        lines = move.line_ids.filtered(
            lambda line: line.display_type == "rounding"
            and not line.tax_repartition_line_id
        )
        rounding = move.direction_sign * sum(lines.mapped("amount_currency"))
        return move.currency_id.round(rounding) if lines else 0.0
