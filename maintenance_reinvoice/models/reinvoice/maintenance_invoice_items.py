from odoo import Command, api, fields, models
from odoo.tools import frozendict, ormcache

from ...tools.context import IN_LINE
from ...tools.core_ways import find_other_ways

# What our own invoices and credit memos are made of. With these values alone the items
# that core would add follow from its tax engine and payment terms; whatever else an
# add-on gives may change them, unless it says by the methods below that it does not.
MOVE_FIELDS = frozenset(
    {
        "company_id",
        "currency_id",
        "date",
        "fiscal_position_id",
        "invoice_currency_rate",
        "invoice_date",
        "invoice_line_ids",
        "invoice_origin",
        "invoice_payment_term_id",
        "journal_id",
        "maintenance_mass_analytic_account_id",
        "maintenance_mass_invoice",
        "move_type",
        "partner_id",
        "partner_shipping_id",
        "ref",
        "reversed_entry_id",
        "service_credit_reason",
        "service_invoice_type",
        "taxable_supply_date",
    }
)
OPTIONAL_MOVE_FIELDS = {
    "invoice_currency_rate",
    "maintenance_mass_analytic_account_id",
    "partner_shipping_id",
    "reversed_entry_id",
    "service_credit_reason",
    "taxable_supply_date",
}
LINE_FIELDS = frozenset(
    {
        "account_id",
        "analytic_distribution",
        "extra_tax_data",
        "is_storno",
        "maintenance_contract_id",
        "maintenance_mass_analytic_account_id",
        "maintenance_revenue_account_id",
        "name",
        "price_unit",
        "quantity",
        "sequence",
        "service_credited_line_id",
        "tax_ids",
    }
)
# without these core would look for values itself
NEEDED_LINE_FIELDS = frozenset(
    {
        "account_id",
        "analytic_distribution",
        "name",
        "price_unit",
        "quantity",
        "tax_ids",
    }
)
# values by which core finds rate and sign of an invoice
HEADER_FIELDS = (
    "company_id",
    "currency_id",
    "date",
    "invoice_currency_rate",
    "invoice_date",
    "journal_id",
    "move_type",
    "taxable_supply_date",
)
# How core brings a document into line with its items, posts and numbers it, and who has
# a say in it that does not mean our invoices, but products, expenses or debit notes.
# Where another add-on has a way of its own, it is not gone round.
CORE_WAYS = {
    "items": (
        {
            "_compute_needed_terms",
            "_get_product_base_line_currency_rate",
            "_get_rounded_base_and_tax_lines",
            "_get_sync_stack",
            "_prepare_product_base_line_for_taxes_computation",
            "_recompute_cash_rounding_lines",
            "_sync_dynamic_line",
            "_sync_dynamic_lines",
            "_sync_invoice",
            "_sync_non_deductible_base_lines",
            "_sync_rounding_lines",
            "_sync_tax_lines",
            "_sync_unbalanced_lines",
        },
        {"account", "hr_expense"},
    ),
    "post": (
        {"_post"},
        {"account", "account_edi", "account_fleet", "sale", "stock_account"},
    ),
    "numbers": (
        {
            "_get_last_sequence",
            "_get_last_sequence_domain",
            "_get_next_sequence_format",
            "_get_sequence_format_param",
            "_get_starting_sequence",
            "_locked_increment",
            "_set_next_sequence",
        },
        {"account", "account_debit_note"},
    ),
}
OWN_ADDONS = {"maintenance_reinvoice", "service_invoicing"}


