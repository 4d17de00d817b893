from odoo import Command, api, models
from odoo.tools import float_compare

from ...tools.tax_data import MANUAL_KEY


class ServiceWorkOrder(models.Model):
    """The invoice of one payer, prepared step by step."""

    _inherit = "service.work.order"

    def _in_language_of(self, payer):
        """These orders in their company, speaking the payer's language."""
        lang = payer.partner.lang or self.env.lang
        return self.with_company(self.company_id).with_context(lang=lang)

    @api.model
    def _create_saved_invoices(self, vals_list, releases):
        """Create invoices of orders of one company and save them for authorization.

        :param releases: list of the ``service.release`` that each bills; a prepayment
            bills none
        :return: ``account.move``, numbered and fresh
        """
        # These links are protected from being written by hand, hence sudo() for the
        # creation; whoever may not create invoices is stopped before.
        Move = self.env["account.move"].with_company(vals_list[0]["company_id"])
        moves = Move.sudo().create(vals_list).sudo(self.env.su)
        for move, billed in zip(moves, releases, strict=True):
            billed._put_on_invoice(move)
        moves.action_service_save()
        moves.sudo().work_order_ids._update_billing_state()
        return moves

    def _prepare_invoice_vals(self, share):
        """Values of the invoice of one payer.

        :param OpenShare share: who gets it, for what; fiscal position, terms, bank and
            language are his
        """
        self.ensure_one()
        fiscal_position = self._get_fiscal_position(share.payer)
        vals = self._prepare_invoice_header_vals(share.payer, fiscal_position) | {
            "service_invoice_type": share.payer.invoice_type,
            "invoice_line_ids": self._prepare_invoice_line_commands(
                share, fiscal_position
            ),
        }
        if share.has_tcd:
            vals["service_tcd_ids"] = [
                Command.create(row._prepare_invoice_row_vals()) for row in self.tcd_ids
            ]
        return vals

    def _prepare_invoice_header_vals(self, payer, fiscal_position):
        """What invoices and prepayment invoices of one payer have in common."""
        self.ensure_one()
        return {
            "move_type": "out_invoice",
            "work_order_ids": [Command.set(self.ids)],
            "company_id": self.company_id.id,
            "journal_id": self.company_id._get_service_sales_journal().id,
            "partner_id": payer.partner.id,
            "currency_id": self.currency_id.id,
            "fiscal_position_id": fiscal_position.id,
            "invoice_payment_term_id": self._get_payment_term(payer).id,
            "invoice_origin": self.name,
            "invoice_user_id": self.advisor_id.id or self.env.uid,
            "ref": self.customer_reference,
        }

    def _get_fiscal_position(self, payer):
        """That of the invoice of a payer."""
        self.ensure_one()
        return self.company_id._get_service_fiscal_position(payer.partner)

    def _get_payment_term(self, payer):
        """Payment terms of a payer's invoice: the order's for the customer, the
        program's for its sponsor, else those of the payer himself."""
        self.ensure_one()
        if payer.invoice_type == "service" and payer.partner == self.partner_id:
            return self.payment_term_id
        lines = self.line_ids.filtered(
            lambda line: payer.invoice_type == "program"
            and line.sponsor_id == payer.partner
        )
        programs = lines.program_id
        partner = payer.partner.with_company(self.company_id)
        return programs.payment_term_id[:1] or partner.property_payment_term_id

    def _prepare_invoice_line_commands(self, share, fiscal_position):
        """Commands of the invoice's lines: a section per cost category, then its lines.

        :param OpenShare share: what is billed
        :return: list of ``Command``
        """
        self.ensure_one()
        line_vals = [
            vals for __, vals in self._prepare_share_lines(share, fiscal_position)
        ]
        titles = dict(
            self.line_ids._fields["cost_category"]._description_selection(self.env)
        )
        sections = []
        for category in titles:
            chosen = [v for v in line_vals if v["service_cost_category"] == category]
            if chosen:
                sections += [
                    {"display_type": "line_section", "name": titles[category]},
                    *chosen,
                ]
        return [
            Command.create(
                vals | {"sequence": sequence, "service_release_id": share.release.id}
            )
            for sequence, vals in enumerate(sections)
        ]

    def _prepare_invoice_line_vals(self, part, fiscal_position):
        """Values of one invoice line.

        :param SharePart part: what the payer bears
        :param fiscal_position: the payer's; maps the product's account and taxes
        """
        self.ensure_one()
        taxes = fiscal_position._map_kept_taxes(part.taxes)
        vals = {
            "product_id": part.order_line.product_id.id,
            "name": part.name,
            "service_order_line_id": part.order_line.id,
            "service_release_line_id": part.release_line.id
            if part.release_line
            else False,
            "service_cost_category": part.category,
            "service_deductible": part.is_deductible,
            "service_tax_claim_id": part.tax_claim.id if part.tax_claim else False,
            "account_id": fiscal_position.map_account(part.account).id,
            "tax_ids": [Command.set(taxes.ids)],
        }
        if part.is_whole:
            return vals | part.order_line._prepare_whole_price_vals(taxes)
        price = self._prepare_share_price_vals(part, taxes)
        vals |= taxes._prepare_pieces_vals(part.amount, price, self.currency_id)
        if "product_uom_id" not in vals:
            # one unit of the share says nothing of the work in it
            quantity = part.order_line._get_share_quantity(part.amount)
            vals["service_work_quantity"] = quantity
        return vals

    def _prepare_share_price_vals(self, part, taxes):
        """Quantity and price of a share: one unit at its price, or its part of the
        pieces where a tax counts them.

        :param SharePart part: what the payer bears
        :param taxes: of the payer
        """
        if part.pieces and taxes._filter_per_piece():
            quantity, uom = part.pieces, part.order_line.product_uom_id
            price = taxes._get_price_for_net(part.amount, self.currency_id, quantity)
            return {
                "quantity": quantity,
                "product_uom_id": uom.id,
                "price_unit": price,
            }
        return {
            "quantity": 1.0,
            "price_unit": taxes._get_price_for_net(part.amount, self.currency_id),
        }

    # The invoices of all payers add up to the order, before tax.

    def _prepare_share_lines(self, share, fiscal_position):
        """What a payer is invoiced for, with the values of its invoice lines.

        :param OpenShare share: what is billed
        :param fiscal_position: the payer's
        :return: list of pairs of ``SharePart`` and dict
        """
        self.ensure_one()
        lines = self._prepare_agreed_lines(share.parts, fiscal_position)
        if self._settles_piece_taxes(share):
            self._settle_piece_taxes(share.payer, lines)
        return lines

    def _prepare_agreed_lines(self, parts, fiscal_position):
        """Lines of an invoice by itself: at the agreed amounts where the tax engine
        could find others, see ``account.tax``."""
        lines = [
            (part, self._prepare_invoice_line_vals(part, fiscal_position))
            for part in parts
        ]
        if self._is_borne_alone(lines):
            self._keep_document_rounding(lines)
            return lines
        for part, vals in lines:
            if self._needs_agreed_net(part, vals):
                taxes = self._get_taxes_of_vals(vals)
                data = taxes._prepare_net_tax_data(part.amount, vals, self.currency_id)
                vals["extra_tax_data"] = vals.get("extra_tax_data", {}) | data
        return lines

    def _is_borne_alone(self, lines):
        """Whether one invoice bills the order as it is and nothing else.

        :param list lines: see ``_prepare_share_lines``
        """
        if self.env.context.get("service_joint_invoice"):
            return False
        billed = self.line_ids.browse().concat(*(part.order_line for part, __ in lines))
        return billed.sorted("id") == self.line_ids.sorted("id") and all(
            part.is_whole and self._get_taxes_of_vals(vals) == part.order_line.tax_ids
            for part, vals in lines
        )

    def _keep_document_rounding(self, lines):
        """Whoever bears the order alone pays the prices on it, taxes of the whole
        document among them. Where core would round the document and not the lines, the
        lines say what they have on the order.

        :param list lines: see ``_prepare_share_lines``
        """
        company = self.company_id
        if company.tax_calculation_rounding_method != "round_globally":
            return
        base_lines = [
            self._prepare_estimate_base_line(self._get_taxes_of_vals(vals), **vals)
            for __, vals in lines
        ]
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        if not any(
            base_line["tax_details"]["delta_total_excluded_currency"]
            for base_line in base_lines
        ):
            return
        for (part, vals), base_line in zip(lines, base_lines, strict=True):
            taxes = self._get_taxes_of_vals(vals)
            vals["extra_tax_data"] = taxes._prepare_net_tax_data(
                part.amount, vals, self.currency_id
            ) | {MANUAL_KEY: self._get_manual_taxes(base_line)}

    def _get_manual_taxes(self, base_line):
        """Taxes of a base line as the engine found them, as core keeps them."""
        return {
            str(data["tax"].id): {
                "base_amount_currency": data["base_amount_currency"],
                "tax_amount_currency": data["tax_amount_currency"],
            }
            for data in base_line["tax_details"]["taxes_data"]
            if not data["is_reverse_charge"]
        }

    def _needs_agreed_net(self, part, vals):
        """Whether the tax engine could find another amount than the agreed one.

        :param dict vals: values of the part's invoice line
        """
        taxes = self._get_taxes_of_vals(vals)
        method = self.company_id.tax_calculation_rounding_method
        is_same = part.is_whole and taxes == part.order_line.tax_ids
        if method == "round_per_line" and is_same:
            # a line that is rounded by itself is on the invoice what it is here
            return False
        if taxes._get_included():
            return True
        net = vals["quantity"] * vals["price_unit"]
        net *= 1 - vals.get("discount", 0.0) / 100.0
        return bool(float_compare(net, part.amount, precision_digits=6))

    def _get_taxes_of_vals(self, vals):
        """Taxes that values of an invoice line set."""
        ids = [id_ for command in vals["tax_ids"] for id_ in command[2]]
        return self.env["account.tax"].browse(ids)

    def _get_due_shares(self, payer):
        """What a payer is still to be billed; before the document check all that he
        bears as it is agreed now.

        :return: list of ``OpenShare``
        """
        self.ensure_one()
        return [share for share in self._get_open_shares() if share.payer == payer]

    def _get_share_total(self, share):
        """What the invoice of a share will come to, found by the tax engine.

        :param OpenShare share: what is billed
        :return: amount with tax in the order's currency
        """
        self.ensure_one()
        order = self.with_company(self.company_id)
        fiscal_position = order._get_fiscal_position(share.payer)
        base_lines = order._prepare_estimate_base_lines(share, fiscal_position)
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, self.company_id)
        Tax._round_base_lines_tax_details(base_lines, self.company_id)
        total = 0.0
        for details in (line["tax_details"] for line in base_lines):
            # what rounding the whole document has moved between the lines is in these
            total += details["total_excluded_currency"]
            total += details["delta_total_excluded_currency"]
            total += sum(d["tax_amount_currency"] for d in details["taxes_data"])
        return self.currency_id.round(total)

    def _prepare_estimate_base_lines(self, share, fiscal_position):
        """Base lines of the tax engine for what will be the lines of an invoice.

        :param OpenShare share: what is billed
        """
        self.ensure_one()
        base_lines = []
        for part, vals in self._prepare_share_lines(share, fiscal_position):
            taxes = self._get_part_taxes(part) if share.has_tcd else part.taxes
            mapped = fiscal_position._map_kept_taxes(taxes)
            base_lines.append(self._prepare_estimate_base_line(mapped, **vals))
        for taxes, amount in self._get_tcd_parts(share.parts) if share.has_tcd else ():
            mapped = fiscal_position._map_kept_taxes(taxes)
            price = mapped._get_price_for_net(amount, self.currency_id)
            base_lines.append(
                self._prepare_estimate_base_line(mapped, price_unit=price)
            )
        return base_lines

    def _prepare_estimate_base_line(
        self, taxes, price_unit, quantity=1.0, discount=0.0, **vals
    ):
        """Base line of the tax engine for what will be a line of an invoice.

        :param taxes: of the payer, those of tax rows among them
        :param vals: other values of the invoice line; the engine needs agreed amounts
        """
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            None,
            price_unit=price_unit,
            quantity=quantity,
            discount=discount,
            tax_ids=taxes,
            currency_id=self.currency_id,
            extra_tax_data=vals.get("extra_tax_data"),
        )
