from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import raise_together

from ..tools.actions import open_documents


class MaintenanceReinvoiceCancel(models.TransientModel):
    """Permission for mass cancellation: ticked rows of a maintenance invoice go on
    one posted credit memo, and their share of the redistribution is reversed. Rows of
    several invoices, as a run makes them, give one credit memo per invoice."""

    _name = "maintenance.reinvoice.cancel"
    _inherit = "service.dialog.mixin"
    _description = "Cancel Re-invoiced Maintenance"

    invoice_id = fields.Many2one(
        "account.move",
        string="Invoice",
        domain="[('service_invoice_type', '=', 'maintenance'), "
        "('state', '=', 'posted'), "
        "('move_type', 'in', ('out_invoice', 'out_refund')), "
        "('maintenance_row_ids', 'any', [('credit_move_id', '=', False)])]",
        help="Posted maintenance invoice with rows that nobody has credited yet. Empty "
        "when rows of several invoices are cancelled together.",
    )
    row_ids = fields.Many2many(
        "maintenance.reinvoice.row",
        string="Rows to Credit",
        compute="_compute_row_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
        domain="[('move_id', '=', invoice_id), ('credit_move_id', '=', False)]",
        help="The rows that are ticked at first.",
    )
    line_ids = fields.One2many(
        "maintenance.reinvoice.cancel.line",
        "wizard_id",
        string="Rows",
        compute="_compute_line_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    posting_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Date of the credit memo and of the reversed redistribution.",
    )
    vat_date = fields.Date(
        string="VAT Date",
        help="Taxable supply date of the credit memo. Empty: as the localisation sets "
        "it.",
    )
    free = fields.Selection(
        [
            ("free", "The rows may be re-invoiced again"),
            ("correct", "The rows are corrected and re-invoiced now"),
            ("close", "The rows are closed"),
        ],
        string="Afterwards",
        required=True,
        default="free",
        help="What becomes of the ticked rows. Corrected ones are invoiced at once by "
        "an invoice of the same kind, with the right amount or to another payer; an "
        "amount of zero is not invoiced.",
    )
    reason = fields.Char(help="Printed on the credit memo.")
    warning = fields.Text(
        compute="_compute_warning",
        help="What is worth knowing before the credit memo is posted.",
    )

    @api.depends("invoice_id")
    def _compute_row_ids(self):
        for wizard in self:
            wizard.row_ids = wizard.invoice_id.maintenance_row_ids._filter_creditable()

    @api.depends("invoice_id")
    def _compute_line_ids(self):
        for wizard in self:
            ticked = wizard.row_ids._origin
            invoice = wizard.invoice_id._origin
            rows = invoice.maintenance_row_ids._filter_creditable() | ticked
            wizard.line_ids = [
                Command.clear(),
                *wizard._prepare_line_commands(rows, ticked),
            ]

    @api.model
    def _prepare_line_commands(self, rows, ticked, corrections=None):
        corrections = corrections or {}
        return [
            Command.create(
                {
                    "row_id": row.id,
                    "selected": row in ticked,
                    "corrected_amount": row.amount,
                    "reinvoice_partner_id": row.line_id.reinvoice_partner_id.id,
                    **corrections.get(row, {}),
                }
            )
            for row in rows
        ]

    @api.depends("posting_date", "line_ids.selected")
    def _compute_warning(self):
        for wizard in self:
            wizard.warning = "\n".join(wizard._get_warnings())

    def _get_warnings(self):
        """Sentences about the date and about what is already paid."""
        invoices = self.line_ids.filtered("selected").move_id
        warnings = []
        for company, moves in invoices.grouped("company_id").items():
            warnings += self._get_date_warnings(company, moves)
        paid = invoices.filtered(lambda m: m.payment_state in ("paid", "in_payment"))
        if paid:
            warnings.append(
                self.env._(
                    "Already paid, so that the credit memo stays open for the "
                    "customer: %s",
                    ", ".join(paid.mapped("name")),
                )
            )
        return warnings

    def _get_date_warnings(self, company, invoices):
        date, warnings = self.posting_date, []
        if not date:
            return warnings
        lines = self.env["maintenance.permission.line"]
        try:
            posted = lines._choose_posting_date(company, date)
        except UserError as error:
            return [str(error)]
        if posted != date:
            warnings.append(
                self.env._(
                    "%(date)s is in a closed period of %(company)s: the credit memo "
                    "will carry %(posted)s.",
                    date=self.env["ir.qweb.field.date"].value_to_html(date, {}),
                    company=company.name,
                    posted=self.env["ir.qweb.field.date"].value_to_html(posted, {}),
                )
            )
        later = invoices.filtered(lambda move: move.invoice_date > posted)
        if later:
            warnings.append(
                self.env._(
                    "The credit memo would be dated before what it credits: %s",
                    ", ".join(later.mapped("name")),
                )
            )
        return warnings

    def write(self, vals):
        result = super().write(vals)
        if "row_ids" in vals and "line_ids" not in vals:
            for wizard in self:
                for line in wizard.line_ids:
                    line.selected = line.row_id in wizard.row_ids
        return result

    # -- opening ----------------------------------------------------------------

    @api.model
    def _open(self, rows, ticked=None, corrections=None):
        """A dialog with ``rows``, of which ``ticked`` are ticked (all without it).

        :param corrections: ``{row: values of its permission line}`` to be proposed
        """
        ticked = rows if ticked is None else ticked
        invoices = rows.move_id
        corrected = {
            row: {
                ("corrected_amount" if name == "amount_to_reinvoice" else name): value
                for name, value in vals.items()
            }
            for row, vals in (corrections or {}).items()
        }
        wizard = self.create(
            {
                "invoice_id": invoices.id if len(invoices) == 1 else False,
                "row_ids": [Command.set(ticked.ids)],
                "line_ids": self._prepare_line_commands(rows, ticked, corrected),
                "free": "correct" if corrections else "free",
            }
        )
        return wizard._show()

    def _show(self):
        return self._get_dialog_action(self.env._("Cancel Maintenance Rows"))

    @expects(one=True)
    def action_tick_all(self):
        """Tick every row."""
        self.line_ids.selected = True
        return self._show()

    @expects(one=True)
    def action_tick_none(self):
        """Take all ticks off."""
        self.line_ids.selected = False
        return self._show()

    # -- cancelling -------------------------------------------------------------

    @expects(one=True)
    def action_confirm(self):
        """Post the credit memo of the ticked rows of each invoice, with the corrected
        invoices where that was chosen, and open them."""
        lines = self.line_ids.filtered("selected")
        by_invoice = self._group_ticked_lines(lines)
        self._check_lines(by_invoice)
        options = self._prepare_options()
        moves = self.env["account.move"]
        # all invoices or none
        with self.env.cr.savepoint():
            for invoice, group in by_invoice.items():
                moves += self.env["maintenance.cancellation"]._cancel(
                    invoice, group.row_id, options, group._get_corrections()
                )
        return open_documents(moves)

    def _group_ticked_lines(self, lines):
        """Ticked lines by the invoice they are to be credited on."""
        if self.invoice_id:
            return {self.invoice_id: lines}
        if not lines:
            raise UserError(self.env._("Tick the rows to credit."))
        return lines.grouped("move_id")

    def _check_lines(self, by_invoice):
        """Everything that is wrong with any of the invoices, at once."""
        errors = []
        Cancellation = self.env["maintenance.cancellation"]
        for invoice, lines in by_invoice.items():
            Cancellation._check_invoice(invoice)
            errors += Cancellation._get_row_errors(invoice, lines.row_id)
            errors += self._get_date_errors(invoice)
        raise_together(errors)

    def _get_date_errors(self, invoice):
        """What is wrong with the date of the credit memo of one invoice."""
        lines = self.env["maintenance.permission.line"]
        try:
            date = lines._choose_posting_date(invoice.company_id, self.posting_date)
        except UserError as error:
            return [str(error)]
        return self.env["maintenance.cancellation"]._get_date_errors(invoice, date)

    def _prepare_options(self):
        return {
            "posting_date": self.posting_date,
            "vat_date": self.vat_date,
            "free": self.free != "close",
            "reason": self.reason,
        }
