from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.split import group_by_fields, read_key

from ...tools.context import QUIET, with_own_context

# what collective invoices are made for, by the payer's billing method
BILLED_FIELDS = {
    "contract": "contract_id",
    "vehicle": "vehicle_id",
    "permission": "permission_id",
}


class MaintenancePermissionLine(models.Model):
    """From permission lines to customer invoices.

    ``options`` of these methods: ``posting_date``, ``vat_date`` (may be empty),
    ``mass`` (a collective invoice), ``clearing`` (the clearing account, empty when
    lines go straight to revenue), ``origin`` (text) and ``cache`` (a dict)."""

    _inherit = "maintenance.permission.line"

    # -- grouping ---------------------------------------------------------------

    payer_id = fields.Many2one(
        "res.partner",
        compute="_compute_payer_id",
        exportable=False,
        help="Re-invoice to, else the permission's customer.",
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position", compute="_compute_payer_settings", exportable=False
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        compute="_compute_payer_settings",
        exportable=False,
    )
    billed_object = fields.Reference(
        [
            ("maintenance.contract", "Contract"),
            ("fleet.vehicle", "Vehicle"),
            ("maintenance.permission", "Permission"),
        ],
        string="Collective Invoice For",
        compute="_compute_payer_settings",
        exportable=False,
        help="What the payer wants a collective invoice of; empty: of everything.",
    )

    @api.depends("reinvoice_partner_id", "partner_id")
    def _compute_payer_id(self):
        for line in self:
            line.payer_id = line.reinvoice_partner_id or line.partner_id

    @api.depends("payer_id", "company_id", "contract_id", "vehicle_id", "permission_id")
    def _compute_payer_settings(self):
        for lines in group_by_fields(self, ["payer_id", "company_id"]).values():
            company = lines.company_id
            payer = lines.payer_id.with_company(company)
            positions = self.env["account.fiscal.position"].with_company(company)
            lines.fiscal_position_id = positions._get_fiscal_position(payer)
            lines.payment_term_id = payer.property_payment_term_id
            method = payer._get_maintenance_billing_method(company)
            name = BILLED_FIELDS.get(method)
            for line in lines:
                line.billed_object = name and line[name]

    @api.model
    def _get_reinvoice_grouping_keys(self, mass):
        """Fields in which all lines of one invoice are the same.

        :param bool mass: of collective invoices
        :return: list of field names
        """
        names = [
            "company_id",
            "payer_id",
            "currency_id",
            "fiscal_position_id",
            "payment_term_id",
        ]
        return [*names, "billed_object"] if mass else names

    def _group_for_reinvoice(self, mass):
        """:return: dict of ``group_by_fields``, one group an invoice to be"""
        return group_by_fields(self, self._get_reinvoice_grouping_keys(mass))

    def _browse_alike(self, ids):
        """Some of these lines, of which is read whatever is read of any of them."""
        return self.browse(ids).with_prefetch(self._prefetch_ids)

    # -- accounts and taxes -----------------------------------------------------

    def _get_sale_account_taxes(self, position, options):
        """Revenue account and taxes of the sale: the product's, mapped by the
        customer's fiscal position and never taken from the garage's bill."""
        self.ensure_one()
        cache = options["cache"].setdefault("sale", {})
        key = (self.product_id, position, self.company_id)
        if key not in cache:
            cache[key] = self._find_sale_account_taxes(position)
        return cache[key]

    def _find_sale_account_taxes(self, position):
        company = self.company_id
        product = self.product_id.with_company(company)
        accounts = product.product_tmpl_id.get_product_accounts(fiscal_pos=position)
        account = accounts["income"]
        if not account:
            journal = company._get_maintenance_journal("invoice")
            account = journal.default_account_id
        if not account:
            raise UserError(
                self.env._(
                    "No revenue account: set one on service “%(product)s”, on its "
                    "category or on journal %(journal)s.",
                    product=product.display_name,
                    journal=journal.display_name,
                )
            )
        taxes = product.taxes_id._filter_taxes_by_company(company)
        return account, position.map_tax(taxes or account.tax_ids)

    def _has_only_archived_taxes(self):
        """Whether all customer taxes of the service are archived, so that nobody knows
        at which rate it is to be charged."""
        self.ensure_one()
        # the field of the template: what a variant takes over is kept as first read
        template, company = self.product_id.product_tmpl_id, self.company_id
        if company in template.taxes_id.company_id:
            return False
        taxes = template.with_context(active_test=False).taxes_id
        taxes = taxes._filter_taxes_by_company(company)
        return bool(taxes) and not any(taxes.mapped("active"))

    # -- values -----------------------------------------------------------------

    def _prepare_reinvoice_move_vals(self, header, options):
        """Values of the invoice of the lines ``self`` and its blocks of lines, one
        a future invoice line. A negative sum makes a credit memo.

        :param header: grouping key of the lines
        """
        header = dict(header)
        company, partner = header["company_id"], header["payer_id"]
        currency, position = header["currency_id"], header["fiscal_position_id"]
        blocks = self._get_reinvoice_blocks(position, options)
        parts = self._get_taxed_parts(blocks)
        negative = self.env["account.tax"]._is_owed_to_customer(parts, currency)
        kind = "credit" if negative else "invoice"
        journal = self._get_reinvoice_journal(company, kind, options)
        vals = {
            "move_type": "out_refund" if negative else "out_invoice",
            "service_invoice_type": "maintenance",
            "company_id": company.id,
            "journal_id": journal.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "fiscal_position_id": position.id,
            "invoice_payment_term_id": header["payment_term_id"].id,
            **self._prepare_reinvoice_dates(company, options),
            "invoice_origin": options.get("origin") or False,
            "ref": self._get_customer_references(),
            "maintenance_mass_invoice": options["mass"],
            "invoice_line_ids": [
                Command.create(
                    {
                        **lines._prepare_reinvoice_line_vals(key, partner, options),
                        **lines._prepare_reinvoice_price(key, currency, negative),
                        "sequence": sequence,
                    }
                )
                for sequence, (key, lines) in enumerate(blocks, start=1)
            ],
        }
        if options["mass"]:
            vals["maintenance_mass_analytic_account_id"] = (
                company.maintenance_mass_analytic_account_id.id
            )
        return vals, blocks

    @api.model
    def _get_reinvoice_journal(self, company, kind, options):
        """Journal of all invoices or credit memos of a run, asked for once."""
        known = options["cache"].setdefault("journals", {})
        if (company, kind) not in known:
            known[company, kind] = company._get_maintenance_journal(kind)
        return known[company, kind]

    @api.model
    def _prepare_reinvoice_dates(self, company, options):
        """Dates of all invoices of a run, as the localisation of ``company`` has
        them; they are asked for once."""
        known = options["cache"].setdefault("dates", {})
        if company not in known:
            known[company] = company._prepare_maintenance_dates(
                options["posting_date"], options.get("vat_date")
            )
        return known[company]

    def _sum_to_reinvoice(self):
        return sum(self.mapped("amount_to_reinvoice"))

    def _get_customer_references(self):
        """The customer's order numbers, each once, in the order of the lines."""
        references = [p._get_customer_reference() for p in self.permission_id]
        return ", ".join(dict.fromkeys(filter(None, references))) or False

    def _get_reinvoice_block_keys(self, options):
        """Fields in which all permission lines of one invoice line are the same. Its
        account and taxes are no fields, since the fiscal position is the invoice's.

        :return: list of field names
        """
        return ["contract_id", *(["id"] if self._has_own_lines(options) else [])]

    def _has_own_lines(self, options):
        """Whether each of these lines, of one payer, has an invoice line of its own:
        always on individual invoices, on collective ones where the payer wants it."""
        if not options["mass"]:
            return True
        partner, company = self[:1].payer_id, self.company_id
        known = options["cache"].setdefault("details", {})
        if (partner, company) not in known:
            known[partner, company] = partner._get_maintenance_line_detail(company)
        return known[partner, company] == "line"

    def _get_reinvoice_blocks(self, position, options):
        """The invoice lines to be: pairs of ``{contract, account, taxes}`` and the
        permission lines on it. What may keep a group off an invoice asks for them, and
        then the invoice does."""
        known = options["cache"].setdefault("blocks", {})
        key = (self._ids, position)
        if key not in known:
            known[key] = self._find_reinvoice_blocks(position, options)
        return known[key]

    def _find_reinvoice_blocks(self, position, options):
        names, blocks = self._get_reinvoice_block_keys(options), {}
        for line in self:
            account, taxes = line._get_sale_account_taxes(position, options)
            key = (account, taxes, *read_key(line, names))
            head = {"contract": line.contract_id, "account": account, "taxes": taxes}
            blocks.setdefault(key, (head, []))[1].append(line.id)
        return [(head, self._browse_alike(ids)) for head, ids in blocks.values()]

    @api.model
    def _get_taxed_parts(self, blocks):
        """What says whether an invoice is owed by or to the customer: pairs of taxes
        and net amount of its blocks."""
        return [(key["taxes"], lines._sum_to_reinvoice()) for key, lines in blocks]

    def _prepare_reinvoice_line_vals(self, key, partner, options):
        """Values of one invoice line. On a clearing account the contract's revenue
        account and analytics wait for the redistribution entry."""
        contract, account = key["contract"], key["account"]
        company = self.company_id
        clearing = options["clearing"]
        mass_analytic = company.maintenance_mass_analytic_account_id
        vals = {
            "name": self._get_reinvoice_text(contract, partner, options),
            "quantity": 1.0,
            "account_id": (clearing or account).id,
            "tax_ids": [Command.set(key["taxes"].ids)],
            "maintenance_contract_id": contract.id,
            "maintenance_revenue_account_id": account.id,
        }
        if clearing:
            distribution = {str(mass_analytic.id): 100.0} if mass_analytic else False
            vals["maintenance_mass_analytic_account_id"] = mass_analytic.id
        else:
            distribution = contract.analytic_distribution
        vals["analytic_distribution"] = distribution or False
        return vals

    def _prepare_reinvoice_price(self, key, currency, negative):
        """Price of one invoice line; on a credit memo what is owed to the customer
        is positive. Storno companies show what reduces on its own side."""
        net = (-1 if negative else 1) * self._sum_to_reinvoice()
        vals = key["taxes"]._prepare_net_price_vals(net, currency)
        if self.company_id.account_storno:
            vals["is_storno"] = (net < 0) != negative
        return vals

    def _get_reinvoice_text(self, contract, partner, options):
        """Text of an invoice line, in the customer's language: on collective invoices
        its contract; of a single permission line permission, vehicle and work."""
        key = (self.company_id, partner.lang or self.env.lang)
        known = options["cache"].setdefault("texts", {})
        if key not in known:
            known[key] = self.company_id._get_maintenance_text(key[1])
        text = known[key]
        if options["mass"]:
            text = f"{text} {contract.name}".strip()
        if not self._has_own_lines(options):
            return text
        permission = self.permission_id[:1]
        plate = permission.vehicle_id.license_plate or permission.vehicle_id.name
        details = f"{permission.name}, {plate}: {self[:1].name}"
        return f"{text}\n{details}".strip()

    # -- documents --------------------------------------------------------------

    @api.model
    def _create_reinvoice_moves(self, groups, options):
        """One draft invoice per pair of ``(grouping key, lines)``, in one batch,
        with the rows that say which permission line is on which invoice line."""
        prepared = [
            lines._prepare_reinvoice_move_vals(key, options) for key, lines in groups
        ]
        moves = self.env["account.move"]
        moves.check_access("create")
        # our marks on invoices can only be written by the superuser, and the caller's
        # context must not add any
        superuser = with_own_context(moves.sudo(), **QUIET)
        moves = self.env["maintenance.invoice.items"]._create_invoices(
            superuser, [vals for vals, _ in prepared], options["cache"]
        )
        moves = moves.with_env(self.env)
        row_vals = []
        for move, (_vals, blocks) in zip(moves, prepared, strict=True):
            row_vals += self._prepare_row_vals(move, blocks)
        superuser.env["maintenance.reinvoice.row"].create(row_vals)
        return moves

    @api.model
    def _prepare_row_vals(self, move, blocks):
        move_lines = move.invoice_line_ids.sorted("sequence")
        return [
            {
                "move_id": move.id,
                "move_line_id": move_line.id,
                "line_id": line.id,
                "company_id": move.company_id.id,
                "contract_id": line.contract_id.id,
                "amount": line.amount_to_reinvoice,
                "currency_id": line.currency_id.id,
                "tax_ids": [Command.set(key["taxes"].ids)],
            }
            for move_line, (key, lines) in zip(move_lines, blocks, strict=True)
            for line in lines
        ]