class MaintenanceInvoiceItems(models.AbstractModel):
    """All journal items of an invoice or credit memo of re-invoicing, worked out before
    it is made.

    Core makes the items that are given, then those of taxes and instalments, and looks
    after each step at the whole document again. Taxes and instalments are worked out
    here by the same methods of core, and everything is made at once."""

    _name = "maintenance.invoice.items"
    _description = "Journal Items of Re-invoicing Invoices"

    def _create_invoices(self, moves, vals_list, cache):
        """Create invoices, those that can be with all their items at once.

        :param moves: empty recordset that tells user and context
        :param cache: dict, see ``options`` of the permission lines
        :return: the invoices in the order of their values; ``cache`` knows as
            ``complete`` those that are in line with their items
        """
        complete = [self._complete(moves, vals, cache) for vals in vals_list]
        pairs = list(zip(vals_list, complete, strict=True))
        made = self._create_complete(moves, [done for _vals, done in pairs if done])
        cache["complete"] = cache.get("complete", set()) | {*made.ids}
        others = [vals for vals, done in pairs if not done]
        others = iter(moves.create(others) if others else moves)
        made = iter(made)
        return moves.concat(*(next(made if done else others) for done in complete))

    def _create_complete(self, moves, vals_list):
        """Core adds nothing to these, and does not work out amounts anew."""
        quiet = moves.with_context(skip_invoice_line_sync=True, **IN_LINE)
        return quiet.create(vals_list).with_env(moves.env)

    def _post(self, invoices, cache):
        """Post invoices that were just made. Those that are in line with their items
        stay so, and are not looked through again.

        :param dict cache: that they were made with
        """
        complete = cache.get("complete", set()).issuperset(invoices.ids)
        if complete and self._is_core_way("post"):
            invoices = invoices.with_context(**IN_LINE)
        invoices._post(soft=False)

    # -- which invoices ---------------------------------------------------------

    @api.model
    def _get_move_fields(self):
        """Fields of an invoice that add no items, or only as is known here."""
        return MOVE_FIELDS

    @api.model
    def _get_line_fields(self):
        """The same of an invoice line."""
        return LINE_FIELDS

    def _is_known(self, moves, vals):
        """Whether all items of an invoice follow from what is known here."""
        if not self._is_core_way("items") or self._has_defaults(moves):
            return False
        if MOVE_FIELDS - OPTIONAL_MOVE_FIELDS - vals.keys():
            return False
        if vals.keys() - self._get_move_fields():
            return False
        term = self.env["account.payment.term"].browse(
            vals["invoice_payment_term_id"] or ()
        )
        if term.early_discount or (term and not term.line_ids):
            return False
        line_fields = self._get_line_fields()
        return all(
            command == Command.CREATE
            and NEEDED_LINE_FIELDS <= line_vals.keys() <= line_fields
            for command, _id, line_vals in vals["invoice_line_ids"]
        )

    @api.model
    @ormcache("kind")
    def _is_core_way(self, kind):
        """Whether no other add-on has a say in something.

        :param str kind: one of ``CORE_WAYS``
        """
        names, known = CORE_WAYS[kind]
        return not any(
            find_other_ways(self.env[model], names, known | OWN_ADDONS)
            for model in ("account.move", "account.move.line")
        )

    @api.model
    def _has_defaults(self, moves):
        """Whether somebody keeps defaults of his own that new invoices would get."""
        defaults = self.env["ir.default"]._get_model_defaults
        given = {*defaults(moves._name), *defaults("account.move.line")}
        return bool(given - self._get_move_fields() - self._get_line_fields())

    # -- items ------------------------------------------------------------------

    def _complete(self, moves, vals, cache):
        """Values of an invoice with all its items, ``None`` where core has to add
        them."""
        if not self._is_known(moves, vals):
            return None
        items, due = self._prepare_items(self._get_header(moves, vals, cache), vals)
        complete = {k: v for k, v in vals.items() if k != "invoice_line_ids"}
        return {
            **complete,
            "invoice_date_due": due,
            "line_ids": [Command.create(item) for item in items],
        }

    def _prepare_items(self, header, vals):
        """Values of all items, and the day on which the last of it is due."""
        company, tax = header.company_id, header.env["account.tax"]
        lines = [line_vals for _command, _id, line_vals in vals["invoice_line_ids"]]
        payer = header.env["res.partner"].browse(vals["partner_id"])
        payer = payer.commercial_partner_id
        base_lines = [self._prepare_base_line(header, payer, line) for line in lines]
        tax._add_tax_details_in_base_lines(base_lines, company)
        tax._round_base_lines_tax_details(base_lines, company)
        tax._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        found = tax._prepare_tax_lines(base_lines, company)
        bases = [base for _line, base in found["base_lines_to_update"]]
        taxes = found["tax_lines_to_add"]
        terms = self._prepare_terms(header, vals, bases, taxes)
        shared = {
            "currency_id": header.currency_id.id,
            "partner_id": payer.id,
            "product_uom_id": False,
        }
        added = dict(shared)
        if company.account_storno:
            added["is_storno"] = header.is_storno
        items = [
            {**shared, **line, **base, "display_type": "product"}
            for line, base in zip(lines, bases, strict=True)
        ]
        items += [{**added, **item, "display_type": "tax"} for item in taxes]
        items += [{**added, **item, "display_type": "payment_term"} for item in terms]
        return items, max(item["date_maturity"] for item in terms)

    def _get_header(self, moves, vals, cache):
        """An unsaved invoice without lines: core's rate, sign and storno of all that
        share its type, currency and dates."""
        key = frozendict({name: vals.get(name) for name in HEADER_FIELDS})
        known = cache.setdefault("headers", {})
        if key not in known:
            known[key] = moves.new({k: v for k, v in key.items() if v})
        return known[key]

    def _prepare_base_line(self, header, payer, line_vals):
        """The line as core's tax engine wants it."""
        env = header.env
        taxes = env["account.tax"]
        for _command, _id, ids in line_vals["tax_ids"]:
            taxes = taxes.browse(ids)
        return taxes._prepare_base_line_for_taxes_computation(
            {"extra_tax_data": line_vals.get("extra_tax_data")},
            tax_ids=taxes,
            price_unit=line_vals["price_unit"],
            quantity=line_vals["quantity"],
            currency_id=header.currency_id,
            rate=header.invoice_currency_rate,
            sign=header.direction_sign,
            is_refund=header.move_type == "out_refund",
            partner_id=payer,
            account_id=env["account.account"].browse(line_vals["account_id"]),
            analytic_distribution=line_vals["analytic_distribution"],
            name=line_vals["name"],
        )

    def _prepare_terms(self, header, vals, base_items, tax_items):
        """Values of the instalments, by core's payment term; without one, all is due
        on the day it is made."""

        def total(items, name, currency):
            return currency.round(-sum(item[name] for item in items))

        company, currency = header.company_id, header.currency_id
        untaxed_currency = total(base_items, "amount_currency", currency)
        untaxed = total(base_items, "balance", company.currency_id)
        tax_currency = total(tax_items, "amount_currency", currency)
        tax = total(tax_items, "balance", company.currency_id)
        term = header.env["account.payment.term"].browse(
            vals["invoice_payment_term_id"] or ()
        )
        if not term:
            return [
                {
                    "date_maturity": fields.Date.context_today(header),
                    "amount_currency": untaxed_currency + tax_currency,
                    "balance": untaxed + tax,
                }
            ]
        parts = term._compute_terms(
            date_ref=header.invoice_date,
            currency=currency,
            company=company,
            tax_amount=tax,
            tax_amount_currency=tax_currency,
            untaxed_amount=untaxed,
            untaxed_amount_currency=untaxed_currency,
            sign=-header.direction_sign,
        )["line_ids"]
        by_date = {}
        for part in parts:
            day = fields.Date.to_date(part["date"])
            item = by_date.setdefault(
                day, {"date_maturity": day, "amount_currency": 0.0, "balance": 0.0}
            )
            item["amount_currency"] += part["foreign_amount"]
            item["balance"] += part["company_amount"]
        return list(by_date.values())
