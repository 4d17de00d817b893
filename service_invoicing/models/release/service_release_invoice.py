from odoo import Command, api, fields, models
from odoo.tools import format_date

from ...tools.actions import open_records
from ...tools.guards import raise_together
from ...tools.locks import claim_rows
from ...tools.split import group_by_fields
from ...tools.states import UNBILLED_STATES


class ServiceRelease(models.Model):
    """Invoices from one or several releases of one payer."""

    _inherit = "service.release"

    # what groups releases and is kept nowhere
    payer_fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        string="Fiscal Position of the Payer",
        compute="_compute_payer_fiscal_position_id",
        exportable=False,
        help="The one the payer has now.",
    )
    single_id = fields.Many2one(
        "service.release",
        string="Invoiced by Itself",
        compute="_compute_single_id",
        exportable=False,
        help="The release itself, where nothing else can be on its invoice.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_payer_fiscal_position_id(self):
        # found once per payer: each search costs a query
        for releases in group_by_fields(self, ["partner_id", "company_id"]).values():
            position = releases[0]._get_payer_fiscal_position()
            releases.payer_fiscal_position_id = position

    @api.depends("work_order_id", "has_tcd", "is_supplement")
    def _compute_single_id(self):
        """A release by itself has charges and discounts of its order, or bills a moved
        or credited share."""
        for release in self:
            alone = release.has_tcd or release.is_supplement
            release.single_id = release if release.work_order_id and alone else False

    def _get_list_action(self):
        """Action that opens these releases, one of them as a form."""
        return open_records(self, "service_invoicing.service_release_action")

    def action_create_invoice(self):
        """Invoice confirmed releases: one invoice for all that belong together.

        A payer whose invoice fails stops no other, and nothing of his is kept.

        :return: action that opens the invoices made, after telling what failed
        :raise UserError: naming the releases that are not confirmed, or when no
            invoice could be made
        """
        self._check_action(("confirmed",))
        life_cycle = self.env["service.life.cycle"]
        if run := life_cycle._bill_in_background("releases", self):
            return run
        groups = self._group_for_invoices()
        return life_cycle._bill_each(groups, self._create_invoices)

    def _group_for_invoices(self):
        """Releases that belong on one invoice each, in the order of their dates.

        :return: list of recordsets
        """
        releases = self.sorted(lambda release: (release.date, release.id))
        names = self._get_invoice_grouping_keys()
        return list(group_by_fields(releases, names).values())

    @api.model
    def _get_invoice_grouping_keys(self):
        """Fields in which all releases of one invoice are the same.

        A moved share and the charges and discounts of a work order concern that order
        alone, which then gets an invoice of its own.

        :return: list of field names
        """
        return [
            "invoice_type",
            "partner_id",
            "company_id",
            "currency_id",
            "payer_fiscal_position_id",
            "payment_term_id",
            "single_id",
        ]

    def _create_invoice(self):
        """Create and save the invoice of releases that share an invoice.

        :return: ``account.move``, numbered and fresh
        :raise UserError: when somebody else has billed one of them meanwhile
        """
        return self._create_invoices([self])

    def _create_invoices(self, groups):
        """Create and save invoices, as many as possible together.

        :param list groups: releases that share an invoice each
        :return: ``account.move``, numbered and fresh
        :raise UserError: when somebody else has billed one of them meanwhile
        """
        releases = self.browse().union(*groups)
        releases._lock_for_billing()
        releases._check_state(UNBILLED_STATES)
        shares = releases._get_order_shares()
        raise_together(releases._get_void_errors(shares))
        orders = self.env["service.work.order"]
        moves = self.env["account.move"]
        for batch in self._split_for_creation(groups):
            # of a second batch: what the first has left
            shares = releases._get_order_shares() if moves else shares
            vals_list = [group._prepare_saved_invoice_vals(shares) for group in batch]
            moves |= orders._create_saved_invoices(vals_list, batch)
        return moves

    def _get_order_shares(self):
        """``{work order: its open shares}``; of many releases asked for once."""
        return {order: order._get_open_shares() for order in self.work_order_id.sudo()}

    def _split_for_creation(self, groups):
        """Groups whose invoices can be made together: all of one company, and to each
        payer of a work order one at a time, since what he prepaid waits for the last.

        :return: list of lists
        """
        batches, following = {}, {}
        for group in groups:
            keys = [(order, group.partner_id) for order in group.work_order_id]
            number = max((following.get(key, 0) for key in keys), default=0)
            following |= dict.fromkeys(keys, number + 1)
            batches.setdefault((group.company_id, number), []).append(group)
        return list(batches.values())

    def _prepare_saved_invoice_vals(self, shares):
        """Values of the invoice of these releases, and whether it is adjusted.

        :param dict shares: see ``_get_order_shares``
        """
        vals = self._in_language_of_payer()._prepare_invoice_vals()
        if self._leaves_share_open(shares):
            vals["service_auto_adjust"] = False
        return vals

    def _leaves_share_open(self, shares):
        """Whether a later invoice bills the rest of each of these work orders to the
        same payer: what he prepaid waits for that one, unless a clerk says otherwise.

        :param dict shares: see ``_get_order_shares``
        """
        orders = self.work_order_id.sudo()
        if not orders or not all(release.work_order_id for release in self):
            return False
        payer = self[0]._get_payer()
        return all(
            any(
                share.payer == payer
                and share.release not in self
                and not share.release.is_supplement
                for share in shares[order]
            )
            for order in orders
        )

    def _get_void_errors(self, shares):
        """Releases of more than their payers bear by now.

        :param dict shares: see ``_get_order_shares``
        :return: list of translated sentences
        """
        waiting = self.browse().union(
            *(share.release for own in shares.values() for share in own)
        )
        return [
            self.env._(
                "Release %(release)s bills more of %(order)s than %(payer)s bears by "
                "now. Cancel the release and release the order again.",
                release=release.name,
                order=release.work_order_id.name,
                payer=release.partner_id.display_name,
            )
            for release in self.filtered("work_order_id") - waiting
        ]

    def _has_work_to_bill(self):
        """Whether lines of the invoice come with this release and amount to something.

        Charges and discounts do not count: the invoice makes their lines anew.
        """
        self.ensure_one()
        work = self.line_ids.filtered(lambda line: not line.tcd_id)
        amounts = (sum(work.mapped("price_subtotal")), self.amount_untaxed)
        return not any(self.currency_id.is_zero(amount) for amount in amounts)

    def _lock_for_billing(self):
        """Let nobody else bill these releases and their orders before this transaction
        ends.

        :raise UserError: naming the releases somebody else is billing now
        """
        if not self:
            return
        self.work_order_id._lock_for_billing()
        locked = self.try_lock_for_update()
        raise_together(
            [
                self.env._(
                    "Release %s is being billed by somebody else right now. Look at it "
                    "again in a moment.",
                    release.name,
                )
                for release in self - locked
            ]
        )
        claim_rows(self)

    def _in_language_of_payer(self):
        """These releases of one payer in their company, speaking his language."""
        lang = self.partner_id.lang or self.env.lang
        return self.with_company(self.company_id).with_context(lang=lang)

    def _prepare_invoice_vals(self):
        """Values of the invoice of releases that share an invoice.

        One order has an invoice of its own; several, and months, stand below sections.
        """
        orders = self.filtered("work_order_id")
        if not orders:
            return self._prepare_monthly_vals()
        if len(self) == 1:
            return orders.work_order_id._prepare_invoice_vals(orders._get_open_share())
        vals = orders._prepare_collective_vals()
        if monthly := self - orders:
            vals |= monthly._prepare_joint_vals(vals)
        return vals

    def _prepare_collective_vals(self):
        """Values of the invoice of several orders of one payer."""
        # one document, but every order is borne by itself
        releases = self.with_context(service_joint_invoice=len(self) > 1)
        vals_list = [
            release.work_order_id._prepare_invoice_vals(release._get_open_share())
            for release in releases
        ]
        references = {vals["ref"] for vals in vals_list}
        lines = [
            line
            for release, vals in zip(self, vals_list, strict=True)
            for line in release.work_order_id._prepare_collective_lines(
                vals["invoice_line_ids"]
            )
        ]
        orders = self.work_order_id
        return vals_list[0] | {
            "work_order_ids": [Command.set(orders.ids)],
            "invoice_origin": ", ".join(orders.mapped("name")),
            "invoice_user_id": self.env.uid,
            "ref": references.pop() if len(references) == 1 else False,
            "invoice_line_ids": [
                Command.create(line | {"sequence": sequence})
                for sequence, line in enumerate(lines)
            ],
        }

    def _prepare_monthly_vals(self):
        """Values of the invoice of monthly releases that share an invoice."""
        first = self[0]
        references = set(self.mapped("customer_reference"))
        return {
            "move_type": "out_invoice",
            "service_invoice_type": first.invoice_type,
            "company_id": first.company_id.id,
            "journal_id": first.company_id._get_service_sales_journal().id,
            "partner_id": first.partner_id.id,
            "currency_id": first.currency_id.id,
            "fiscal_position_id": first._get_payer_fiscal_position().id,
            "invoice_payment_term_id": first.payment_term_id.id,
            "invoice_origin": ", ".join(self.mapped("name")),
            "invoice_user_id": self.env.uid,
            "ref": references.pop() if len(references) == 1 else False,
            "invoice_line_ids": self._prepare_invoice_line_commands(),
        }

    def _prepare_joint_vals(self, vals):
        """What monthly releases change in the values of an invoice of work orders.

        :param dict vals: values of that invoice
        """
        lines = vals["invoice_line_ids"]
        return {
            "invoice_origin": ", ".join((vals["invoice_origin"], *self.mapped("name"))),
            "invoice_line_ids": [
                *lines,
                *self._prepare_invoice_line_commands(len(lines)),
            ],
        }

    def _prepare_invoice_line_commands(self, start=0):
        """Commands of the invoice's lines: a section per release, then its lines.

        :param int start: sequence of the first line
        :return: list of ``Command``
        """
        if not self:
            return []
        lines = []
        # all of one payer and company, as they are on one invoice
        fiscal_position = self[:1]._get_payer_fiscal_position()
        for release in self:
            lines.append(release._prepare_invoice_section_vals())
            lines += [
                line._prepare_invoice_line_vals(fiscal_position)
                for line in release.line_ids
            ]
        return [
            Command.create(vals | {"sequence": sequence})
            for sequence, vals in enumerate(lines, start)
        ]

    def _prepare_invoice_section_vals(self):
        """Section above the lines of one monthly release."""
        self.ensure_one()
        return {
            "display_type": "line_section",
            "name": self._describe_on_invoice(),
            "service_release_id": self.id,
        }

    def _describe_on_invoice(self):
        """What the payer knows the release by: its number and period."""
        self.ensure_one()
        dates = [
            format_date(self.env, date)
            for date in (self.period_from, self.period_to)
            if date
        ]
        return ": ".join(filter(None, (self.name, " – ".join(dates))))

    # Releases are added to an invoice and taken off it before it is authorized.

    def _prepare_added_order_lines(self, fiscal_position):
        """Values of the lines that the release of an order adds to an invoice.

        :param fiscal_position: that of the invoice
        """
        self.ensure_one()
        order = self._in_language_of_payer().work_order_id
        return order._prepare_collective_lines(
            order._prepare_invoice_line_commands(
                self._get_open_share(), fiscal_position
            )
        )

    def action_remove_from_invoice(self):
        """Take releases off their invoices, which are not authorized yet; they can be
        invoiced anew.

        :raise UserError: naming the invoices of which nothing would be left
        """
        self._check_action(("invoiced",))
        self._lock_for_billing()
        self._check_state(("invoiced",))
        Change = self.env["service.release.change"]
        for move, releases in self.grouped("move_id").items():
            Change._check(move)
            Change._remove(move, releases)
        return True
