from odoo import Command, api, fields, models

from ...tools.arguments import expects, parse_text
from ...tools.groups import AUTHORIZER
from ...tools.guards import raise_together
from ...tools.states import UNBILLED_STATES


class ServiceRelease(models.Model):
    """What becomes of a release when its invoice is deleted or credited."""

    _inherit = "service.release"

    credit_move_id = fields.Many2one(
        "account.move",
        string="Credit Memo",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="Took back what this release bills again.",
    )

    can_remove = fields.Boolean(
        compute="_compute_can_change",
        compute_sudo=True,
        help="The invoice of this release is not authorized.",
    )
    can_reprocess = fields.Boolean(
        compute="_compute_can_change",
        compute_sudo=True,
        help="Something of this release was credited and closed.",
    )

    @api.depends(
        "state",
        "move_id.state",
        "move_id.reversal_move_ids.state",
        "move_id.reversal_move_ids.service_credit_effect",
    )
    def _compute_can_change(self):
        for release in self:
            is_invoiced = release.state == "invoiced"
            release.can_remove = is_invoiced and release.move_id.state == "draft"
            release.can_reprocess = is_invoiced and release._get_closing_credits()

    def _cancel_unbilled(self, reason):
        """Cancel those of these releases that are on no invoice."""
        self.filtered(lambda release: release.state in UNBILLED_STATES)._cancel(reason)

    def _follow_invoice(self):
        """Bring the state in line with the invoice: deleted, credited, or live again
        because its credit memo was taken back."""
        for release in self:
            status = release.move_id.service_status
            if status == "deleted":
                release._take_off_invoice()
            elif status == "reversed" and not release._is_closed():
                release._mark_reprocessed()
            elif release.state == "reprocessed" and status != "reversed":
                release.state = "invoiced"

    def _is_closed(self):
        """Whether the wholly credited invoice is billed to nobody again."""
        self.ensure_one()
        Effect = self.env["service.credit.effect"]
        last = Effect._get_own_credits(self.move_id).filtered(
            lambda move: self in Effect._get_credited_releases(move)
        )[-1:]
        return last.service_credit_effect == "closed"

    def _mark_reprocessed(self):
        """The invoice is credited, and its releases are billed by others."""
        self.filtered(lambda release: release.state == "invoiced").state = "reprocessed"

    def _release_credited_lines(self, credit):
        """Fresh release of what a credit memo took back of this one.

        A credit memo that takes back all of the invoice makes a copy; one of a part
        makes a supplement.

        :param credit: authorized credit memo of the release's invoice
        """
        self.ensure_one()
        move = self.move_id
        own_credits = self.env["service.credit.effect"]._get_own_credits(move)
        is_all = move.service_status == "reversed" and own_credits == credit
        vals_list = self._prepare_credited_lines(credit, is_all)
        if vals_list:
            vals = self._prepare_copy_vals(credit, vals_list)
            vals["has_tcd"] = self.has_tcd and is_all
            self.sudo().create(vals)

    def _prepare_credited_lines(self, credit, is_all):
        """Values of the lines that bill again what a credit memo took back.

        :param bool is_all: it took back all of the invoice
        :return: list of dict
        """
        self.ensure_one()
        lines = self.move_id._get_billed_lines()
        vals_list = [
            line._prepare_released_again_vals(self, amount)
            for line, amount in lines._sum_credited(credit).items()
            if self._is_billed_by(line, is_all)
            and (is_all or not self.currency_id.is_zero(amount))
        ]
        rows = self.line_ids.filtered(lambda line: line._is_made_by_row())
        return vals_list + (rows.copy_data({"release_id": False}) if is_all else [])

    def _is_billed_by(self, line, is_all):
        """Whether an invoice line is of this release. Charges, discounts and what was
        typed on the invoice go with its first order, where a part is credited: an
        invoice of all has its own again.

        :param line: ``account.move.line`` of the release's invoice
        """
        if line.service_release_line_id or is_all:
            return line.service_release_line_id in self.line_ids
        return (
            not line.service_prepayment_id
            and not line._bills_month()
            and self == self.move_id.service_order_release_ids.sorted("id")[:1]
        )

    def _prepare_copy_vals(self, credit, line_vals_list):
        """Values of the release that bills lines of this one again.

        :param credit: the credit memo that took them back
        :param list line_vals_list: values of its lines
        """
        self.ensure_one()
        vals = self.copy_data({"line_ids": False})[0]
        return vals | {
            "origin_id": self.id,
            "credit_move_id": credit.id,
            "reason": credit.service_credit_reason,
            "is_moved": self.is_moved,
            "is_supplement": self.is_supplement or self.state != "reprocessed",
            "line_ids": [Command.create(vals) for vals in line_vals_list],
        }

    @expects(reason=parse_text)
    def action_reprocess(self, reason=None):
        """Bill again what was credited and closed.

        :param str reason: without it the dialog that asks for it is returned
        :return: action that opens the fresh releases
        :raise UserError: naming the releases of which nothing was closed, or that
            were closed together with others
        """
        self._check_action(("invoiced",), AUTHORIZER)
        self._lock_for_billing()
        self._check_state(("invoiced",))
        raise_together(self._get_reprocess_errors())
        if not reason:
            return self._ask_reason("action_reprocess", self.env._("Bill Again"))
        credits = self._get_closing_credits()
        known = self.copy_ids
        credits.service_credit_effect = "free"
        credits.reversed_entry_id._update_releases()
        body = self.env._("To be billed again: %s", reason)
        for documents in (self, credits, self.work_order_id):
            documents._message_log_batch(bodies=dict.fromkeys(documents.ids, body))
        return (self.copy_ids - known)._get_list_action()

    def _get_closing_credits(self):
        """Credit memos by which something of these releases was closed."""
        Effect = self.env["service.credit.effect"]
        releases = self.sudo()
        return releases.move_id.reversal_move_ids.filtered(
            lambda move: move.state == "posted"
            and move.service_credit_effect == "closed"
            and Effect._get_credited_releases(move) & releases
        )

    def _get_reprocess_errors(self):
        """Why these releases are not billed again.

        :return: list of translated sentences
        """
        Effect = self.env["service.credit.effect"]
        errors = []
        for release in self:
            credits = release._get_closing_credits()
            others = Effect._get_credited_releases(credits) - self.sudo()
            if not credits:
                errors.append(
                    self.env._(
                        "Release %s: nothing of it was credited and closed. Credit its "
                        "invoice first.",
                        release.name,
                    )
                )
            elif others:
                errors.append(
                    self.env._(
                        "Release %(release)s was closed by %(credits)s together with "
                        "%(others)s. Choose all of them.",
                        release=release.name,
                        credits=", ".join(credits.mapped("display_name")),
                        others=", ".join(others.mapped("name")),
                    )
                )
        return errors
