from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ...tools.dates import parse_date
from ...tools.groups import REINVOICE
from ...tools.states import APPROVED_STATES


class MaintenancePermissionLine(models.Model):
    """Why a line is re-invoiced or not, and the button that does it."""

    _inherit = "maintenance.permission.line"

    # -- may it be invoiced? ----------------------------------------------------

    def _get_refusals(self, method):
        """Codes of everything that keeps the line off a customer invoice made by
        ``method`` (mass, individual or billing), the most telling first."""
        self.ensure_one()
        found = self._find_refusals(method)
        reasons = self.env["maintenance.reinvoice.run.line"]._fields["reason"]
        return [code for code in reasons.get_values(self.env) if found.get(code)]

    def _find_refusals(self, method):
        mass, permission = method == "mass", self.permission_id
        state = permission.state
        return {
            "reinvoiced": self.reinvoiced,
            "draft_invoice": self.sale_invoice_id and not self.reinvoiced,
            "not_approved": not mass and state not in APPROVED_STATES,
            "not_closed": mass and state not in ("closed", "reinvoiced"),
            "method": mass and self.reinvoice_method != "mass",
            "not_individual": not mass and self.reinvoice_method != method,
            "no_bill": mass and not self.bill_posted,
            "not_reinvoice": not self.reinvoice,
            "no_reference": permission._misses_reference(),
            "no_analytic": self.contract_id.sudo().analytic_lost,
            "archived_tax": self._has_only_archived_taxes(),
            "zero_amount": self.currency_id.is_zero(self.amount_to_reinvoice),
        }

    @api.model
    def _get_refusal_labels(self):
        """What codes of refusals mean; once for many lines."""
        reason = self.env["maintenance.reinvoice.run.line"]._fields["reason"]
        return dict(reason._description_selection(self.env))

    def _get_refusal_text(self, codes):
        labels = self._get_refusal_labels()
        return ", ".join(labels[code] for code in codes)

    def _check_no_refusals(self, method):
        """Raise one sentence per line that cannot be invoiced by ``method``."""
        errors = []
        for line in self:
            if codes := line._get_refusals(method):
                errors.append(f"{line.display_name}: {line._get_refusal_text(codes)}")
        if errors:
            raise UserError(
                self.env._(
                    "These lines cannot be re-invoiced now:\n%s", "\n".join(errors)
                )
            )

    # -- individual re-invoicing and settlement ---------------------------------

    @expects(posting_date=parse_date, vat_date=parse_date)
    def action_reinvoice(self, posting_date=None, vat_date=None):
        """Invoice lines of method Individual: one posted invoice per payer and
        currency. Without ``posting_date`` the dialog is returned; with it the
        question whether to open the invoices."""
        self._check_may_reinvoice()
        self._check_no_refusals("individual")
        if not posting_date:
            return self._get_reinvoice_dialog({"default_line_ids": self.ids})
        return self._reinvoice("individual", posting_date, vat_date)

    def _check_may_reinvoice(self):
        self.check_access("read")
        refuse_without_group(self.env, REINVOICE)

    def _reinvoice(self, method, posting_date, vat_date):
        """Post the invoices of the lines; returns the question "open them?"."""
        self._lock_for_reinvoice()
        self._check_no_refusals(method)
        moves = self.env["account.move"]
        for lines in self._get_invoice_parts(method):
            company = lines.company_id
            moves += lines.with_company(company)._reinvoice_company(
                posting_date, vat_date
            )
        return self.env["maintenance.reinvoice.dialog"]._ask_to_open(moves)

    def _get_invoice_parts(self, method):
        """Lines that may share an invoice: of one company, and settlements of one
        contract. Payer and currency divide them further."""
        name = "contract_id" if method == "billing" else "company_id"
        return list(self.grouped(name).values())

    def _lock_for_reinvoice(self):
        """Hold the rows until the end of the transaction: nobody else can invoice
        them meanwhile. What was read before may be old, so it is read again."""
        locked = self.try_lock_for_update()
        if busy := self - locked:
            raise UserError(busy._get_busy_error())
        self.invalidate_recordset()

    def _get_busy_error(self):
        return self.env._(
            "These lines are being invoiced or changed by somebody else right now: "
            "%s. Try again in a moment.",
            ", ".join(self.mapped("display_name")),
        )

    def _reinvoice_company(self, posting_date, vat_date):
        company = self.env.company
        options = {
            "posting_date": self._choose_posting_date(company, posting_date),
            "vat_date": self._choose_vat_date(company, vat_date),
            "mass": False,
            "clearing": self.env["account.account"],
            "cache": {},
        }
        groups = self._group_for_reinvoice(mass=False)
        self._check_zero_groups(groups)
        moves = self._create_reinvoice_moves(groups.items(), options)
        moves._post(soft=False)
        return moves

    def _check_zero_groups(self, groups):
        """Nothing is charged for what adds up to zero; a settlement shows it all the
        same, since nothing else would ever settle these lines."""
        zero = self._get_zero_groups(groups)
        zero = zero.filtered(lambda line: line.reinvoice_method != "billing")
        if zero:
            raise UserError(zero._get_zero_error())

    def _get_zero_error(self):
        return self.env._(
            "Nothing to invoice, these lines add up to zero: %s",
            ", ".join(self.mapped("display_name")),
        )

    def _get_zero_groups(self, groups):
        """Lines of the groups whose sum is zero in their currency."""
        zero = self.browse()
        for lines in groups.values():
            if lines.currency_id[:1].is_zero(lines._sum_to_reinvoice()):
                zero += lines
        return zero

    def _choose_posting_date(self, company, posting_date):
        """``posting_date``, or what the company wants in its place when the period
        is closed: an error, or the first open day."""
        date = parse_date(self.env, posting_date)
        journal = company._get_maintenance_journal("invoice")
        choice = company.maintenance_closed_period
        return company._apply_closed_period(choice, date, True, journal)

    def _get_reinvoice_dialog(self, context):
        return self.env["maintenance.reinvoice.dialog"]._get_dialog_action(
            self.env._("Re-invoice to Customer"), context=context
        )

    @expects(one=True)
    def action_open_form(self):
        """The line's own form, with its purchase and its sale."""
        return self._get_records_action(context={})

    @expects(one=True)
    def action_view_invoice(self):
        """The customer invoice of the line."""
        return self.sale_invoice_id._get_records_action(context={})

    # What lines of a mass run share with the others on their invoice: whether there
    # will be one, and its dates.

    def _get_group_refusals(self, groups, options):
        """``{line: codes}`` of the lines that their whole group keeps off an invoice.

        :param dict groups: lines by grouping key, one group an invoice to be
        :param dict options: see ``_create_reinvoice_moves``; ``ignore_minimum``: small
            amounts, too; ``negative_groups``: ``carry`` leaves out what would be a
            credit memo
        """
        found = dict.fromkeys(self._get_zero_groups(groups), ["zero_group"])
        for key, lines in groups.items():
            if lines[:1] in found:
                continue
            if lines._is_carried(key, options):
                found.update(dict.fromkeys(lines, ["carried"]))
            elif lines._is_below_minimum(options):
                found.update(dict.fromkeys(lines, ["below_minimum"]))
        return found

    def _is_carried(self, header, options):
        """The lines of one invoice would be a credit memo, and the run carries such
        lines forward to the next ones of their group."""
        if options.get("negative_groups") != "carry":
            return False
        if min(self.mapped("amount_to_reinvoice")) >= 0.0:
            return False
        try:
            parts = self._get_group_parts(header, options)
        except UserError:
            # a revenue account is missing: told when the group is invoiced
            return False
        return self.env["account.tax"]._is_owed_to_customer(parts, self.currency_id[:1])

    def _get_group_parts(self, header, options):
        """Taxes and net amounts of the invoice that the lines of a group would get."""
        position = dict(header)["fiscal_position_id"]
        return self._get_taxed_parts(self._get_reinvoice_blocks(position, options))

    def _get_carried_amount(self, header, options):
        """What the lines of a group that is carried forward add up to: the net amount,
        or that with tax where the net alone would be charged."""
        currency, amount = self.currency_id[:1], self._sum_to_reinvoice()
        if currency.compare_amounts(amount, 0.0) < 0:
            return amount
        parts = self._get_group_parts(header, options)
        return self.env["account.tax"]._sum_parts(parts, currency)

    def _is_below_minimum(self, options):
        """The lines of one invoice are worth less than the payer's minimum. What the
        customer gets back never waits for it."""
        if options.get("ignore_minimum"):
            return False
        company, currency = self.company_id, self.currency_id[:1]
        minimum = self.payer_id._get_maintenance_minimum(company)
        total = self._sum_to_reinvoice()
        if not minimum or currency.compare_amounts(total, 0.0) < 0:
            return False
        net = currency._convert(
            total, company.currency_id, company, options["posting_date"]
        )
        return company.currency_id.compare_amounts(net, minimum) < 0

    def _choose_vat_date(self, company, vat_date):
        """``vat_date``, or what the company wants in its place when the VAT period is
        closed: an error, or the first open day. Empty stays empty."""
        date = parse_date(self.env, vat_date)
        if not date:
            return date
        open_date = company._get_maintenance_open_vat_date(date)
        if open_date != date and company.maintenance_closed_period == "refuse":
            format_date = self.env["ir.qweb.field.date"].value_to_html
            raise UserError(
                self.env._(
                    "VAT date %(date)s is in a closed VAT period of %(company)s. "
                    "Choose %(open)s or later, or open the period.",
                    date=format_date(date, {}),
                    company=company.name,
                    open=format_date(open_date, {}),
                )
            )
        return open_date
