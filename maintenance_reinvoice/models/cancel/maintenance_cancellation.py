from itertools import compress

from odoo import Command, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import (
    raise_together,
    refuse_without_group,
)
from odoo.addons.service_invoicing.tools.split import group_by_fields

from ...tools.context import QUIET, with_own_context
from ...tools.groups import REINVOICE


class MaintenanceCancellation(models.AbstractModel):
    """Cancellation of re-invoiced rows: ticked rows go on one credit memo, and may be
    corrected and re-invoiced in the same step.

    ``options``: ``posting_date``, ``vat_date`` (may be empty), ``free`` (the rows may
    be re-invoiced again, else they are closed) and ``reason`` (may be empty); a
    ``cache`` is for what is the same for all.
    ``corrections``: ``{row: values of its permission line}``, net amounts in the
    invoice's currency."""

    _name = "maintenance.cancellation"
    _description = "Cancellation of Re-invoiced Rows"

    def _cancel(self, invoice, rows, options, corrections=None):
        """Credit ``rows``; those with corrections are re-invoiced. Returns the credit
        memo and the new invoices."""
        corrections = corrections or {}
        self._lock_rows(rows)
        if not rows:
            raise UserError(self.env._("Tick the rows to credit."))
        raise_together(self._get_row_errors(invoice, rows))
        company = invoice.company_id
        invoice = invoice.with_company(company)
        lines = invoice.env["maintenance.permission.line"]
        date = lines._choose_posting_date(company, options["posting_date"])
        vat_date = lines._choose_vat_date(company, options["vat_date"])
        raise_together(self._get_date_errors(invoice, date))
        options = {**options, "posting_date": date, "vat_date": vat_date}
        credit = self._credit({invoice: rows}, options)
        corrected = rows.filtered(lambda row: row in corrections)
        self._release({credit: corrected}, {**options, "free": True})
        self._release({credit: rows - corrected}, options)
        return credit + self._reinvoice(invoice, corrections, credit, options)

    # -- what is wrong ----------------------------------------------------------

    def _check_invoice(self, invoice):
        """Only posted maintenance invoices have rows to credit, and not for all."""
        invoice.check_access("write")
        refuse_without_group(self.env, REINVOICE)
        if (
            invoice.service_invoice_type != "maintenance"
            or invoice.state != "posted"
            or invoice.move_type not in ("out_invoice", "out_refund")
            or not invoice.maintenance_row_ids
        ):
            raise UserError(
                self.env._(
                    "%s is not a posted maintenance invoice with re-invoiced rows.",
                    invoice.display_name,
                )
            )

    def _get_row_errors(self, invoice, rows):
        """A sentence per ticked row that cannot be credited on this invoice."""
        if missing := rows - rows.exists():
            return [
                self.env._(
                    "These rows do not exist (any more): %s",
                    ", ".join(str(row.id) for row in missing),
                )
            ]
        errors = [
            self.env._(
                "%(line)s is not on invoice %(invoice)s.",
                line=row.line_id.display_name,
                invoice=invoice.name,
            )
            for row in rows
            if row.move_id != invoice
        ]
        return errors + [
            self.env._(
                "%(line)s is already credited by %(credit)s.",
                line=row.line_id.display_name,
                credit=row.credit_move_id.display_name,
            )
            for row in rows
            if row.credit_move_id
        ]

    def _get_date_errors(self, invoice, date):
        """Nothing is taken back before it was charged.

        :param date: date that the credit memo will carry
        """
        if not invoice.invoice_date or date >= invoice.invoice_date:
            return []
        format_date = self.env["ir.qweb.field.date"].value_to_html
        return [
            self.env._(
                "The credit memo of %(date)s would be dated before invoice "
                "%(invoice)s of %(invoice_date)s. Choose a later date.",
                date=format_date(date, {}),
                invoice=invoice.name,
                invoice_date=format_date(invoice.invoice_date, {}),
            )
        ]

    def _lock_rows(self, rows):
        """Nobody else credits the same rows at the same time."""
        rows = rows.exists()
        if rows.sudo().try_lock_for_update() != rows:
            raise UserError(
                self.env._("These rows are being credited by somebody else right now.")
            )
        rows.invalidate_recordset()

    # -- credit -----------------------------------------------------------------

    def _credit(self, rows_by_invoice, options):
        """Post a credit memo per invoice, of these rows of it, and reverse their
        redistribution.

        :param dict rows_by_invoice: invoice → its rows; invoices of one company
        :return: the credit memos in this order, matched with what is open
        """
        invoices = self.env["account.move"].union(*rows_by_invoice)
        invoices = invoices.with_company(invoices.company_id)
        invoices.check_access("create")
        options = {"cache": {}, **options}
        # what is read of one is read of all
        rows_by_invoice = dict(zip(invoices, rows_by_invoice.values(), strict=True))
        invoices.line_ids.fetch(["tax_ids", "tax_tag_ids"])
        vals_list = [
            self._prepare_vals(invoice, self._get_parts(invoice, rows), options)
            for invoice, rows in self._in_customers_language(rows_by_invoice)
        ]
        # our marks on moves can only be written by the superuser
        superuser = with_own_context(invoices.browse().sudo(), **QUIET)
        items = self.env["maintenance.invoice.items"]
        credits = items._create_invoices(superuser, vals_list, options["cache"])
        for credit, (invoice, rows) in zip(
            credits, rows_by_invoice.items(), strict=True
        ):
            self._take_back(credit, invoice, rows)
        credits = credits.with_env(invoices.env)
        items._post(credits, options["cache"])
        redistributed = [
            bool(invoice.maintenance_redistribution_id) for invoice in rows_by_invoice
        ]
        self.env["maintenance.redistribution"]._redistribute(
            credits.browse(compress(credits.ids, redistributed))
        )
        self._match_each(
            self._get_settling(invoice) | credit
            for invoice, credit in zip(rows_by_invoice, credits, strict=True)
        )
        return credits

    def _in_customers_language(self, rows_by_invoice):
        for invoice, rows in rows_by_invoice.items():
            lang = invoice.partner_id.lang or self.env.lang
            yield invoice.with_context(lang=lang), rows

    def _take_back(self, credit, invoice, rows):
        """On the invoice's own account, and to the cent where nothing is left of it."""
        Memo = self.env["service.credit.memo"]
        Memo._use_receivable_of(credit, invoice)
        finished = self._get_finished_lines(invoice, rows)
        Memo._take_remaining(credit, invoice, finished, self._get_credits(invoice))

    def _get_settling(self, invoice):
        """The invoice, and what was credited of the same lines, here and on invoices
        that corrected them: an invoice of a compensation is settled by what is
        credited later."""
        related = invoice.maintenance_row_ids.line_id.row_ids.move_id
        return invoice | self._get_credits(related)

    def _get_credits(self, invoices):
        """Documents that took rows of these invoices back: credit memos, and invoices
        of compensations."""
        credits = invoices.maintenance_row_ids.credit_move_id
        credits |= invoices.reversal_move_ids
        return credits.filtered(lambda move: move.state != "cancel")

    def _get_parts(self, invoice, rows):
        """``{invoice line: net amount to take back}``, in the invoice's currency and
        with the sign of the invoice line."""
        sign = -1 if invoice.move_type == "out_refund" else 1
        return {
            line: sign * sum(group.mapped("amount"))
            for line, group in rows.grouped("move_line_id").items()
        }

    def _prepare_vals(self, invoice, parts, options):
        """Values of the credit memo. What takes back a credit note, or more
        compensation than work, is an invoice."""
        company = invoice.company_id
        negative = self.env["account.tax"]._is_owed_to_customer(
            [(line.tax_ids, amount) for line, amount in parts.items()],
            invoice.currency_id,
        )
        refund = (invoice.move_type == "out_invoice") != negative
        lines = invoice.env["maintenance.permission.line"]
        kind = "credit" if refund else "invoice"
        credits_invoice = refund and invoice.move_type == "out_invoice"
        Memo = self.env["service.credit.memo"]
        borne = Memo._get_borne_taxes(invoice)
        mass_analytic = invoice.maintenance_mass_analytic_account_id
        return {
            "move_type": "out_refund" if refund else "out_invoice",
            "service_invoice_type": "maintenance",
            "reversed_entry_id": invoice.id if credits_invoice else False,
            "company_id": company.id,
            "journal_id": lines._get_reinvoice_journal(company, kind, options).id,
            "partner_id": invoice.partner_id.id,
            "partner_shipping_id": invoice.partner_shipping_id.id,
            "currency_id": invoice.currency_id.id,
            "invoice_currency_rate": invoice.invoice_currency_rate,
            "fiscal_position_id": invoice.fiscal_position_id.id,
            "invoice_payment_term_id": Memo._get_payment_term(invoice).id,
            **lines._prepare_reinvoice_dates(company, options),
            "invoice_origin": invoice.name,
            # the customer's own; the payer's system looks for it
            "ref": invoice.ref,
            "service_credit_reason": options.get("reason") or False,
            "maintenance_mass_invoice": invoice.maintenance_mass_invoice,
            "maintenance_mass_analytic_account_id": mass_analytic.id,
            "invoice_line_ids": [
                Command.create(
                    self._prepare_line_vals(
                        line, -amount if negative else amount, borne
                    )
                )
                for line, amount in parts.items()
            ],
        }

    def _prepare_line_vals(self, line, amount, borne):
        """Values of the line that takes back ``amount`` (net) of this invoice line:
        same account, taxes, contract and dimension.

        :param dict borne: taxes of the line, whatever their rates today, see
            ``_get_borne_taxes``
        """
        mass_analytic = line.maintenance_mass_analytic_account_id
        vals = {
            "name": line.name,
            "sequence": line.sequence,
            **line.tax_ids._prepare_net_price_vals(amount, line.currency_id),
            "account_id": line.account_id.id,
            "tax_ids": [Command.set(line.tax_ids.ids)],
            "analytic_distribution": line.analytic_distribution or False,
            "service_credited_line_id": line.id,
            "maintenance_contract_id": line.maintenance_contract_id.id,
            "maintenance_revenue_account_id": line.maintenance_revenue_account_id.id,
            "maintenance_mass_analytic_account_id": mass_analytic.id,
        }
        if line.product_id:
            vals["product_id"] = line.product_id.id
        if line.company_id.account_storno:
            vals["is_storno"] = not line.is_storno
        return vals | line._prepare_borne_tax_vals(amount, vals, borne)

    def _get_finished_lines(self, invoice, rows):
        """Lines of the invoice of which nothing remains when ``rows`` are credited: a
        line charges what its rows say, but for the cents of included taxes."""
        sign = -1 if invoice.move_type == "out_refund" else 1
        by_line = invoice.maintenance_row_ids.grouped("move_line_id")
        finished = invoice.env["account.move.line"]
        for line in invoice._get_billed_lines():
            own = by_line.get(line)
            if not own or any(not row.credit_move_id for row in own - rows):
                continue
            differs = abs(sign * sum(own.mapped("amount")) - line.price_subtotal)
            most = max(len(line.tax_ids), 1) * line.currency_id.rounding
            if line.currency_id.compare_amounts(differs, most) <= 0:
                finished |= line
        return finished

    def _release(self, rows_by_credit, options):
        """Free or close credited rows, and say so on their invoices and on the lines'
        permissions.

        :param dict rows_by_credit: credit memo → the rows that it takes back
        """
        after = (
            self.env._("It may be re-invoiced again.")
            if options["free"]
            else self.env._("It is closed.")
        )
        bodies, line_bodies = {}, {}
        for credit, rows in rows_by_credit.items():
            rows.sudo().write({"credit_move_id": credit.id, "freed": options["free"]})
            body = self.env._("Credited by %s.", credit.name)
            if options.get("reason"):
                body += " " + self.env._("Reason: %s", options["reason"])
            bodies |= dict.fromkeys(rows.move_id.ids, body)
            line_bodies |= dict.fromkeys(rows.line_id.ids, f"{body} {after}")
        lines = self.env["maintenance.permission.line"].browse(line_bodies)
        if options["free"]:
            # the garage may have credited meanwhile: no more than what is bought
            lines.sudo()._lower_to_bought()
        self.env["account.move"].browse(bodies)._message_log_batch(bodies=bodies)
        lines._message_log_batch(bodies=line_bodies)

    def _match_receivables(self, moves):
        """Match what these documents leave open on the same customer account."""
        self._match_each([moves])

    def _match_each(self, families):
        """Match each family of documents by itself, in one plan: but for those that
        share open items, of which the later gets what the earlier leaves."""
        items = self.env["account.move.line"]
        plan, planned = [], set()
        for moves in families:
            groups = self._get_open_groups(moves)
            if not planned.isdisjoint(item.id for group in groups for item in group):
                items._reconcile_plan(plan)
                plan, planned, groups = [], set(), self._get_open_groups(moves)
            plan += groups
            planned.update(item.id for group in groups for item in group)
        items._reconcile_plan(plan)

    def _get_open_groups(self, moves):
        """Open customer items of both signs, by account, currency and partner."""
        items = moves.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
            and item.parent_state == "posted"
            and not item.reconciled
        )
        groups = group_by_fields(items, ["account_id", "currency_id", "partner_id"])
        return [
            group
            for group in groups.values()
            if len({item.balance > 0 for item in group}) > 1
        ]

    # -- correct and re-invoice -------------------------------------------------

    def _reinvoice(self, invoice, corrections, credit, options):
        """Change the credited lines and post their new invoices, of the same kind as
        this one. What the credit memo leaves open is matched with them."""
        lines = invoice.env["maintenance.permission.line"]
        for row, vals in corrections.items():
            row.line_id._write_correction(vals, options["reason"])
            if not row.currency_id.is_zero(vals["amount_to_reinvoice"]):
                lines |= row.line_id
        if not lines:
            return invoice.browse()
        invoices = self._create_corrected(
            lines, self._prepare_reinvoice_options(invoice, options)
        )
        self._match_receivables(credit + invoices)
        body = self.env._(
            "Corrects %(invoice)s, whose rows are credited by %(credit)s.",
            invoice=invoice.name,
            credit=credit.name,
        )
        invoices._message_log_batch(bodies=dict.fromkeys(invoices.ids, body))
        return invoices

    def _prepare_reinvoice_options(self, invoice, options):
        """Options of the new invoices; see the permission line's methods."""
        clearing = self.env["account.account"]
        if invoice.maintenance_redistribution_id:
            used = invoice.invoice_line_ids.filtered("maintenance_revenue_account_id")
            company = invoice.company_id
            clearing = company.maintenance_mass_account_id or used.account_id[:1]
        return {
            "posting_date": options["posting_date"],
            "vat_date": options["vat_date"],
            "mass": invoice.maintenance_mass_invoice,
            "clearing": clearing,
            "origin": invoice.name,
            "cache": {},
        }

    def _create_corrected(self, lines, options):
        """Make, post and redistribute the invoices of the corrected lines."""
        lines._lock_for_reinvoice()
        for method, group in lines.grouped("reinvoice_method").items():
            group._check_no_refusals(method)
        groups = lines._group_for_reinvoice(options["mass"])
        if zero := lines._get_zero_groups(groups):
            raise UserError(zero._get_zero_error())
        invoices = lines._create_reinvoice_moves(groups.items(), options)
        invoices.with_context(**QUIET)._post(soft=False)
        if options["clearing"]:
            self.env["maintenance.redistribution"]._redistribute(invoices)
        return invoices
