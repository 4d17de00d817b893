from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_invoicing.tools.actions import open_list
from odoo.addons.service_invoicing.tools.guards import get_context_defaults
from odoo.addons.service_invoicing.tools.month import month_end

from ...tools.choices import NEGATIVE_GROUPS
from ...tools.groups import MANAGER, REINVOICE

# days of the next run further from today are slips
LARGEST_YEARS = 10


class MaintenanceReinvoiceSchedule(models.Model):
    """A mass re-invoicing run that comes by itself, once a month."""

    _name = "maintenance.reinvoice.schedule"
    _description = "Mass Re-invoicing Schedule"
    _inherit = ["mail.thread", "mail.activity.mixin", "maintenance.run.filter"]
    _order = "next_date, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        help="The runs are made in this user's name and with his rights; he gets a "
        "to-do when one fails.",
    )
    vendor_ids = fields.Many2many(relation="maintenance_schedule_vendor_rel")
    until_rule = fields.Selection(
        [("none", "Of any day"), ("posting", "Until the posting date")],
        string="Permissions Until",
        default="none",
        required=True,
        help="Which permissions the runs look at, by their day.",
    )
    timing = fields.Selection(
        [("last", "Last day of the month"), ("day", "Day of the month")],
        default="last",
        required=True,
        help="When the run is made.",
    )
    day_of_month = fields.Integer(
        default=1, help="From 1 to 31; a shorter month uses its last day."
    )
    posting_rule = fields.Selection(
        [
            ("day", "The scheduled day"),
            ("month_end", "End of the scheduled day's month"),
            ("previous_month_end", "End of the month before"),
        ],
        string="Posting Date",
        default="day",
        required=True,
    )
    vat_rule = fields.Selection(
        [("none", "As the localisation sets it"), ("posting", "The posting date")],
        string="VAT Date",
        default="none",
        required=True,
    )
    negative_groups = fields.Selection(
        NEGATIVE_GROUPS,
        string="Groups That Net Negative",
        help="What the runs do with them. Empty: as the company has chosen by then.",
    )
    operation = fields.Selection(
        [
            ("check", "Check report only"),
            ("execute", "Execute"),
            ("execute_print", "Execute and print"),
        ],
        default="check",
        required=True,
        tracking=True,
        help="What the scheduled run does.",
    )
    next_date = fields.Date(
        string="Next Run",
        compute="_compute_next_date",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        index=True,
        help="If the server was down on the day, the run is made once as soon as it is "
        "up again.",
    )
    run_ids = fields.One2many(
        "maintenance.reinvoice.run", "schedule_id", string="Runs", readonly=True
    )
    last_run_id = fields.Many2one(
        "maintenance.reinvoice.run", compute="_compute_last_run_id"
    )
    run_count = fields.Integer(compute="_compute_last_run_id")

    _day_valid = models.Constraint(
        "CHECK(day_of_month BETWEEN 1 AND 31)", "The day must be from 1 to 31."
    )

    @api.depends("timing", "day_of_month")
    def _compute_next_date(self):
        for schedule in self:
            company = schedule.company_id or self.env.company
            schedule.next_date = schedule._get_date_from(company._get_local_today())

    @api.depends("run_ids")
    def _compute_last_run_id(self):
        groups = self.env["maintenance.reinvoice.run"]._read_group(
            [("schedule_id", "in", self.ids)], ["schedule_id"], ["id:max", "__count"]
        )
        found = {schedule: values for schedule, *values in groups}
        for schedule in self:
            last_id, count = found.get(schedule, (False, 0))
            schedule.last_run_id = last_id
            schedule.run_count = count

    @api.constrains("filter_domain")
    def _check_filter_domain(self):
        runs = self.env["maintenance.reinvoice.run"]
        for schedule in self:
            run = runs.new(
                {"name": schedule.name, "filter_domain": schedule.filter_domain}
            )
            try:
                run._get_permission_domain()
            except UserError as error:
                raise ValidationError(str(error)) from error

    @api.constrains("next_date")
    def _check_next_date(self):
        today = fields.Date.context_today(self)
        span = relativedelta(years=LARGEST_YEARS)
        for schedule in self:
            if not today - span <= schedule.next_date <= today + span:
                raise ValidationError(
                    self.env._(
                        "Schedule %(schedule)s: %(date)s cannot be the day of the next "
                        "run. Choose a day within %(years)s years of today.",
                        schedule=schedule.name,
                        date=fields.Date.to_string(schedule.next_date),
                        years=LARGEST_YEARS,
                    )
                )

    @api.constrains("user_id", "company_id", "active")
    def _check_user_id(self):
        for schedule in self.filtered("active"):
            if not schedule._is_user_fit():
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot be responsible for schedule %(schedule)s: "
                        "he may not run re-invoicing in company %(company)s.",
                        user=schedule.user_id.name,
                        schedule=schedule.name,
                        company=schedule.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        defaults = get_context_defaults(self.env)
        for vals in vals_list:
            self._check_own(defaults | vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_own(vals)
        return super().write(vals)

    @api.model
    def _is_manager(self):
        return self.env.su or self.env.user.has_group(MANAGER)

    def _check_own(self, vals):
        """Runs have the rights of the responsible user: only a manager lets them run
        in somebody else's name."""
        if self._is_manager():
            return
        users = self.user_id
        if vals.get("user_id"):
            users |= users.browse(vals["user_id"])
        if users - self.env.user:
            raise AccessError(
                self.env._("Only a manager may change schedules of another user.")
            )

    def _is_user_fit(self):
        self.ensure_one()
        user = self.user_id.sudo()
        return (user.active and self.company_id in user.company_ids) and user.has_group(
            REINVOICE
        )

    # -- dates ------------------------------------------------------------------

    def _get_date_from(self, date):
        """The first scheduled day that is not before ``date``."""
        self.ensure_one()
        scheduled = self._get_date_of_month(date)
        if scheduled >= date:
            return scheduled
        return self._get_date_of_month(date + relativedelta(months=1, day=1))

    def _get_date_of_month(self, date):
        self.ensure_one()
        if self.timing == "last":
            return month_end(date)
        # relativedelta ends in a short month with its last day
        return date + relativedelta(day=min(max(self.day_of_month, 1), 31))

    def _get_due_date(self, today):
        """The latest scheduled day until ``today``: those missed before it are made
        up by the same run."""
        self.ensure_one()
        due, later = self.next_date, self._get_following_date(self.next_date)
        while later <= today:
            due, later = later, self._get_following_date(later)
        return due

    def _get_following_date(self, date):
        return self._get_date_from(date + relativedelta(days=1))

    def _get_posting_date(self, date):
        """Posting date of the run of the scheduled day ``date``."""
        self.ensure_one()
        if self.posting_rule == "month_end":
            return month_end(date)
        if self.posting_rule == "previous_month_end":
            return month_end(date + relativedelta(months=-1, day=1))
        return date

    def action_view_runs(self):
        """The runs made by the schedule."""
        return open_list(self.run_ids, self.env._("Runs"))
