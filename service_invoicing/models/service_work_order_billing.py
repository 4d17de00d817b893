from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.cost_category import COST_CATEGORY_KEYS
from ..tools.guards import raise_together, refuse_without_group
from ..tools.invoice_type import INVOICE_TYPES


class Payer(NamedTuple):
    """Who gets one invoice of a work order, and of which kind."""

    invoice_type: str
    partner: models.BaseModel


class ServiceWorkOrder(models.Model):
    _inherit = "service.work.order"

    invoice_ids = fields.Many2many(
        "account.move",
        relation="account_move_service_work_order_rel",
        column1="work_order_id",
        column2="move_id",
        string="Invoices",
        copy=False,
        readonly=True,
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count", compute_sudo=True)
    next_invoice_type = fields.Selection(
        selection=INVOICE_TYPES,
        string="Next Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="The invoice that is to be made next. Empty when the order is not yet "
        "checked or when every payer has his invoice.",
    )

    @api.depends("invoice_ids")
    def _compute_invoice_count(self):
        for order in self:
            order.invoice_count = len(order.invoice_ids)

    @api.depends(
        "state",
        "amount_customer",
        "amount_program",
        "amount_insurance",
        "invoice_ids.service_status",
        "invoice_ids.service_invoice_type",
        "invoice_ids.partner_id",
    )
    def _compute_next_invoice_type(self):
        for order in self:
            payer = (
                order.state in ("to_invoice", "invoiced") and order._get_next_payer()
            )
            order.next_invoice_type = payer and payer.invoice_type

    def _get_live_invoices(self):
        """Invoices that bill the orders now: drafts count, deleted or wholly credited
        ones do not."""
        return self.sudo().invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice"
            and move.service_status not in ("deleted", "reversed")
        )

    def _check_no_authorized_invoice(self):
        """:raise UserError: naming the authorised invoices of each order"""
        raise_together(
            [
                self.env._(
                    "%(order)s cannot go back: %(invoices)s is authorised. Credit it "
                    "first.",
                    order=order.name,
                    invoices=", ".join(posted.mapped("service_number")),
                )
                for order in self
                if (
                    posted := order._get_live_invoices().filtered(
                        lambda move: move.state == "posted"
                    )
                )
            ]
        )

    def _get_payer_shares(self):
        """The payers of the order in the order of billing.

        :return: dict ``Payer`` → amount before tax in the order's currency, deductible
            moved, order-level charges and discounts not counted
        """
        self.ensure_one()
        shares = {Payer("service", self.partner_id): self.amount_customer}
        for invoice_type in ("program", "insurance"):
            for line in self.line_ids:
                if partner := line._get_payer(invoice_type):
                    payer = Payer(invoice_type, partner)
                    share = line._get_share(invoice_type)
                    shares[payer] = shares.get(payer, 0.0) + share
        for claim in self.line_ids.claim_id:
            payer = Payer("insurance", claim.insurer_id)
            if payer in shares:
                shares[payer] -= claim.deductible_applied
        return shares

    def _get_payers(self):
        """Payers who get an invoice: those with a share, by the company's choice all.

        The customer also gets one for the charges and discounts of the order.
        """
        self.ensure_one()
        shares = self._get_payer_shares()
        return [
            payer
            for payer, share in shares.items()
            if self.company_id.service_issue_zero_invoice
            or not self.currency_id.is_zero(share)
            or (payer.invoice_type == "service" and self.tcd_ids)
        ]

    def _get_next_payer(self):
        """First payer without a live invoice, or ``None``."""
        self.ensure_one()
        billed = {
            Payer(move.service_invoice_type, move.partner_id)
            for move in self._get_live_invoices()
        }
        return next((p for p in self._get_payers() if p not in billed), None)

    def _update_billing_state(self):
        """Bring the state in line with the invoices: invoiced when no payer is left."""
        for order in self.sudo().filtered(
            lambda order: order.state in ("to_invoice", "invoiced")
        ):
            state = "to_invoice" if order.next_invoice_type else "invoiced"
            if order.state != state:
                order.state = state

    def action_create_next_invoice(self):
        """Make and save the next invoice: service, then program, then insurance.

        The order is locked while its invoice is made, so that two clerks cannot bill
        the same payer twice.

        :return: action that opens the invoice
        :raise UserError: when the order is not checked or every payer has an invoice
        """
        self.ensure_one()
        refuse_without_group(self.env, "service_invoicing.group_service_billing")
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset()
        self._check_state(("to_invoice", "invoiced"))
        payer = self._get_next_payer()
        if not payer:
            raise UserError(
                self.env._(
                    "Work order %(order)s has nothing left to invoice: every payer "
                    "with a share has an invoice.",
                    order=self.name,
                )
            )
        move = self._create_invoice(payer)
        return move._get_form_action()

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
            self._prepare_deductible_line_vals(
                claim, key, sign * part, fiscal_position
            )
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
            "service_cost_category": category,
            "quantity": 1.0,
            "price_unit": taxes._get_price_for_net(amount, claim.currency_id),
            "account_id": fiscal_position.map_account(account).id,
            "tax_ids": [Command.set(taxes.ids)],
        }

    def action_view_invoices(self):
        """Open the invoices of the orders."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.account_move_action_all"
        )
        action["domain"] = [("work_order_ids", "in", self.ids)]
        action["context"] = {"create": False}
        if len(self.invoice_ids) == 1:
            return self.invoice_ids._get_form_action()
        return action
