from odoo import models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects

from ..tools.dates import parse_date

# why a line is not taken, the most telling reason first
OBSTACLES = [
    ("reinvoiced", "Already re-invoiced"),
    ("draft_invoice", "On a draft invoice"),
    ("not_approved", "Permission not approved"),
    ("not_closed", "Permission not closed"),
    ("method", "Not for mass invoicing"),
    ("not_individual", "Not for individual invoicing"),
    ("no_bill", "Vendor bill not posted"),
    ("not_reinvoice", "Not to be re-invoiced"),
    ("no_reference", "Customer order number missing"),
    ("no_analytic", "Analytic account of the contract was deleted"),
    ("archived_tax", "Customer tax of the service is archived"),
    ("zero_amount", "Amount to re-invoice is zero"),
    ("zero_group", "The lines of the invoice add up to zero"),
    ("below_minimum", "Carried forward: below the minimum invoice amount"),
    ("busy", "Being invoiced by somebody else"),
]
INDIVIDUAL_STATES = ("approved", "closed", "reinvoiced")


class MaintenancePermissionLine(models.Model):
    _inherit = "maintenance.permission.line"

    # -- may it be invoiced? ----------------------------------------------------

    def _get_obstacles(self, method):
        """Codes of everything that keeps the line off a customer invoice made by
        ``method`` (mass, individual or billing), the most telling first."""
        self.ensure_one()
        found = self._find_obstacles(method)
        return [code for code, _label in OBSTACLES if found.get(code)]

    def _find_obstacles(self, method):
        mass = method == "mass"
        state = self.permission_id.state
        return {
            "reinvoiced": self.reinvoiced,
            "draft_invoice": self.sale_invoice_id and not self.reinvoiced,
            "not_approved": not mass and state not in INDIVIDUAL_STATES,
            "not_closed": mass and state not in ("closed", "reinvoiced"),
            "method": mass and self.reinvoice_method != "mass",
            "not_individual": not mass and self.reinvoice_method != method,
            "no_bill": mass and not self.bill_posted,
            "not_reinvoice": not self.reinvoice,
            "no_reference": self.permission_id._misses_reference(),
            "no_analytic": self.contract_id.sudo()._filter_lost_analytic(),
            "archived_tax": self._has_only_archived_taxes(),
            "zero_amount": self.currency_id.is_zero(self.amount_to_reinvoice),
        }

    def _get_obstacle_text(self, codes):
        labels = dict(
            self.env["maintenance.reinvoice.run.line"]
            ._fields["reason"]
            ._description_selection(self.env)
        )
        return ", ".join(labels[code] for code in codes)

    def _check_no_obstacles(self, method):
        """Raise one sentence per line that cannot be invoiced by ``method``."""
        errors = []
        for line in self:
            if codes := line._get_obstacles(method):
                errors.append(f"{line.display_name}: {line._get_obstacle_text(codes)}")
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
        self._check_no_obstacles("individual")
        if not posting_date:
            return self._get_reinvoice_dialog({"default_line_ids": self.ids})
        return self._reinvoice("individual", posting_date, vat_date)

    def _check_may_reinvoice(self):
        self.check_access("read")
        self.permission_id._check_group("group_maintenance_reinvoice")

    def _reinvoice(self, method, posting_date, vat_date):
        """Post the invoices of the lines; returns the question "open them?"."""
        self._lock_for_reinvoice()
        self._check_no_obstacles(method)
        moves = self.env["account.move"]
        for lines in self._get_invoice_parts(method):
            company = lines.company_id
            moves += lines.with_company(company)._reinvoice_company(
                posting_date, vat_date
            )
        return moves._get_maintenance_open_question()

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
            "posting_date": self._get_open_posting_date(company, posting_date),
            "vat_date": self._get_open_vat_date(company, vat_date),
            "mass": False,
            "clearing": self.env["account.account"],
            "cache": {},
        }
        groups = self._group_for_reinvoice(mass=False, cache=options["cache"])
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
            raise UserError(
                self.env._(
                    "Nothing to invoice, these lines add up to zero: %s",
                    ", ".join(zero.mapped("display_name")),
                )
            )

    def _get_zero_groups(self, groups):
        """Lines of the groups whose sum is zero in their currency."""
        zero = self.browse()
        for lines in groups.values():
            if lines.currency_id[:1].is_zero(lines._sum_to_reinvoice()):
                zero += lines
        return zero

    def _get_open_posting_date(self, company, posting_date):
        """``posting_date``, or what the company wants in its place when the period
        is closed: an error, or the first open day."""
        date = parse_date(self.env, posting_date)
        journal = company._get_maintenance_journal("invoice")
        choice = company.maintenance_closed_period
        return company._apply_closed_period(choice, date, True, journal)

    def _get_reinvoice_dialog(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reinvoice to customer"),
            "res_model": "maintenance.reinvoice.dialog",
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    @expects(one=True)
    def action_open_form(self):
        """The line's own form, with its purchase and its sale."""
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    @expects(one=True)
    def action_view_invoice(self):
        """The customer invoice of the line."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.sale_invoice_id.id,
            "view_mode": "form",
        }
