from odoo import api, fields, models
from odoo.tools import format_date

from ...tools.arguments import expects, parse_day, parse_text
from ...tools.groups import BILLING
from ...tools.guards import (
    changes_values,
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
    refuse_without_group,
)
from ...tools.numbers import take_number


class ServiceAgreement(models.Model):
    """What is billed to a payer month by month: terms, state, and who may change
    them."""

    _name = "service.agreement"
    _description = "Service Agreement"
    _inherit = ["service.document.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "customer_reference", "partner_id.name"]
    _check_company_auto = True

    _name_company_uniq = models.UniqueIndex(
        "(name, company_id)", "Another agreement has this number already."
    )
    _dates_ordered = models.Constraint(
        "CHECK(date_end IS NULL OR date_start <= date_end)",
        "The agreement ends before it begins.",
    )

    name = fields.Char(
        string="Number", copy=False, readonly=True, index="trigram", default="/"
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Bill To",
        required=True,
        index=True,
        check_company=True,
        tracking=True,
        help="Who gets the monthly releases on his service invoices.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        tracking=True,
        help="The amounts and rates of the lines and the invoices are in it.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        compute="_compute_payment_term_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        help="Terms of the service invoices; proposed by the bill-to.",
    )
    vehicle_id = fields.Many2one(
        "fleet.vehicle",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        help="Its odometer is read for lines by odometer.",
    )
    date_start = fields.Date(
        string="First Day",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The first month is billed from this day on, by days.",
    )
    date_end = fields.Date(
        string="Last Day",
        copy=False,
        tracking=True,
        help="The last month is billed up to this day, by days. Empty: until further "
        "notice.",
    )
    customer_reference = fields.Char(
        help="The customer's own number of the agreement, printed on his invoices."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index="btree_not_null",
        tracking=True,
        help="Gets a to-do when a month cannot be released. Empty: the company's "
        "billing responsible.",
    )
    note = fields.Html()
    line_ids = fields.One2many("service.agreement.line", "agreement_id", copy=True)
    reading_ids = fields.One2many("service.agreement.reading", "agreement_id")
    has_usage = fields.Boolean(
        compute="_compute_has_usage", help="Whether some line is billed by usage."
    )
    amount_monthly = fields.Monetary(
        string="Fixed per Month",
        compute="_compute_amount_monthly",
        help="What the fixed lines that are valid today come to in a full month.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("open", "Open"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand=True,
        help="Open: released month by month. Closed: released until the last day, "
        "nothing can be changed any more.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_payment_term_id(self):
        for agreement in self:
            partner = agreement.partner_id.with_company(agreement.company_id)
            agreement.payment_term_id = partner.property_payment_term_id

    @api.depends("line_ids.kind")
    def _compute_has_usage(self):
        for agreement in self:
            agreement.has_usage = "usage" in agreement.line_ids.mapped("kind")

    @api.depends(
        "line_ids.kind", "line_ids.amount", "line_ids.date_from", "line_ids.date_to"
    )
    def _compute_amount_monthly(self):
        today = fields.Date.context_today(self)
        for agreement in self:
            valid = agreement.line_ids.filtered(
                lambda line: line.kind == "fixed" and line._is_valid_on(today)
            )
            agreement.amount_monthly = sum(valid.mapped("amount"))

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for agreement in self:
            parts = [agreement.name, agreement.partner_id.name]
            agreement.display_name = " – ".join(filter(None, parts))

    @api.model
    def _get_protected_fields(self):
        """Fields only the agreement's own methods write → harmless value at
        creation."""
        computed = ("release_ids", "next_month", "release_error", "release_error_month")
        return dict.fromkeys(computed, False) | {"state": "draft", "name": "/"}

    @api.model
    def _get_term_fields(self):
        """Fields that say what is billed to whom: frozen when the agreement is no
        longer running."""
        return {
            "company_id",
            "partner_id",
            "currency_id",
            "vehicle_id",
            "date_start",
            "date_end",
            "line_ids",
        }

    @api.model
    def _get_draft_fields(self):
        """Fields that are settled when the agreement is opened."""
        return {"company_id", "currency_id"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected_at_creation(self, self._get_protected_fields(), vals)
            company = self.env["res.company"].browse(
                vals.get("company_id") or self.env.company.id
            )
            if vals.get("name", "/") == "/":
                vals["name"] = take_number(self.env, self._name, company)
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, dict.fromkeys(self._get_protected_fields()), vals)
        if vals.keys() & self._get_term_fields():
            self._check_terms_editable()
        self._check_settled(vals)
        if not vals.get("active", True):
            self._check_may_archive()
        before = {}
        if vals.keys() & {"date_start", "date_end"}:
            before = {a: (a.date_start, a.date_end) for a in self}
        res = super().write(vals)
        self._check_released_days_kept(before)
        if vals.keys() - {"release_error", "release_error_month"}:
            # who changes an agreement may have mended what was wrong
            self._requeue()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_opened(self):
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s has been opened; close it instead of "
                    "deleting it.",
                    agreement=agreement.name,
                )
                for agreement in self
                if agreement.state not in ("draft", "cancelled")
            ]
        )

    def _check_terms_editable(self):
        """Refuse changes of what is billed once the agreement is over.

        :raise UserError: naming every agreement that is closed or cancelled
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s is in state “%(state)s”: what is billed "
                    "cannot be changed. Open it again first.",
                    agreement=agreement.name,
                    state=labels[agreement.state],
                )
                for agreement in self
                if agreement.state not in ("draft", "open")
            ]
        )

    def _check_settled(self, vals):
        """:raise UserError: naming agreements that are open and would get another
        company or currency"""
        names = vals.keys() & self._get_draft_fields()
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s has been opened: its company and currency "
                    "stay. Close it and make a copy with the other ones.",
                    agreement=agreement.name,
                )
                for agreement in self.filtered(lambda a: a.state != "draft")
                if changes_values(agreement, vals, names)
            ]
        )

    def _check_may_archive(self):
        """:raise UserError: naming open agreements, which nobody would see any more"""
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s is open: close it before archiving it.",
                    agreement=agreement.name,
                )
                for agreement in self
                if agreement.state == "open"
            ]
        )

    def copy_data(self, default=None):
        """A copy begins today, with the lines that have not ended."""
        vals_list = super().copy_data(default)
        today = fields.Date.context_today(self)
        for vals in vals_list:
            if "date_start" not in (default or {}):
                vals["date_start"] = today
            vals["line_ids"] = [
                command
                for command in vals.get("line_ids", [])
                if not command[2].get("date_to") or command[2]["date_to"] >= today
            ]
            for __, __, line_vals in vals["line_ids"]:
                line_vals.update(date_from=False, date_to=False)
        return vals_list

    def action_open(self):
        """The agreement runs, or runs again: its months are released.

        :raise UserError: every missing piece of every agreement, at once
        """
        self._check_state(("draft", "closed"))
        raise_together([error for a in self for error in a._get_term_errors()])
        self._change_state("open", ("draft", "closed"))
        return True

    def _get_term_errors(self):
        """What is missing before the agreement can be billed.

        :return: list of translated sentences, each naming the agreement
        """
        self.ensure_one()
        errors = []
        if not self.line_ids:
            errors.append(
                self.env._("%s: there are no lines to bill.", self.name),
            )
        for line in self.line_ids:
            errors += line._get_term_errors()
        return errors

    @expects(date=parse_day)
    def action_close(self, date=None):
        """The agreement ends: it is released until this day and no further.

        :param date: its last day; without it the dialog that asks for it is returned
        :raise UserError: naming releases of months after that day
        """
        self._check_state(("open",))
        if not date:
            return self._ask_last_day()
        self._check_last_day(date)
        refuse_without_group(self.env, BILLING)
        self.write({"date_end": date})
        self._change_state("closed", ("open",))
        return True

    def _check_last_day(self, date):
        """:raise UserError: naming agreements that begin after this day"""
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s begins on %(start)s: it cannot end on "
                    "%(date)s.",
                    agreement=agreement.name,
                    start=format_date(self.env, agreement.date_start),
                    date=format_date(self.env, date),
                )
                for agreement in self
                if date < agreement.date_start
            ]
        )

    def _ask_last_day(self):
        """Dialog that asks for the last day."""
        wizard = self.env["service.agreement.close.wizard"].create(
            {"agreement_ids": self.ids}
        )
        return wizard._get_dialog_action(self.env._("Close Agreement"))

    @expects(reason=parse_text)
    def action_cancel(self, reason=None):
        """Cancel agreements that have not been released; they stay for the record.

        :param str reason: without it the dialog that asks for it is returned
        """
        self._check_state(("draft", "open"))
        self._check_never_billed()
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_cancel", self.env._("Cancel Agreement")
            )
        self._change_state("cancelled", ("draft", "open"), reason)
        return True

    def action_draft(self):
        """Take cancelled agreements up again."""
        self._change_state("draft", ("cancelled",))
        return True

    def _change_state(self, state, from_states, reason=None):
        """Change the state of agreements, with the reason in the chatter."""
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._check_state(from_states)
        self.sudo().write({"state": state})
        if reason:
            self._message_log_batch(bodies=dict.fromkeys(self.ids, reason))
