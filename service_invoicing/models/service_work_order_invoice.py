from odoo import Command, models
from odoo.fields import Domain

from ..tools.cost_category import COST_CATEGORY_KEYS


class ServiceWorkOrder(models.Model):
    """The invoice of one payer, prepared step by step."""

    _inherit = "service.work.order"

    def _create_invoice(self, payer):
        """Create and save the invoice of one payer.

        :param Payer payer: who gets it
        :return: ``account.move``, numbered and fresh
        """
        self.ensure_one()
        order = self.with_company(self.company_id).with_context(
            lang=payer.partner.lang or self.env.lang
        )
        # These links are protected from being written by hand, hence sudo() for the
        # creation; whoever may not create invoices is stopped before.
        vals = order._prepare_invoice_vals(payer)
        move = (
            self.env["account.move"].with_company(self.company_id).sudo().create(vals)
        )
        move = move.sudo(self.env.su)
        move.action_service_save()
        self._update_billing_state()
        return move

    def _prepare_invoice_vals(self, payer):
        """Values of the invoice of one payer.

        :param Payer payer: who gets it; fiscal position, terms, bank and language are
            his
        """
        self.ensure_one()
        fiscal_position = self.env["account.fiscal.position"]._get_fiscal_position(
            payer.partner
        )
        vals = {
            "move_type": "out_invoice",
            "service_invoice_type": payer.invoice_type,
            "work_order_ids": [Command.set(self.ids)],
            "company_id": self.company_id.id,
            "journal_id": self._get_invoice_journal().id,
            "partner_id": payer.partner.id,
            "currency_id": self.currency_id.id,
            "fiscal_position_id": fiscal_position.id,
            "invoice_payment_term_id": self._get_payment_term(payer).id,
            "invoice_origin": self.name,
            "invoice_user_id": self.advisor_id.id or self.env.uid,
            "ref": self.customer_reference,
            "invoice_line_ids": self._prepare_invoice_line_commands(
                payer, fiscal_position
            ),
        }
        if payer.invoice_type == "service":
            vals["service_tcd_ids"] = [
                Command.create(row._prepare_invoice_row_vals()) for row in self.tcd_ids
            ]
        return vals

    def _get_invoice_journal(self):
        """Sales journal of the order's company: the first one of the user's list."""
        self.ensure_one()
        Journal = self.env["account.journal"]
        domain = Domain(Journal._check_company_domain(self.company_id))
        return Journal.search(domain & Domain("type", "=", "sale"), limit=1)

    def _get_payment_term(self, payer):
        """Payment terms of a payer's invoice: the order's for the customer, the
        program's for its sponsor, else those of the payer himself."""
        self.ensure_one()
        if payer.invoice_type == "service":
            return self.payment_term_id
        programs = self.line_ids.program_id.filtered(
            lambda program: payer.invoice_type == "program"
            and program.sponsor_id == payer.partner
        )
        partner = payer.partner.with_company(self.company_id)
        return programs.payment_term_id[:1] or partner.property_payment_term_id

    def _prepare_invoice_line_commands(self, payer, fiscal_position):
        """Commands of the invoice's lines: a section per cost category, then its lines.

        :return: list of ``Command``
        """
        self.ensure_one()
        line_vals = [
            line._prepare_invoice_line_vals(payer.invoice_type, fiscal_position)
            for line in self._get_lines_of(payer)
        ] + self._prepare_deductible_vals_list(payer, fiscal_position)
        titles = dict(
            self.line_ids._fields["cost_category"]._description_selection(self.env)
        )
        commands = []
        for category in COST_CATEGORY_KEYS:
            chosen = [v for v in line_vals if v["service_cost_category"] == category]
            if chosen:
                section = {"display_type": "line_section", "name": titles[category]}
                commands += [Command.create(vals) for vals in (section, *chosen)]
        for sequence, (__, __, vals) in enumerate(commands):
            vals["sequence"] = sequence
        return commands

    def _get_lines_of(self, payer):
        """Lines of which the payer bears a part, or that cost nothing and are his."""
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: line._get_payer(payer.invoice_type) == payer.partner
            and (
                not line.currency_id.is_zero(line._get_share(payer.invoice_type))
                or line._is_borne_whole(payer.invoice_type)
            )
        )

    def _prepare_deductible_vals_list(self, payer, fiscal_position):
        """Values of the lines that move the deductible from insurer to customer.

        Positive for the customer, the same amount negative for the insurer, with the
        same category, account and taxes.
        """
        self.ensure_one()
        claims = self.line_ids.claim_id
        if payer.invoice_type == "insurance":
            claims = claims.filtered(lambda claim: claim.insurer_id == payer.partner)
        elif payer.invoice_type != "service":
            return []
        sign = 1 if payer.invoice_type == "service" else -1
        return [
            self._prepare_deductible_line_vals(claim, key, sign * part, fiscal_position)
            for claim in claims
            for key, part in claim._split_deductible().items()
        ]

    def _prepare_deductible_line_vals(self, claim, key, amount, fiscal_position):
        """Values of one deductible line.

        :param key: grouping key of the claim's split
        :param float amount: before tax in the order's currency, signed
        """
        category, account, product_taxes = key
        taxes = fiscal_position.map_tax(product_taxes)
        return {
            "name": self.env._("Deductible (own risk), claim %s", claim.name),
            "service_deductible": True,
            "service_cost_category": category,
            "quantity": 1.0,
            "price_unit": taxes._get_price_for_net(amount, claim.currency_id),
            "account_id": fiscal_position.map_account(account).id,
            "tax_ids": [Command.set(taxes.ids)],
        }
